//! Refunds: their life, what they make of their order, lines and their remainders, and what is refused.

use serde_json::json;
use tradepost::contract::pb;

use crate::money_drifts::check_books;
use crate::payments::{is, keyed, money_of, order as read_order, refused};
use crate::support::cases::payments::{pay, refund};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, money, order};

on_both_engines! {
    a_refund_is_asked_for_and_succeeds,
    a_failed_refund_is_free_and_tried_again,
    the_same_move_again_does_nothing,
    illegal_moves_name_what_is_legal,
    lines_give_their_share_and_the_last_unit_the_remainder,
    lines_give_no_more_than_was_paid,
    what_cannot_be_given_back_is_refused,
    refunds_of_one_payment_stay_within_it,
    what_can_be_done_is_true_for_the_caller,
    refunds_are_listed,
}

pub(crate) fn succeeded(refund_id: &str) -> pb::MarkRefundSucceededRequest {
    pb::MarkRefundSucceededRequest { refund_id: refund_id.to_owned(), ..Default::default() }
}

pub(crate) fn failed(refund_id: &str) -> pb::MarkRefundFailedRequest {
    let reason = "the card was closed".to_owned();
    pb::MarkRefundFailedRequest { refund_id: refund_id.to_owned(), reason, ..Default::default() }
}

pub(crate) fn retry(refund_id: &str) -> pb::RetryRefundRequest {
    pb::RetryRefundRequest { refund_id: refund_id.to_owned(), ..Default::default() }
}

pub(crate) fn cancel(refund_id: &str) -> pb::CancelRefundRequest {
    pb::CancelRefundRequest { refund_id: refund_id.to_owned(), ..Default::default() }
}

pub(crate) fn remaining(order_id: &str) -> pb::CreateRefundRequest {
    pb::CreateRefundRequest { amount: None, remaining: true, ..refund(order_id, 0) }
}

fn of_lines(order_id: &str, units: &[(&str, i32)]) -> pb::CreateRefundRequest {
    let item = |(item_id, quantity): &(&str, i32)| pb::create_refund_request::Item {
        item_id: (*item_id).to_owned(),
        quantity: *quantity,
    };
    pb::CreateRefundRequest { amount: None, items: units.iter().map(item).collect(), ..refund(order_id, 0) }
}

/// An order of one teapot that was paid: 15.00 GBP.
pub(crate) async fn paid(world: &World, client: &Client) -> String {
    let id = client.call(world.order()).await.expect("an order").id();
    keyed(client, pay(&id, 1500, &id)).await.expect("a payment");
    id
}

fn units(answer: &Answer) -> i64 {
    answer.text("/amount/minor_units").parse().expect("a number")
}

async fn a_refund_is_asked_for_and_succeeds(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = paid(&world, &client).await;
        let request = pb::CreateRefundRequest {
            reason: "arrived broken".to_owned(),
            reference: format!("{wire:?}"),
            metadata: [("case".to_owned(), "7".to_owned())].into(),
            ..refund(&id, 600)
        };
        let asked = keyed(&client, request.clone()).await.expect("a refund");
        assert_eq!(asked.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!((asked.text("/status"), units(&asked)), ("PENDING".to_owned(), 600));
        assert_eq!(
            (asked.text("/reason"), &asked.json["metadata"]),
            ("arrived broken".to_owned(), &json!({"case": "7"}))
        );
        assert_eq!((asked.text("/order_id"), asked.text("/customer_id")), (id.clone(), world.customer.clone()));
        let etag = read_order(&client, &id).await.text("/etag");
        assert_eq!(
            (etag.as_str(), money_of(&client, &id).await),
            ("v2", is("PAID", [1500, 0, 0])),
            "nothing shows yet"
        );
        let done = client.call(succeeded(&asked.id())).await.expect("succeeded");
        assert_eq!((done.text("/status"), done.text("/etag")), ("SUCCEEDED".to_owned(), "v2".to_owned()));
        assert_eq!(done.text("/succeed_time"), done.text("/update_time"));
        assert_eq!(done.json["allowed_actions"], json!([]));
        assert_eq!(money_of(&client, &id).await, is("PARTIALLY_REFUNDED", [1500, 600, 0]));
        let twice = refused(&client, request).await;
        assert_eq!((twice.code.as_str(), &twice.metadata["existing_id"]), ("duplicate_reference", &json!(asked.id())));
        let rest = keyed(&client, remaining(&id)).await.expect("the rest");
        assert_eq!(units(&rest), 900);
        client.call(succeeded(&rest.id())).await.expect("succeeded");
        assert_eq!(money_of(&client, &id).await, is("REFUNDED", [1500, 1500, 0]));
        assert_eq!(world.database.told(&asked.id()).await, ["1 refund.created", "2 refund.succeeded"]);
        let read = client.call(pb::GetRefundRequest { refund_id: asked.id() }).await.expect("the refund");
        assert_eq!(read.json, done.json);
    }
    let typed = "SELECT COUNT(*) FROM events WHERE type LIKE 'refund.%' AND CAST(data AS TEXT) LIKE '%broken%'";
    assert_eq!(world.database.count(typed).await, 0, "what people type stays out of events");
    check_books(&world).await;
}

async fn a_failed_refund_is_free_and_tried_again(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = paid(&world, &client).await;
        let first = keyed(&client, refund(&id, 1000)).await.expect("a refund").id();
        let gone = client.call(failed(&first)).await.expect("failed");
        assert_eq!(
            (gone.text("/status"), gone.text("/failure_reason")),
            ("FAILED".to_owned(), "the card was closed".to_owned())
        );
        assert_eq!(gone.text("/fail_time"), gone.text("/update_time"));
        assert_eq!(gone.json["allowed_actions"], json!(["retry", "cancel"]));
        let second = keyed(&client, refund(&id, 600)).await.expect("its money is free").id();
        let refusal = client.call(retry(&first)).await.expect_err("900 are left").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["maximum"]), ("refund_exceeds_remaining", &json!("900")));
        let read = client.call(pb::GetRefundRequest { refund_id: first.clone() }).await.expect("the refund");
        assert_eq!(read.json["allowed_actions"], json!(["cancel"]), "it could not be tried again");
        client.call(cancel(&second)).await.expect("canceled");
        let again = client.call(retry(&first)).await.expect("tried again");
        assert_eq!((again.text("/status"), again.text("/failure_reason")), ("PENDING".to_owned(), String::new()));
        assert_eq!(money_of(&client, &id).await, is("PAID", [1500, 0, 0]));
        client.call(succeeded(&first)).await.expect("succeeded");
        assert_eq!(money_of(&client, &id).await, is("PARTIALLY_REFUNDED", [1500, 1000, 0]));
        let told = ["1 refund.created", "2 refund.failed", "3 refund.retried", "4 refund.succeeded"];
        assert_eq!(world.database.told(&first).await, told);
        assert_eq!(world.database.told(&second).await, ["1 refund.created", "2 refund.canceled"]);
    }
    check_books(&world).await;
}

async fn the_same_move_again_does_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = paid(&world, &client).await;
        let give = async || keyed(&client, refund(&id, 100)).await.expect("a refund").id();
        let (done, gone, left) = (give().await, give().await, give().await);
        let first = client.call(succeeded(&done)).await.expect("succeeded").json;
        assert_eq!(client.call(succeeded(&done)).await.expect("again").json, first);
        let first = client.call(failed(&gone)).await.expect("failed").json;
        let other = pb::MarkRefundFailedRequest { reason: "another".to_owned(), ..failed(&gone) };
        assert_eq!(client.call(other).await.expect("again").json, first, "the first reason stays");
        let first = client.call(retry(&gone)).await.expect("tried again").json;
        assert_eq!(client.call(retry(&gone)).await.expect("again").json, first);
        let first = client.call(cancel(&left)).await.expect("canceled").json;
        assert_eq!(client.call(cancel(&left)).await.expect("again").json, first);
        let order = read_order(&client, &id).await;
        assert_eq!(order.text("/etag"), "v3", "placed, paid, one refund succeeded");
    }
    check_books(&world).await;
}

async fn illegal_moves_name_what_is_legal(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = paid(&world, &client).await;
        let give = async || keyed(&client, refund(&id, 100)).await.expect("a refund").id();
        let (done, gone, left) = (give().await, give().await, give().await);
        client.call(succeeded(&done)).await.expect("succeeded");
        client.call(failed(&gone)).await.expect("failed");
        client.call(cancel(&left)).await.expect("canceled");
        for (outcome, from, action, allowed) in [
            (client.call(failed(&done)).await, "SUCCEEDED", "markFailed", ""),
            (client.call(cancel(&done)).await, "SUCCEEDED", "cancel", ""),
            (client.call(retry(&done)).await, "SUCCEEDED", "retry", ""),
            (client.call(succeeded(&gone)).await, "FAILED", "markSucceeded", "retry,cancel"),
            (client.call(succeeded(&left)).await, "CANCELED", "markSucceeded", ""),
            (client.call(failed(&left)).await, "CANCELED", "markFailed", ""),
            (client.call(retry(&left)).await, "CANCELED", "retry", ""),
        ] {
            let refusal = outcome.expect_err("illegal").refusal();
            assert_eq!(refusal.code, "illegal_transition");
            assert_eq!(refusal.metadata, json!({"from": from, "action": action, "allowed": allowed}));
        }
    }
    check_books(&world).await;
}

async fn lines_give_their_share_and_the_last_unit_the_remainder(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let placed = client.call(order(&world.customer, &[(SPOON, 3), (TEAPOT, 2)])).await.expect("an order");
        let (id, spoons, teapots) = (placed.id(), placed.text("/items/0/id"), placed.text("/items/1/id"));
        let spoon_total: i64 = placed.text("/items/0/total/minor_units").parse().expect("a number");
        assert_eq!(spoon_total, 1049, "3 × 3.33 and 5 %: a third of it is no whole number");
        let total: i64 = placed.text("/total/minor_units").parse().expect("a number");
        keyed(&client, pay(&id, total, &id)).await.expect("a payment");
        let first = keyed(&client, of_lines(&id, &[(&spoons, 1)])).await.expect("a spoon");
        assert_eq!((units(&first), &first.json["items"][0]["item_id"]), (349, &json!(spoons)));
        assert_eq!(first.text("/items/0/amount/minor_units"), "349");
        let second = keyed(&client, of_lines(&id, &[(&spoons, 1)])).await.expect("a spoon");
        client.call(failed(&first.id())).await.expect("failed");
        let refusal = refused(&client, of_lines(&id, &[(&teapots, 1), (&spoons, 1), (&spoons, 2)])).await;
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("refund_exceeds_remaining", Some("items[2].quantity"))
        );
        assert_eq!(refusal.metadata["maximum"], (spoon_total - units(&second)).to_string());
        let both =
            keyed(&client, of_lines(&id, &[(&spoons, 1), (&teapots, 2), (&spoons, 1)])).await.expect("the others");
        assert_eq!(both.json["items"].as_array().map(Vec::len), Some(2), "named twice, and summed");
        assert_eq!((units(&second) + units(&both), both.json["items"][0]["quantity"].as_i64()), (total, Some(2)));
        let refusal = client.call(retry(&first.id())).await.expect_err("its spoon was given").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("refund_exceeds_remaining", Some("refund_id")));
        let refusal = refused(&client, remaining(&id)).await;
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("refund_exceeds_remaining", Some("remaining")));
        for refund in [&second, &both] {
            client.call(succeeded(&refund.id())).await.expect("succeeded");
        }
        assert_eq!(money_of(&client, &id).await, is("REFUNDED", [total, total, 0]));
        let unknown = refused(&client, of_lines(&id, &[(&crate::access::sibling(&spoons), 1)])).await;
        assert_eq!(
            (unknown.code.as_str(), unknown.field.as_deref()),
            ("order_item_not_found", Some("items[0].item_id"))
        );
    }
    check_books(&world).await;
}

async fn lines_give_no_more_than_was_paid(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let placed = client.call(order(&world.customer, &[(TEAPOT, 2)])).await.expect("an order");
        let (id, line) = (placed.id(), placed.text("/items/0/id"));
        let unpaid = refused(&client, of_lines(&id, &[(&line, 1)])).await;
        assert_eq!((unpaid.code.as_str(), &unpaid.metadata["maximum"]), ("refund_exceeds_remaining", &json!("0")));
        keyed(&client, pay(&id, 1000, &format!("{id}-1"))).await.expect("a payment");
        let capped = keyed(&client, of_lines(&id, &[(&line, 1)])).await.expect("a refund");
        assert_eq!(units(&capped), 1000, "its share is 1500");
        keyed(&client, pay(&id, 2000, &format!("{id}-2"))).await.expect("a payment");
        let other = keyed(&client, of_lines(&id, &[(&line, 1)])).await.expect("a refund");
        assert_eq!(units(&other), 2000, "the last unit takes what the line has left");
    }
    check_books(&world).await;
}

async fn what_cannot_be_given_back_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = paid(&world, &client).await;
        let before = world.database.traces().await;
        let good = refund(&id, 100);
        let of = |code, units| pb::CreateRefundRequest { amount: Some(money(code, units)), ..good.clone() };
        for (request, code, field) in [
            (of("GBP", 1501), "refund_exceeds_remaining", Some("amount")),
            (of("GBP", 0), "validation_failed", Some("amount.minor_units")),
            (of("GBP", -1), "validation_failed", Some("amount.minor_units")),
            (of("JPY", 100), "currency_mismatch", Some("amount.currency_code")),
            (pb::CreateRefundRequest { remaining: true, ..good.clone() }, "validation_failed", None),
            (pb::CreateRefundRequest { amount: None, ..good.clone() }, "validation_failed", None),
            (of_lines(&id, &[("itm_01h455vb4pex5vsknk084sn02q", 0)]), "validation_failed", Some("items[0].quantity")),
            (
                pb::CreateRefundRequest { order_id: crate::access::sibling(&id), ..good.clone() },
                "order_not_found",
                Some("order_id"),
            ),
            (
                pb::CreateRefundRequest { payment_id: "pay_01h455vb4pex5vsknk084sn02q".into(), ..good.clone() },
                "payment_not_found",
                Some("payment_id"),
            ),
        ] {
            let refusal = refused(&client, request).await;
            assert_eq!(refusal.code, code, "{refusal:?}");
            assert!(field.is_none() || refusal.field.as_deref() == field, "{refusal:?}");
        }
        let keyless = client.call(good).await.expect_err("no key").refusal();
        assert_eq!(keyless.code, "idempotency_key_required");
        assert_eq!(world.database.traces().await, before, "nothing is left of what was refused");
    }
}

async fn refunds_of_one_payment_stay_within_it(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(world.order()).await.expect("an order").id();
        let first = keyed(&client, pay(&id, 1000, &format!("{id}-1"))).await.expect("a payment").id();
        keyed(&client, pay(&id, 500, &format!("{id}-2"))).await.expect("a payment");
        let of = |amount| pb::CreateRefundRequest { payment_id: first.clone(), ..refund(&id, amount) };
        let refusal = refused(&client, of(1001)).await;
        assert_eq!((refusal.code.as_str(), &refusal.metadata["maximum"]), ("refund_exceeds_remaining", &json!("1000")));
        let given = keyed(&client, of(700)).await.expect("a refund");
        assert_eq!(given.text("/payment_id"), first);
        let whole = pb::CreateRefundRequest { payment_id: first.clone(), ..remaining(&id) };
        assert_eq!(units(&keyed(&client, whole).await.expect("its rest")), 300);
        assert_eq!(units(&keyed(&client, remaining(&id)).await.expect("the rest")), 500);
        client.call(failed(&given.id())).await.expect("failed");
        let other = keyed(&client, of(400)).await.expect("its money is free");
        let refusal = client.call(retry(&given.id())).await.expect_err("300 are left").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["maximum"]), ("refund_exceeds_remaining", &json!("300")));
        client.call(cancel(&other.id())).await.expect("canceled");
        client.call(retry(&given.id())).await.expect("tried again");
        let elsewhere = paid(&world, &client).await;
        let foreign = pb::CreateRefundRequest { payment_id: first.clone(), ..refund(&elsewhere, 1) };
        let foreign = refused(&client, foreign).await;
        assert_eq!((foreign.code.as_str(), foreign.field.as_deref()), ("payment_not_found", Some("payment_id")));
    }
    check_books(&world).await;
}

async fn what_can_be_done_is_true_for_the_caller(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let id = paid(&world, &staff).await;
        let asked = keyed(&staff, refund(&id, 100)).await.expect("a refund");
        assert_eq!(asked.json["allowed_actions"], json!(["markSucceeded", "markFailed", "cancel"]));
        let theirs =
            staff.with_key(&partner).call(pb::GetRefundRequest { refund_id: asked.id() }).await.expect("theirs");
        assert_eq!(theirs.json["allowed_actions"], json!([]));
        assert_eq!(
            theirs.header("etag"),
            staff.call(pb::GetRefundRequest { refund_id: asked.id() }).await.expect("ours").header("etag")
        );
    }
}

async fn refunds_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let id = staff.call(world.order()).await.expect("an order").id();
    let payment = keyed(&staff, pay(&id, 1500, "a")).await.expect("a payment").id();
    let line = read_order(&staff, &id).await.text("/items/0/id");
    let named = pb::CreateRefundRequest { payment_id: payment.clone(), ..of_lines(&id, &[(&line, 1)]) };
    let named = keyed(&staff, named).await.expect("a refund").id();
    staff.call(failed(&named)).await.expect("failed");
    let plain = keyed(&staff, refund(&id, 5)).await.expect("a refund").id();
    let all = pb::ListRefundsRequest::default;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (request, expected) in [
            (all(), vec![&plain, &named]),
            (pb::ListRefundsRequest { order_id: id.clone(), ..all() }, vec![&plain, &named]),
            (pb::ListRefundsRequest { customer_id: world.customer.clone(), ..all() }, vec![&plain, &named]),
            (pb::ListRefundsRequest { payment_id: payment.clone(), order_id: id.clone(), ..all() }, vec![&named]),
            (pb::ListRefundsRequest { status: vec![2, 3], ..all() }, vec![&plain]),
            (pb::ListRefundsRequest { status: vec![2, 4], ..all() }, vec![&plain, &named]),
            (pb::ListRefundsRequest { order_by: "create_time".to_owned(), ..all() }, vec![&named, &plain]),
        ] {
            let found = client
                .all("refunds", |page_token| pb::ListRefundsRequest { page_token, page_size: 1, ..request.clone() })
                .await;
            let found: Vec<_> = found.iter().map(|refund| refund["id"].as_str().expect("an id")).collect();
            assert_eq!(found, expected, "{request:?} on {wire:?}");
        }
        let basic = client.call(all()).await.expect("a list");
        assert_eq!(
            (&basic.json["refunds"][1]["items"], &basic.json["refunds"][1]["allowed_actions"]),
            (&json!([]), &json!([]))
        );
        let full = client.call(pb::ListRefundsRequest { view: pb::View::Full.into(), ..all() }).await.expect("a list");
        assert_eq!(full.text("/refunds/1/items/0/item_id"), line);
        let can = full.json["refunds"][1]["allowed_actions"].clone();
        assert_eq!(can, json!(["cancel"]), "another refund has taken of its money");
    }
}
