//! The life of quotes: drafted, submitted, sent, accepted and become an order; declined, withdrawn, revised; and who may.

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World, money, quote};

on_both_engines! {
    a_quote_becomes_an_order_at_its_price,
    a_quote_takes_stock_when_it_is_accepted,
    a_quote_is_revised,
    actions_are_allowed_where_they_succeed,
    the_same_move_again_does_nothing,
    partners_answer_their_own_quotes,
    customers_with_quotes_stay,
}

pub(crate) fn submit(quote_id: &str) -> pb::SubmitQuoteRequest {
    pb::SubmitQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) fn send(quote_id: &str) -> pb::SendQuoteRequest {
    pb::SendQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) fn accept(quote_id: &str) -> pb::AcceptQuoteRequest {
    pb::AcceptQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) fn decline(quote_id: &str) -> pb::DeclineQuoteRequest {
    pb::DeclineQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) fn revise(quote_id: &str) -> pb::ReviseQuoteRequest {
    pb::ReviseQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) fn withdraw(quote_id: &str) -> pb::WithdrawQuoteRequest {
    pb::WithdrawQuoteRequest { quote_id: quote_id.to_owned(), ..Default::default() }
}

pub(crate) async fn get(client: &Client, quote_id: &str) -> Answer {
    client.call(pb::GetQuoteRequest { quote_id: quote_id.to_owned() }).await.expect("the quote")
}

/// Renames the teapot and gives it another price.
async fn reprice(staff: &Client, product_id: &str, minor_units: i64) {
    let patch = pb::ProductPatch {
        name: Some(format!("Teapot of {minor_units}")),
        prices: vec![money("GBP", minor_units)],
        ..Default::default()
    };
    let request =
        pb::UpdateProductRequest { product_id: product_id.to_owned(), product: Some(patch), ..Default::default() };
    staff.call(request).await.expect("another price");
}

async fn events(world: &World, id: &str) -> Vec<String> {
    let of = pb::ListEventsRequest { resource_id: id.to_owned(), order_by: "create_time".into(), ..Default::default() };
    let found = world.client(Wire::Grpc).call(of).await.expect("events");
    let types = found.json["events"].as_array().expect("events").iter().map(|event| event["type"].clone());
    types.map(|name| name.as_str().expect("a type").to_owned()).collect()
}

async fn a_quote_becomes_an_order_at_its_price(engine: Engine) {
    let world = World::new(engine).await;
    for (place, wire) in Wire::ALL.into_iter().enumerate() {
        let (staff, partner) = (world.client(wire), world.key(pb::Role::Partner, &world.customer).await);
        let asked = pb::CreateQuoteRequest {
            discount: Some(pb::Discount { percent_bps: Some(1000), ..Default::default() }),
            note: "as we said on the phone".into(),
            reference: format!("Q-{place}"),
            metadata: [("deal".to_owned(), "7".to_owned())].into(),
            ..quote(&world.customer, &[(TEAPOT, 2), (SPOON, 3)])
        };
        let mut items = asked.items.clone();
        items[1].unit_price = Some(money("GBP", 300));
        let drafted = staff.call(pb::CreateQuoteRequest { items, ..asked }).await.expect("a quote");
        let id = drafted.id();
        assert_eq!((drafted.text("/status"), drafted.json["version"].clone()), ("DRAFT".into(), json!(1)));
        let product = drafted.text("/items/0/product_id");
        reprice(&staff, &product, 9_900).await;
        let submitted = staff.call(submit(&id)).await.expect("submitted");
        assert_eq!(submitted.text("/status"), "APPROVED", "without a policy");
        assert_eq!(submitted.text("/submit_time"), submitted.text("/approve_time"));
        let sent = staff.call(send(&id)).await.expect("sent");
        assert_eq!((sent.text("/status"), sent.text("/etag")), ("SENT".into(), "v3".into()));
        let accepted = world.client(wire).with_key(&partner).call(accept(&id)).await.expect("accepted");
        assert_eq!((accepted.text("/status"), accepted.text("/etag")), ("ACCEPTED".into(), "v4".into()));
        let order_id = accepted.text("/order_id");
        let order = staff.call(pb::GetOrderRequest { order_id: order_id.clone() }).await.expect("the order");
        assert_eq!((order.text("/status"), order.text("/quote_id")), ("PLACED".into(), id.clone()));
        for field in ["customer_id", "subtotal", "discount_total", "tax_total", "total", "discount", "note", "metadata"]
        {
            assert_eq!(order.json[field], drafted.json[field], "{field}");
        }
        assert_eq!(order.json["amount_due"], drafted.json["total"]);
        // 2 × 12.50 + 3 × 3.00, less 10 %, at 20 % and 5 %.
        assert_eq!(
            (order.text("/subtotal/minor_units"), order.text("/total/minor_units")),
            ("3400".into(), "3551".into())
        );
        for (line, quoted) in order.json["items"].as_array().expect("lines").iter().zip(lines(&drafted)) {
            for field in ["product_id", "sku", "name", "quantity", "unit_price", "discount", "tax", "total"] {
                assert_eq!(line[field], quoted[field], "{field}");
            }
        }
        assert_eq!(get(&staff, &id).await.json["order_id"], json!(order_id));
        let told = events(&world, &id).await;
        assert_eq!(told, ["quote.created", "quote.approved", "quote.sent", "quote.accepted"]);
        assert_eq!(events(&world, &order_id).await, ["order.placed"]);
        reprice(&staff, &product, 1250).await;
        let name = pb::ProductPatch { name: Some("The TEAPOT".into()), ..Default::default() };
        let back = pb::UpdateProductRequest { product_id: product, product: Some(name), ..Default::default() };
        staff.call(back).await.expect("the old name");
    }
}

fn lines(quote: &Answer) -> Vec<Value> {
    quote.json["items"].as_array().expect("lines").clone()
}

async fn a_quote_takes_stock_when_it_is_accepted(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Rest);
    let kettle = pb::CreateProductRequest { track_inventory: true, ..world::product("KETTLE", &[("GBP", 2000)], 0) };
    let product_id = staff.call(kettle).await.expect("a product").id();
    let id = world::sent_quote(&staff, quote(&world.customer, &[("KETTLE", 1)])).await;
    let refusal = staff.call(accept(&id)).await.expect_err("there is none").refusal();
    assert_eq!((refusal.code.as_str(), &refusal.metadata["sku"]), ("insufficient_stock", &json!("KETTLE")));
    assert_eq!(get(&staff, &id).await.text("/status"), "SENT", "nothing has happened");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 0);
    // An archived product is still what was quoted.
    staff.call(pb::ArchiveProductRequest { product_id, ..Default::default() }).await.expect("archived");
    assert_eq!(staff.call(accept(&id)).await.expect_err("still none").refusal().code, "insufficient_stock");
    let teapots = world::sent_quote(&staff, quote(&world.customer, &[(TEAPOT, 1)])).await;
    let teapot = get(&staff, &teapots).await.text("/items/0/product_id");
    staff.call(pb::ArchiveProductRequest { product_id: teapot, ..Default::default() }).await.expect("archived");
    assert_eq!(staff.call(accept(&teapots)).await.expect("accepted").text("/status"), "ACCEPTED");
}

async fn a_quote_is_revised(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let reference = format!("Q-{wire:?}");
        let asked = pb::CreateQuoteRequest { reference, ..quote(&world.customer, &[(TEAPOT, 2)]) };
        let first = world::sent_quote(&staff, asked).await;
        let product = get(&staff, &first).await.text("/items/0/product_id");
        reprice(&staff, &product, 5_000).await;
        let second = staff.call(revise(&first)).await.expect("revised");
        if wire == Wire::Rest {
            assert_eq!(
                (second.status, second.header("location")),
                (201, format!("/v1/quotes/{}", second.id()).as_str())
            );
        }
        assert_ne!(second.id(), first);
        assert_eq!((second.text("/status"), second.text("/revises_quote_id")), ("DRAFT".into(), first.clone()));
        assert_eq!((second.json["version"].clone(), second.text("/etag")), (json!(2), "v1".into()));
        let old = get(&staff, &first).await;
        assert_eq!((old.text("/status"), old.json["allowed_actions"].clone()), ("SUPERSEDED".into(), json!([])));
        for field in ["total", "subtotal", "reference", "valid_until", "customer_id"] {
            assert_eq!(second.json[field], old.json[field], "{field}");
        }
        // A kept line keeps its price, and a new one gets that of the catalog.
        let mut more = quote(&world.customer, &[(TEAPOT, 3), (TEAPOT, 1)]);
        more.items[1].discount = Some(pb::Discount { percent_bps: Some(5000), ..Default::default() });
        let patch = pb::QuotePatch { items: more.items, ..Default::default() };
        let edit = pb::UpdateQuoteRequest { quote_id: second.id(), quote: Some(patch), ..Default::default() };
        let edited = staff.call(edit.clone()).await.expect("edited");
        let prices = lines(&edited).iter().map(|line| line["unit_price"]["minor_units"].clone()).collect::<Vec<_>>();
        assert_eq!(prices, [json!("1250"), json!("5000")]);
        assert_eq!(lines(&edited)[0]["id"], second.json["items"][0]["id"]);
        let refusal = staff.call(pb::UpdateQuoteRequest { quote_id: first.clone(), ..edit }).await;
        assert_eq!(refusal.expect_err("immutable").refusal().code, "illegal_transition");
        for refused in [staff.call(revise(&first)).await, staff.call(revise(&second.id())).await] {
            assert_eq!(refused.expect_err("superseded, or a draft").refusal().code, "illegal_transition");
        }
        staff.call(submit(&second.id())).await.expect("submitted");
        staff.call(send(&second.id())).await.expect("sent");
        assert_eq!(staff.call(accept(&first)).await.expect_err("superseded").refusal().code, "illegal_transition");
        let accepted = staff.call(accept(&second.id())).await.expect("accepted");
        assert_eq!(accepted.json["total"], edited.json["total"]);
        assert_eq!(events(&world, &first).await.last().map(String::as_str), Some("quote.revised"));
        reprice(&staff, &product, 1250).await;
    }
}

/// A quote in every state that no approver and no clock makes, by name.
async fn in_every_state(world: &World, staff: &Client) -> Vec<(&'static str, String)> {
    let content = || quote(&world.customer, &[(TEAPOT, 1)]);
    let mut found = vec![("DRAFT", staff.call(content()).await.expect("a quote").id())];
    found.push(("APPROVED", world::approved_quote(staff, content()).await));
    for state in ["SENT", "ACCEPTED", "DECLINED", "WITHDRAWN", "SUPERSEDED"] {
        let id = world::sent_quote(staff, content()).await;
        match state {
            "ACCEPTED" => drop(staff.call(accept(&id)).await.expect(state)),
            "DECLINED" => drop(staff.call(decline(&id)).await.expect(state)),
            "WITHDRAWN" => drop(staff.call(withdraw(&id)).await.expect(state)),
            "SUPERSEDED" => drop(staff.call(revise(&id)).await.expect(state)),
            _ => {}
        }
        found.push((state, id));
    }
    found
}

/// Whether checking each action alone says that it could be done, and what it says otherwise.
async fn checked(client: &Client, id: &str) -> Vec<(&'static str, Result<(), String>)> {
    let note = pb::QuotePatch { note: Some("another".into()), ..Default::default() };
    let update = pb::UpdateQuoteRequest { quote_id: id.to_owned(), quote: Some(note), ..Default::default() };
    let outcomes = [
        ("submit", client.call(pb::SubmitQuoteRequest { validate_only: true, ..submit(id) }).await),
        ("send", client.call(pb::SendQuoteRequest { validate_only: true, ..send(id) }).await),
        ("accept", client.call(pb::AcceptQuoteRequest { validate_only: true, ..accept(id) }).await),
        ("decline", client.call(pb::DeclineQuoteRequest { validate_only: true, ..decline(id) }).await),
        ("revise", client.call(pb::ReviseQuoteRequest { validate_only: true, ..revise(id) }).await),
        ("withdraw", client.call(pb::WithdrawQuoteRequest { validate_only: true, ..withdraw(id) }).await),
        ("update", client.call(pb::UpdateQuoteRequest { validate_only: true, ..update }).await),
    ];
    let told =
        outcomes.into_iter().map(|(name, outcome)| (name, outcome.map(drop).map_err(|failed| failed.refusal().code)));
    told.collect()
}

async fn actions_are_allowed_where_they_succeed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let partner = staff.with_key(&world.key(pb::Role::Partner, &world.customer).await);
        let viewer = staff.with_key(&world.key(pb::Role::Viewer, "").await);
        for (state, id) in in_every_state(&world, &staff).await {
            for client in [&staff, &partner, &viewer] {
                let shown = get(client, &id).await;
                assert_eq!(shown.text("/status"), state);
                let allowed: Vec<_> = shown.json["allowed_actions"].as_array().expect("actions").clone();
                for (action, outcome) in checked(client, &id).await {
                    let is_done = matches!(
                        (state, action),
                        ("APPROVED", "submit")
                            | ("SENT", "send")
                            | ("ACCEPTED", "accept")
                            | ("DECLINED", "decline")
                            | ("WITHDRAWN", "withdraw")
                    );
                    let is_allowed = allowed.contains(&json!(action));
                    match outcome {
                        Ok(()) => assert!(is_allowed || is_done, "{action} in {state} succeeds"),
                        Err(code) => {
                            assert!(!is_allowed, "{action} in {state}: {code}");
                            assert!(["illegal_transition", "permission_denied"].contains(&code.as_str()), "{code}");
                        }
                    }
                }
            }
        }
    }
}

async fn the_same_move_again_does_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let id = staff.call(quote(&world.customer, &[(TEAPOT, 1)])).await.expect("a quote").id();
        for times in 1..=2 {
            assert_eq!(staff.call(submit(&id)).await.expect("submitted").text("/etag"), "v2", "{times}");
        }
        for times in 1..=2 {
            assert_eq!(staff.call(send(&id)).await.expect("sent").text("/etag"), "v3", "{times}");
        }
        let refusal = staff.call(submit(&id)).await.expect_err("it is sent").refusal();
        assert_eq!(refusal.metadata["from"], json!("SENT"));
        assert_eq!(refusal.metadata["action"], json!("submit"));
        let first = staff.call(accept(&id)).await.expect("accepted");
        let again = staff.call(accept(&id)).await.expect("accepted already");
        assert_eq!(again.json, first.json, "the same order");
        let late = staff.call(withdraw(&id)).await.expect_err("it is an order").refusal();
        assert_eq!(late.code, "illegal_transition");
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 2);
}

async fn partners_answer_their_own_quotes(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let other = world::customer(&staff, "Grace").await;
        let [mine, theirs] = [&world.customer, &other].map(|customer| quote(customer, &[(TEAPOT, 1)]));
        let (mine, theirs) = (world::sent_quote(&staff, mine).await, world::sent_quote(&staff, theirs).await);
        let partner = staff.with_key(&world.key(pb::Role::Partner, &world.customer).await);
        assert_eq!(get(&partner, &mine).await.json["allowed_actions"], json!(["accept", "decline"]));
        let listed = partner.call(pb::ListQuotesRequest::default()).await.expect("a list").json["quotes"].clone();
        assert!(listed.as_array().expect("quotes").iter().all(|quote| quote["customer_id"] == json!(world.customer)));
        let foreign = [
            partner.call(pb::GetQuoteRequest { quote_id: theirs.clone() }).await,
            partner.call(accept(&theirs)).await,
            partner.call(decline(&theirs)).await,
        ];
        for refused in foreign {
            assert_eq!(refused.expect_err("not theirs").refusal().code, "quote_not_found");
        }
        assert_eq!(get(&staff, &theirs).await.text("/status"), "SENT");
        let denied = [partner.call(withdraw(&mine)).await, partner.call(quote(&world.customer, &[(TEAPOT, 1)])).await];
        for refused in denied {
            assert_eq!(refused.expect_err("staff only").refusal().code, "permission_denied");
        }
        let reason = "too dear".to_owned();
        let declined = partner.call(pb::DeclineQuoteRequest { reason, ..decline(&mine) }).await.expect("declined");
        assert_eq!(declined.text("/status"), "DECLINED");
        let audit = pb::ListAuditEventsRequest { resource_id: mine.clone(), page_size: 1, ..Default::default() };
        let audit = staff.call(audit).await.expect("the audit");
        assert_eq!(audit.text("/audit_events/0/reason"), "too dear");
    }
}

async fn customers_with_quotes_stay(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Rest);
    let drafted = staff.call(quote(&world.customer, &[(TEAPOT, 1)])).await.expect("a quote").id();
    let sent = world::sent_quote(&staff, quote(&world.customer, &[(TEAPOT, 1)])).await;
    let customer_id = world.customer.clone();
    let delete = pb::DeleteCustomerRequest { customer_id: customer_id.clone(), ..Default::default() };
    assert_eq!(staff.call(delete).await.expect_err("it has quotes").refusal().code, "customer_in_use");
    let reasoned = pb::WithdrawQuoteRequest { reason: "Ada said so".into(), ..withdraw(&drafted) };
    let kept = staff.call(quote(&world.customer, &[(TEAPOT, 1)])).await.expect("a quote").id();
    staff.call(reasoned).await.expect("withdrawn");
    staff.call(pb::EraseCustomerRequest { customer_id, ..Default::default() }).await.expect("erased");
    let outcomes = [
        staff.call(quote(&world.customer, &[(TEAPOT, 1)])).await,
        staff.call(submit(&kept)).await,
        staff.call(accept(&sent)).await,
        staff.call(revise(&sent)).await,
    ];
    for refused in outcomes {
        assert_eq!(refused.expect_err("erased").refusal().code, "customer_erased");
    }
    assert_eq!(staff.call(withdraw(&sent)).await.expect("withdrawn").text("/status"), "WITHDRAWN");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM audit_events WHERE reason = 'Ada said so'").await, 0);
}
