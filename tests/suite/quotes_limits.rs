//! The limits of quotes: their time, their references, who may choose prices, and who comes first in a race.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tradepost::contract::pb;

use crate::quotes::{accept, decline, get, revise, send, submit, withdraw};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World, after, money, quote};

on_both_engines! {
    quotes_end_with_their_time,
    requests_are_checked,
    choosing_prices_needs_a_permission,
    references_are_unique_but_for_versions,
    lists_are_filtered_and_show_less,
    many_accepts_make_one_order,
    of_many_answers_one_counts,
    nobody_accepts_what_has_expired,
}

/// How many race.
const RACERS: usize = 16;

fn valid_for(world: &World, millis: u64) -> pb::CreateQuoteRequest {
    let valid_until = Some(after(Duration::from_millis(millis)));
    pb::CreateQuoteRequest { valid_until, ..quote(&world.customer, &[(TEAPOT, 1)]) }
}

async fn ids_with(client: &Client, statuses: &[pb::quote::Status], customer_id: &str) -> Vec<String> {
    let status: Vec<i32> = statuses.iter().map(|status| i32::from(*status)).collect();
    let of = |page_token| pb::ListQuotesRequest {
        status: status.clone(),
        customer_id: customer_id.to_owned(),
        page_token,
        ..Default::default()
    };
    let found = client.all("quotes", of).await;
    found.iter().map(|quote| quote["id"].as_str().expect("an id").to_owned()).collect()
}

async fn quotes_end_with_their_time(engine: Engine) {
    use pb::quote::Status;
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let drafted = staff.call(valid_for(&world, 2_500)).await.expect("a quote").id();
        let approved = world::approved_quote(&staff, valid_for(&world, 2_500)).await;
        let sent = world::sent_quote(&staff, valid_for(&world, 2_500)).await;
        let before = get(&staff, &sent).await;
        assert_eq!(before.text("/status"), "SENT");
        sleep(Duration::from_millis(2_600)).await;
        // At once, whoever looks.
        let ended = get(&staff, &sent).await;
        assert_eq!((ended.text("/status"), ended.text("/etag")), ("EXPIRED".into(), "v4".into()));
        assert_eq!(ended.text("/expire_time"), ended.text("/valid_until"));
        assert_eq!(ended.json["allowed_actions"], json!(["revise"]));
        for customer in ["", &world.customer] {
            let open = ids_with(&staff, &[Status::Sent, Status::Approved], customer).await;
            assert!(!open.contains(&sent) && !open.contains(&approved), "{open:?}");
            let over = ids_with(&staff, &[Status::Expired], customer).await;
            assert!(over.contains(&sent) && over.contains(&approved), "{over:?}");
        }
        assert_eq!(staff.call(accept(&sent)).await.expect_err("too late").refusal().code, "quote_expired");
        let late = staff.call(send(&approved)).await.expect_err("too late").refusal();
        assert_eq!((late.code.as_str(), &late.metadata["from"]), ("illegal_transition", &json!("EXPIRED")));
        assert_eq!(staff.call(submit(&drafted)).await.expect_err("too late").refusal().code, "quote_expired");
        // Noting it changes nothing that anybody sees.
        swept(&world, &sent).await;
        assert_eq!(get(&staff, &sent).await.json, ended.json);
        assert_eq!(staff.call(accept(&sent)).await.expect_err("too late").refusal().code, "quote_expired");
        let noted = get(&staff, &drafted).await;
        assert_eq!((noted.text("/status"), noted.text("/etag")), ("DRAFT".into(), "v1".into()), "drafts stay");
        // Revised, it may be valid again.
        let revised = staff.call(revise(&sent)).await.expect("revised").id();
        assert_eq!(staff.call(submit(&revised)).await.expect_err("too late").refusal().code, "quote_expired");
        let later = pb::QuotePatch { valid_until: Some(after(Duration::from_mins(1))), ..Default::default() };
        let later = pb::UpdateQuoteRequest { quote_id: revised.clone(), quote: Some(later), ..Default::default() };
        staff.call(later).await.expect("valid again");
        assert_eq!(staff.call(submit(&revised)).await.expect("submitted").text("/status"), "APPROVED");
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 0);
}

/// Waits until the service has noted that a quote is over, with an event of its own.
async fn swept(world: &World, id: &str) {
    let of = pb::ListEventsRequest {
        resource_id: id.to_owned(),
        r#type: vec!["quote.expired".into()],
        ..Default::default()
    };
    for _ in 0..100 {
        let found = world.client(Wire::Grpc).call(of.clone()).await.expect("events").json["events"].clone();
        if let Some([event]) = found.as_array().map(Vec::as_slice) {
            assert_eq!((&event["actor"], &event["resource_sequence"]), (&json!(""), &json!("4")), "the service itself");
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody notes that {id} is over");
}

async fn requests_are_checked(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let good = || quote(&world.customer, &[(TEAPOT, 1)]);
        let past = prost_types::Timestamp { seconds: 1_000_000_000, nanos: 0 };
        let no_sku = quote(&world.customer, &[("NOTHING", 1)]);
        let cases = [
            (pb::CreateQuoteRequest { valid_until: None, ..good() }, "validation_failed", "valid_until"),
            (pb::CreateQuoteRequest { valid_until: Some(past), ..good() }, "validation_failed", "valid_until"),
            (pb::CreateQuoteRequest { items: vec![], ..good() }, "validation_failed", "items"),
            (
                pb::CreateQuoteRequest { currency_code: "EUR".into(), ..quote(&world.customer, &[(SPOON, 1)]) },
                "price_not_found",
                "items[0].sku",
            ),
            (no_sku, "product_not_found", "items[0].sku"),
        ];
        for (request, code, field) in cases {
            let refusal = staff.call(request).await.expect_err(field).refusal();
            assert_eq!((refusal.code.as_str(), refusal.fields()), (code, vec![field]));
        }
        let id = staff.call(good()).await.expect("a quote").id();
        let patch = pb::QuotePatch { valid_until: Some(past), ..Default::default() };
        let update = |patch| pb::UpdateQuoteRequest { quote_id: id.clone(), quote: Some(patch), ..Default::default() };
        let refusal = staff.call(update(patch)).await.expect_err("in the past").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["quote.valid_until"]));
        let same = staff.call(update(pb::QuotePatch { note: Some(String::new()), ..Default::default() })).await;
        assert_eq!(same.expect("nothing changes").text("/etag"), "v1");
        let currency = pb::QuotePatch { currency_code: Some("EUR".into()), ..Default::default() };
        let euros = staff.call(update(currency)).await.expect("in EUR");
        assert_eq!(
            (euros.text("/total/currency_code"), euros.text("/total/minor_units")),
            ("EUR".into(), "1800".into())
        );
    }
}

async fn choosing_prices_needs_a_permission(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Rest);
    let key = pb::CreateApiKeyRequest {
        name: "a clerk".into(),
        permissions: vec!["quotes.read".into(), "quotes.write".into()],
        ..Default::default()
    };
    let clerk = staff.with_key(&staff.call(key).await.expect("a key").text("/key"));
    let off = || Some(pb::Discount { percent_bps: Some(100), ..Default::default() });
    let mut priced = quote(&world.customer, &[(TEAPOT, 1)]);
    priced.items[0].unit_price = Some(money("GBP", 1000));
    let mut cheaper = quote(&world.customer, &[(TEAPOT, 1)]);
    cheaper.items[0].discount = off();
    let whole = pb::CreateQuoteRequest { discount: off(), ..quote(&world.customer, &[(TEAPOT, 1)]) };
    for (request, permission, field) in [
        (priced.clone(), "orders.override_price", "items[0].unit_price"),
        (cheaper, "orders.discount", "items[0].discount"),
        (whole, "orders.discount", "discount"),
    ] {
        let refusal = clerk.call(request).await.expect_err(field).refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("permission_denied", Some(field)));
        assert_eq!(refusal.metadata["permission"], json!(permission));
    }
    // What staff chose stays, but for no more units.
    let id = staff.call(priced).await.expect("a quote").id();
    let lines = |quantity| pb::UpdateQuoteRequest {
        quote_id: id.clone(),
        quote: Some(pb::QuotePatch { items: quote("", &[(TEAPOT, quantity)]).items, ..Default::default() }),
        ..Default::default()
    };
    let refusal = clerk.call(lines(2)).await.expect_err("more").refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.field.as_deref()),
        ("permission_denied", Some("quote.items[0].quantity"))
    );
    assert_eq!(clerk.call(lines(1)).await.expect("as many").text("/subtotal/minor_units"), "1000");
}

async fn references_are_unique_but_for_versions(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let reference = format!("R-{wire:?}");
        let asked =
            |customer: &str| pb::CreateQuoteRequest { reference: reference.clone(), ..quote(customer, &[(TEAPOT, 1)]) };
        let first = world::sent_quote(&staff, asked(&world.customer)).await;
        let refusal = staff.call(asked(&world.customer)).await.expect_err("taken").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("duplicate_reference", Some("reference")));
        assert!(refusal.metadata.to_string().contains(&first), "{refusal:?}");
        let other = world::customer(&staff, "Grace").await;
        staff.call(asked(&other)).await.expect("another customer's");
        let second = staff.call(revise(&first)).await.expect("revised").id();
        let refusal = staff.call(asked(&world.customer)).await.expect_err("still taken").refusal();
        assert!(refusal.metadata.to_string().contains(&second), "{refusal:?}");
        let of = pb::ListQuotesRequest { reference, customer_id: world.customer.clone(), ..Default::default() };
        let versions = staff.call(of).await.expect("a list").json["quotes"].clone();
        let versions: Vec<_> =
            versions.as_array().expect("quotes").iter().map(|quote| quote["version"].clone()).collect();
        assert_eq!(versions, [json!(2), json!(1)], "newest first");
    }
}

async fn lists_are_filtered_and_show_less(engine: Engine) {
    use pb::quote::Status;
    let world = World::new(engine).await;
    let (staff, other) = (world.client(Wire::Rest), world::customer(&world.client(Wire::Grpc), "Grace").await);
    let mut ids = Vec::new();
    for place in 0..5 {
        let customer = if place % 2 == 0 { &world.customer } else { &other };
        let note = format!("note {place}");
        ids.push(world::sent_quote(&staff, pb::CreateQuoteRequest { note, ..quote(customer, &[(TEAPOT, 1)]) }).await);
    }
    staff.call(accept(&ids[0])).await.expect("accepted");
    staff.call(withdraw(&ids[1])).await.expect("withdrawn");
    let newest_first = |places: &[usize]| places.iter().map(|place| ids[*place].clone()).collect::<Vec<_>>();
    assert_eq!(ids_with(&staff, &[], "").await, newest_first(&[4, 3, 2, 1, 0]));
    assert_eq!(ids_with(&staff, &[], &other).await, newest_first(&[3, 1]));
    assert_eq!(ids_with(&staff, &[Status::Sent], "").await, newest_first(&[4, 3, 2]));
    assert_eq!(ids_with(&staff, &[Status::Accepted, Status::Withdrawn], "").await, newest_first(&[1, 0]));
    assert_eq!(ids_with(&staff, &[Status::Sent, Status::Accepted], &world.customer).await, newest_first(&[4, 2, 0]));
    for view in [pb::View::Basic, pb::View::Full] {
        let of =
            |page_token| pb::ListQuotesRequest { view: view.into(), page_size: 2, page_token, ..Default::default() };
        let found = staff.all("quotes", of).await;
        assert_eq!(found.iter().map(|quote| quote["id"].clone()).collect::<Vec<_>>(), newest_first(&[4, 3, 2, 1, 0]));
        for (shown, id) in found.iter().zip(newest_first(&[4, 3, 2, 1, 0])) {
            let whole = get(&staff, &id).await.json;
            if view == pb::View::Full {
                assert_eq!(*shown, whole);
            } else {
                assert_eq!((&shown["total"], &shown["etag"]), (&whole["total"], &whole["etag"]));
                assert_eq!(
                    (&shown["items"], &shown["note"], &shown["allowed_actions"]),
                    (&json!([]), &json!(""), &json!([]))
                );
            }
        }
    }
}

async fn orders_of(world: &World) -> i64 {
    world.database.count("SELECT COUNT(*) FROM orders").await
}

async fn many_accepts_make_one_order(engine: Engine) {
    let world = World::new(engine).await;
    for round in 1..=3 {
        let id = world::sent_quote(&world.client(Wire::Grpc), quote(&world.customer, &[(TEAPOT, 1)])).await;
        let mut racers = JoinSet::new();
        for wire in Wire::ALL.into_iter().cycle().take(RACERS) {
            let (client, request) = (world.client(wire), accept(&id));
            racers.spawn(async move { client.call(request).await.expect("accepted").text("/order_id") });
        }
        let orders: std::collections::BTreeSet<_> = racers.join_all().await.into_iter().collect();
        assert_eq!((orders.len(), orders_of(&world).await), (1, round), "{orders:?}");
    }
}

/// One of four answers.
async fn answer(client: Client, place: usize, id: String) -> Result<String, String> {
    let outcome = match place % 4 {
        0 => client.call(accept(&id)).await,
        1 => client.call(decline(&id)).await,
        2 => client.call(withdraw(&id)).await,
        _ => client.call(revise(&id)).await,
    };
    let states = ["ACCEPTED", "DECLINED", "WITHDRAWN", "SUPERSEDED"];
    outcome.map(|_| states[place % 4].to_owned()).map_err(|failed| failed.refusal().code)
}

async fn of_many_answers_one_counts(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut orders = 0;
    for round in 0..6 {
        let id = world::sent_quote(&staff, quote(&world.customer, &[(TEAPOT, 1)])).await;
        let mut racers = JoinSet::new();
        for (place, wire) in Wire::ALL.into_iter().cycle().take(RACERS).enumerate() {
            racers.spawn(answer(world.client(wire), place + place / 4 + round, id.clone()));
        }
        let mut told: BTreeMap<Result<String, String>, usize> = BTreeMap::new();
        for outcome in racers.join_all().await {
            *told.entry(outcome).or_default() += 1;
        }
        let found = get(&staff, &id).await;
        let (state, order) = (found.text("/status"), found.text("/order_id"));
        // A revision may follow what was declined or withdrawn.
        let counts: Vec<_> = told.keys().filter_map(|outcome| outcome.clone().ok()).collect();
        assert!(counts.contains(&state), "{state}: {told:?}");
        assert!(counts.len() == 1 || (counts.len() == 2 && state == "SUPERSEDED"), "{state}: {told:?}");
        assert!(!counts.contains(&"ACCEPTED".to_owned()) || (counts.len() == 1 && !order.is_empty()), "{told:?}");
        let codes: Vec<_> = told.keys().filter_map(|outcome| outcome.clone().err()).collect();
        assert!(codes.is_empty() || codes == ["illegal_transition"], "{told:?}");
        orders += i64::from(state == "ACCEPTED");
        assert_eq!((orders_of(&world).await, order.is_empty()), (orders, state != "ACCEPTED"));
    }
}

async fn nobody_accepts_what_has_expired(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut accepted = 0;
    for round in 0..3 {
        let until = 1_500 + 100 * round;
        let id = world::sent_quote(&staff, valid_for(&world, until)).await;
        let mut racers = JoinSet::new();
        for (place, wire) in Wire::ALL.into_iter().cycle().take(RACERS).enumerate() {
            let (client, id) = (world.client(wire), id.clone());
            // Around the moment, and around the sweep that follows it.
            let wait = until + 40 * u64::try_from(place).expect("small") - 100;
            racers.spawn(async move {
                sleep(Duration::from_millis(wait)).await;
                client
                    .call(accept(&id))
                    .await
                    .map(|answer| answer.text("/order_id"))
                    .map_err(|failed| failed.refusal().code)
            });
        }
        let outcomes: std::collections::BTreeSet<_> = racers.join_all().await.into_iter().collect();
        sleep(Duration::from_millis(1_200)).await;
        let found = get(&staff, &id).await;
        let (state, order) = (found.text("/status"), found.text("/order_id"));
        assert_eq!(outcomes.len(), 1, "{state}: {outcomes:?}");
        match outcomes.first().expect("an outcome") {
            Ok(first) => assert_eq!((state.as_str(), &order), ("ACCEPTED", first)),
            Err(code) => assert_eq!((state.as_str(), code.as_str(), order.as_str()), ("EXPIRED", "quote_expired", "")),
        }
        accepted += i64::from(state == "ACCEPTED");
        let events = format!(
            "SELECT COUNT(*) FROM events WHERE type IN ('quote.accepted', 'quote.expired') AND data LIKE '%{id}%'"
        );
        let events =
            if engine == Engine::Postgres { events.replace("data LIKE", "CAST(data AS TEXT) LIKE") } else { events };
        assert_eq!(world.database.count(&events).await, 1, "one end");
    }
    assert_eq!(orders_of(&world).await, accepted);
}
