//! Payments: recording them, what they make of their order, and taking them out of the books.

use serde_json::json;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::order_moves::{cancel, draft};
use crate::support::cases::payments::{pay, refund};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::{Failed, Refusal};
use crate::support::rpc::Rpc;
use crate::support::world::{World, money};

on_both_engines! {
    payments_show_in_their_order,
    a_payment_is_voided_once,
    what_is_no_payment_is_refused,
    a_reference_is_recorded_once,
    payments_of_an_order_stay_in_range,
    a_payment_that_refunds_need_is_not_voided,
    payments_are_listed,
    of_racing_records_of_one_payment_one_wins,
}

/// Sends what needs an idempotency key with one of its own.
pub(crate) async fn keyed<Q: Rpc>(client: &Client, request: Q) -> Result<Answer, Failed> {
    let key = format!("{:x}", crate::support::chance::Chance::of_this_run().next());
    client.keyed(&key, request).await
}

pub(crate) async fn refused<Q: Rpc>(client: &Client, request: Q) -> Refusal {
    keyed(client, request).await.expect_err("refused").refusal()
}

pub(crate) fn void(payment_id: &str) -> pb::VoidPaymentRequest {
    let reason = "wrong order".to_owned();
    pb::VoidPaymentRequest { payment_id: payment_id.to_owned(), reason, ..Default::default() }
}

pub(crate) async fn order(client: &Client, order_id: &str) -> Answer {
    client.call(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.expect("the order")
}

/// What an order says of its money: its payment status, what was paid, what was given back, what is due.
pub(crate) async fn money_of(client: &Client, order_id: &str) -> (String, [String; 3]) {
    let order = order(client, order_id).await;
    let units = |field: &str| order.text(&format!("/{field}/minor_units"));
    (order.text("/payment_status"), [units("paid_total"), units("refunded_total"), units("amount_due")])
}

pub(crate) fn is(status: &str, amounts: [i64; 3]) -> (String, [String; 3]) {
    (status.to_owned(), amounts.map(|amount| amount.to_string()))
}

async fn payments_show_in_their_order(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(world.order()).await.expect("an order").id();
        assert_eq!(money_of(&client, &id).await, is("UNPAID", [0, 0, 1500]));
        for (step, amount, expected) in [
            (1, 500, is("PARTIALLY_PAID", [500, 0, 1000])),
            (2, 1000, is("PAID", [1500, 0, 0])),
            (3, 1, is("OVERPAID", [1501, 0, 0])),
        ] {
            let request = pb::CreatePaymentRequest {
                reference: format!("{wire:?}-{step}"),
                metadata: [("till".to_owned(), "7".to_owned())].into(),
                ..pay(&id, amount, &format!("{wire:?}-ch-{step}"))
            };
            let payment = keyed(&client, request).await.expect("a payment");
            assert_eq!(payment.status, if wire == Wire::Rest { 201 } else { 200 });
            assert_eq!(payment.text("/amount/minor_units"), amount.to_string());
            assert_eq!((payment.text("/status"), payment.text("/etag")), ("RECORDED".to_owned(), "v1".to_owned()));
            assert_eq!((payment.text("/order_id"), payment.text("/customer_id")), (id.clone(), world.customer.clone()));
            assert_eq!(payment.json["metadata"], json!({"till": "7"}));
            let read = client.call(pb::GetPaymentRequest { payment_id: payment.id() }).await.expect("the payment");
            assert_eq!(read.json, payment.json);
            assert_eq!(world.database.told(&payment.id()).await, ["1 payment.recorded"]);
            assert_eq!(money_of(&client, &id).await, expected);
        }
        let told = world.database.told(&id).await;
        assert_eq!(told, ["1 order.placed", "2 order.updated", "3 order.updated", "4 order.updated"]);
        client.call(cancel(&id)).await.expect("canceled");
        assert_eq!(money_of(&client, &id).await, is("OVERPAID", [1501, 0, 0]));
        keyed(&client, pay(&id, 1, &format!("{wire:?}-late"))).await.expect("a payment of a canceled order");
    }
}

async fn a_payment_is_voided_once(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(world.order()).await.expect("an order").id();
        let payment = keyed(&client, pay(&id, 1500, &format!("{wire:?}"))).await.expect("a payment").id();
        let voided = client.call(void(&payment)).await.expect("voided");
        assert_eq!((voided.text("/status"), voided.text("/etag")), ("VOIDED".to_owned(), "v2".to_owned()));
        assert_eq!(voided.text("/void_time"), voided.text("/update_time"));
        assert_eq!(client.call(void(&payment)).await.expect("again").json, voided.json);
        assert_eq!(money_of(&client, &id).await, is("UNPAID", [0, 0, 1500]));
        assert_eq!(world.database.told(&payment).await, ["1 payment.recorded", "2 payment.voided"]);
        assert_eq!(order(&client, &id).await.text("/etag"), "v3", "once for each payment, and not for the repetition");
        let again = refused(&client, pay(&id, 1500, &format!("{wire:?}"))).await;
        assert_eq!(again.code, "duplicate_provider_reference", "it stays taken");
        let dependent = refused(&client, pb::CreateRefundRequest { payment_id: payment, ..refund(&id, 1) }).await;
        assert_eq!(
            (dependent.code.as_str(), &dependent.metadata["maximum"]),
            ("refund_exceeds_remaining", &json!("0"))
        );
    }
    let reasons = "SELECT DISTINCT reason FROM audit_events WHERE method LIKE '%VoidPayment'";
    assert_eq!(world.database.texts(reasons).await, ["wrong order"]);
}

async fn what_is_no_payment_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(world.order()).await.expect("an order").id();
        let before = world.database.traces().await;
        let good = pay(&id, 100, &format!("{wire:?}"));
        let in_currency = |code, units| pb::CreatePaymentRequest { amount: Some(money(code, units)), ..good.clone() };
        for (request, code, field) in [
            (in_currency("EUR", 100), "currency_mismatch", "amount.currency_code"),
            (in_currency("ZZZ", 100), "validation_failed", "amount.currency_code"),
            (in_currency("GBP", 0), "validation_failed", "amount.minor_units"),
            (in_currency("GBP", -5), "validation_failed", "amount.minor_units"),
            (in_currency("GBP", 1 << 53), "validation_failed", "amount.minor_units"),
            (pb::CreatePaymentRequest { amount: None, ..good.clone() }, "validation_failed", "amount"),
            (pb::CreatePaymentRequest { provider: String::new(), ..good.clone() }, "validation_failed", "provider"),
            (
                pb::CreatePaymentRequest { provider_reference: "x".repeat(256), ..good.clone() },
                "validation_failed",
                "provider_reference",
            ),
            (
                pb::CreatePaymentRequest { order_id: crate::access::sibling(&id), ..good.clone() },
                "order_not_found",
                "order_id",
            ),
        ] {
            let refusal = refused(&client, request).await;
            assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), (code, Some(field)), "{refusal:?}");
        }
        let keyless = client.call(good.clone()).await.expect_err("no key").refusal();
        assert_eq!(keyless.code, "idempotency_key_required");
        assert_eq!(world.database.traces().await, before, "nothing is left of what was refused");
        let drafted = client.call(draft(&world)).await.expect("a draft").id();
        let refusal = refused(&client, pay(&drafted, 100, &format!("{wire:?}"))).await;
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("illegal_transition", Some("order_id")));
        assert_eq!((&refusal.metadata["from"], &refusal.metadata["action"]), (&json!("DRAFT"), &json!("pay")));
    }
}

async fn a_reference_is_recorded_once(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let id = client.call(world.order()).await.expect("an order").id();
    let request = pb::CreatePaymentRequest { reference: "till-1".to_owned(), ..pay(&id, 100, "ch_1") };
    let first = client.keyed("once", request.clone()).await.expect("a payment").id();
    for wire in Wire::ALL {
        let client = world.client(wire);
        assert!(client.keyed("once", request.clone()).await.expect("a replay").is_replay());
        let twice = refused(&client, request.clone()).await;
        assert_eq!(
            (twice.code.as_str(), &twice.metadata["existing_id"]),
            ("duplicate_provider_reference", &json!(first))
        );
        assert_eq!(twice.field.as_deref(), Some("provider_reference"));
        let own = pb::CreatePaymentRequest { reference: "till-1".to_owned(), ..pay(&id, 100, &format!("{wire:?}")) };
        let own = refused(&client, own).await;
        assert_eq!((own.code.as_str(), &own.metadata["existing_id"]), ("duplicate_reference", &json!(first)));
        let elsewhere = pb::CreatePaymentRequest { provider: format!("{wire:?}"), ..pay(&id, 100, "ch_1") };
        keyed(&client, elsewhere).await.expect("another provider may have the same reference");
    }
    let stranger = world.stranger(Wire::Rest).await;
    let refusal = refused(&stranger, pay(&id, 100, "ch_1")).await;
    assert_eq!(refusal.code, "order_not_found");
    assert_eq!(money_of(&client, &id).await.1[0], "500");
}

async fn payments_of_an_order_stay_in_range(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let id = client.call(world.order()).await.expect("an order").id();
    let most = (1 << 53) - 1;
    keyed(&client, pay(&id, most, "all")).await.expect("as much as there can be");
    let refusal = refused(&client, pay(&id, 1, "more")).await;
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("amount.minor_units")));
    let remaining = pb::CreateRefundRequest { amount: None, remaining: true, ..refund(&id, 0) };
    let all = keyed(&client, remaining).await.expect("all of it");
    assert_eq!(all.text("/amount/minor_units"), most.to_string());
}

async fn a_payment_that_refunds_need_is_not_voided(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(world.order()).await.expect("an order").id();
        let first = keyed(&client, pay(&id, 1000, &format!("{wire:?}-1"))).await.expect("a payment").id();
        let second = keyed(&client, pay(&id, 500, &format!("{wire:?}-2"))).await.expect("a payment").id();
        let given = keyed(&client, refund(&id, 600)).await.expect("a refund").id();
        let refusal = client.call(void(&first)).await.expect_err("500 do not cover 600").refusal();
        assert_eq!(refusal.code, "payment_in_use");
        client.call(void(&second)).await.expect("1000 cover 600");
        let named = pb::CreateRefundRequest { payment_id: first.clone(), ..refund(&id, 100) };
        let named = keyed(&client, named).await.expect("a refund of the payment").id();
        let cancel = |refund_id: String| pb::CancelRefundRequest { refund_id, ..Default::default() };
        client.call(cancel(given)).await.expect("canceled");
        keyed(&client, pay(&id, 5000, &format!("{wire:?}-3"))).await.expect("a payment");
        let refusal = client.call(void(&first)).await.expect_err("a refund names it").refusal();
        assert_eq!(refusal.code, "payment_in_use");
        client.call(cancel(named)).await.expect("canceled");
        client.call(void(&first)).await.expect("nobody needs it");
        assert_eq!(money_of(&client, &id).await, is("OVERPAID", [5000, 0, 0]));
    }
}

async fn payments_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let (id, other) = (
        staff.call(world.order()).await.expect("an order").id(),
        crate::support::world::customer(&staff, "Grace").await,
    );
    let theirs = crate::support::world::order(&other, &[(crate::support::world::TEAPOT, 1)]);
    let theirs = staff.call(theirs).await.expect("an order").id();
    let mut ids = Vec::new();
    for (order, reference) in [(&id, "a"), (&id, "b"), (&theirs, "c")] {
        ids.push(keyed(&staff, pay(order, 100, reference)).await.expect("a payment").id());
    }
    staff.call(void(&ids[0])).await.expect("voided");
    let partner = world.key(pb::Role::Partner, &other).await;
    let all = pb::ListPaymentsRequest::default;
    let text = str::to_owned;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (request, expected) in [
            (all(), vec![2, 1, 0]),
            (pb::ListPaymentsRequest { order_id: id.clone(), ..all() }, vec![1, 0]),
            (pb::ListPaymentsRequest { customer_id: other.clone(), ..all() }, vec![2]),
            (pb::ListPaymentsRequest { order_id: id.clone(), customer_id: other.clone(), ..all() }, vec![]),
            (pb::ListPaymentsRequest { status: vec![2], ..all() }, vec![0]),
            (pb::ListPaymentsRequest { status: vec![1, 2], ..all() }, vec![2, 1, 0]),
            (pb::ListPaymentsRequest { provider: text("stripe"), ..all() }, vec![2, 1, 0]),
            (pb::ListPaymentsRequest { provider: text("bank"), ..all() }, vec![]),
            (pb::ListPaymentsRequest { provider: text("stripe"), provider_reference: text("b"), ..all() }, vec![1]),
            (pb::ListPaymentsRequest { order_by: text("create_time"), ..all() }, vec![0, 1, 2]),
        ] {
            let found = client
                .all("payments", |page_token| pb::ListPaymentsRequest { page_token, page_size: 2, ..request.clone() })
                .await;
            let found: Vec<_> = found.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()).collect();
            let expected: Vec<_> = expected.into_iter().map(|place: usize| ids[place].clone()).collect();
            assert_eq!(found, expected, "{request:?} on {wire:?}");
        }
        let alone = pb::ListPaymentsRequest { provider_reference: text("b"), ..all() };
        let refusal = client.call(alone).await.expect_err("whose reference?").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("provider")));
        let own = client.with_key(&partner).call(all()).await.expect("a list");
        assert_eq!(own.json["payments"].as_array().map(Vec::len), Some(1));
        assert_eq!(own.text("/payments/0/id"), ids[2]);
    }
}

async fn of_racing_records_of_one_payment_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    for round in 0..3 {
        let id = client.call(world.order()).await.expect("an order").id();
        let mut racers = JoinSet::new();
        for wire in Wire::ALL.into_iter().cycle().take(16) {
            let (client, request) = (world.client(wire), pay(&id, 100, &format!("round-{round}")));
            racers.spawn(async move { keyed(&client, request).await });
        }
        let outcomes = racers.join_all().await;
        let lost = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        let codes: Vec<_> = lost.map(|failed| failed.clone().refusal().code).collect();
        assert_eq!(codes, vec!["duplicate_provider_reference"; 15]);
        assert_eq!(money_of(&client, &id).await.1[0], "100");
    }
}
