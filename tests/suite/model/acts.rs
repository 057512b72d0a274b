//! What is done at random: each action says what must come of it, does it, and books it.

use serde_json::Value;
use tradepost::contract::pb;

use super::Run;
use super::books::{Amount, Held, Line, Order, Parcel, SKUS};
use crate::order_holds::{complete, hold, release};
use crate::order_moves::{cancel, confirm};
use crate::support::world::{money, order};

const ILLEGAL: Result<(), &str> = Err("illegal_transition");

/// Does one thing.
pub(super) async fn act(run: &mut Run) {
    match run.chance.below(24) {
        0 => adjust(run).await,
        1 | 2 => reserve(run).await,
        3 => end_reservation(run).await,
        4..=7 => create(run).await,
        8 | 9 => move_order(run).await,
        10 => stop(run).await,
        11 => cancel_units(run).await,
        12..=14 => ship(run).await,
        15 => move_shipment(run).await,
        16 => ask_return(run).await,
        17..=19 => move_return(run).await,
        20 => pay(run).await,
        21 => refund(run).await,
        22 => move_refund(run).await,
        _ => void(run).await,
    }
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

async fn adjust(run: &mut Run) {
    let (sku, size) = (run.one_of(2).expect("two"), run.some(20));
    let delta = if run.chance.below(2) == 0 { size } else { -size };
    let (on_hand, reserved) = run.books.stock[sku];
    let expected = if on_hand + i64::from(delta) >= reserved { Ok(()) } else { Err("insufficient_stock") };
    let request = pb::AdjustStockRequest { sku: SKUS[sku].to_owned(), delta: Some(delta.into()), ..Default::default() };
    run.expect("adjust", expected, request).await;
    if expected.is_ok() {
        run.books.moved(sku, delta, 0);
    }
}

async fn reserve(run: &mut Run) {
    let (sku, quantity) = (run.one_of(2).expect("two"), run.some(12));
    let expected = if run.books.available(sku) >= i64::from(quantity) { Ok(()) } else { Err("insufficient_stock") };
    let line =
        |quantity| pb::create_reservation_request::Line { sku: SKUS[sku].to_owned(), quantity, ..Default::default() };
    // In two lines where it can be: they are one demand.
    let lines = if quantity > 1 { vec![line(1), line(quantity - 1)] } else { vec![line(1)] };
    let answer = run.expect("reserve", expected, pb::CreateReservationRequest { lines, ..Default::default() }).await;
    if expected.is_ok() {
        run.books.moved(sku, 0, quantity);
        run.books.reservations.push(Held { id: id(&answer), sku, quantity, status: "HELD" });
    }
}

async fn end_reservation(run: &mut Run) {
    let Some(place) = run.one_of(run.books.reservations.len()) else { return };
    let Held { id: reservation_id, sku, quantity, status } = run.books.reservations[place].clone();
    let (ends_as, commits) = if run.chance.below(2) == 0 { ("COMMITTED", true) } else { ("RELEASED", false) };
    let expected = if [ends_as, "HELD"].contains(&status) { Ok(()) } else { ILLEGAL };
    if commits {
        let request = pb::CommitReservationRequest { reservation_id, ..Default::default() };
        run.expect("commit a reservation", expected, request).await;
    } else {
        let request = pb::ReleaseReservationRequest { reservation_id, ..Default::default() };
        run.expect("release a reservation", expected, request).await;
    }
    if status == "HELD" {
        run.books.moved(sku, if commits { -quantity } else { 0 }, -quantity);
        run.books.reservations[place].status = ends_as;
    }
}

async fn create(run: &mut Run) {
    let count = run.some(3);
    let mut wishes = Vec::new();
    for _ in 0..count {
        wishes.push((run.one_of(SKUS.len()).expect("three"), run.some(9)));
    }
    let demand =
        |sku| wishes.iter().filter(|(wish, _)| *wish == sku).map(|(_, quantity)| i64::from(*quantity)).sum::<i64>();
    let is_there = (0..SKUS.len()).all(|sku| demand(sku) <= run.books.available(sku));
    let expected = if is_there { Ok(()) } else { Err("insufficient_stock") };
    let lines: Vec<_> = wishes.iter().map(|(sku, quantity)| (SKUS[*sku], *quantity)).collect();
    let answer = run.expect("create an order", expected, order(&run.world.customer.clone(), &lines)).await;
    if expected.is_err() {
        return;
    }
    let mut new = Order { id: id(&answer), status: "PLACED", ..Default::default() };
    for (place, (sku, quantity)) in wishes.into_iter().enumerate() {
        run.books.moved(sku, 0, quantity);
        new.lines.push(Line { id: id(&answer["items"][place]), sku, quantity, ..Default::default() });
    }
    run.books.orders.push(new);
}

async fn move_order(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    match run.chance.below(8) {
        0 => {
            let is_open = before.is_running() && before.open() > 0;
            let expected = if is_open || before.status == "CANCELED" { Ok(()) } else { ILLEGAL };
            run.expect("cancel an order", expected, cancel(&before.id)).await;
            if is_open {
                for line in 0..before.lines.len() {
                    give_back(run, place, line, before.lines[line].open());
                }
                run.books.settle(place);
            }
        }
        1 | 2 => {
            let expected = match before.status {
                "COMPLETED" => Ok(()),
                "CONFIRMED" if before.holds > 0 => Err("order_on_hold"),
                "CONFIRMED" if before.open() == 0 => Ok(()),
                _ => ILLEGAL,
            };
            run.expect("complete an order", expected, complete(&before.id)).await;
            if expected.is_ok() {
                run.books.orders[place].status = "COMPLETED";
            }
        }
        _ => {
            let expected = match before.status {
                "PLACED" if before.holds > 0 => Err("order_on_hold"),
                "PLACED" | "CONFIRMED" => Ok(()),
                _ => ILLEGAL,
            };
            run.expect("confirm an order", expected, confirm(&before.id)).await;
            if expected.is_ok() {
                run.books.orders[place].status = "CONFIRMED";
            }
        }
    }
}

/// Books that units of a line are canceled.
fn give_back(run: &mut Run, order: usize, line: usize, quantity: i32) {
    let line = &mut run.books.orders[order].lines[line];
    line.canceled += quantity;
    let sku = line.sku;
    run.books.moved(sku, 0, -quantity);
}

async fn stop(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    let expected = if before.is_running() { Ok(()) } else { ILLEGAL };
    let holds = if before.holds == 0 && run.chance.below(3) == 0 {
        run.expect("hold an order", expected, hold(&before.id, "stop")).await;
        1
    } else {
        run.expect("release an order", expected, release(&before.id, "")).await;
        0
    };
    if expected.is_ok() {
        run.books.orders[place].holds = holds;
    }
}

async fn cancel_units(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    let (line, quantity) = (run.one_of(before.lines.len()).expect("lines"), run.some(4));
    let expected = match () {
        () if !before.is_running() => ILLEGAL,
        () if before.lines[line].open() < quantity => Err("over_cancellation"),
        () => Ok(()),
    };
    let items = vec![pb::cancel_order_request::Item { item_id: before.lines[line].id.clone(), quantity }];
    run.expect("cancel units", expected, pb::CancelOrderRequest { items, ..cancel(&before.id) }).await;
    if expected.is_ok() {
        give_back(run, place, line, quantity);
        run.books.settle(place);
    }
}

async fn ship(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    let (line, quantity) = (run.one_of(before.lines.len()).expect("lines"), run.some(6));
    let expected = match before.status {
        "CONFIRMED" if before.holds > 0 => Err("order_on_hold"),
        "CONFIRMED" if before.lines[line].open() < quantity => Err("over_shipment"),
        "CONFIRMED" => Ok(()),
        _ => ILLEGAL,
    };
    let items = vec![pb::create_shipment_request::Item { item_id: before.lines[line].id.clone(), quantity }];
    let request = pb::CreateShipmentRequest { order_id: before.id, items, ..Default::default() };
    let answer = run.expect("ship", expected, request).await;
    if expected.is_ok() {
        run.books.orders[place].lines[line].shipped += quantity;
        run.books.moved(before.lines[line].sku, -quantity, -quantity);
        run.books.shipments.push(Parcel { id: id(&answer), order: place, line, quantity, status: "SHIPPED" });
    }
}

async fn move_shipment(run: &mut Run) {
    let Some(place) = run.one_of(run.books.shipments.len()) else { return };
    let Parcel { id: shipment_id, order, line, quantity, status } = run.books.shipments[place].clone();
    if run.chance.below(2) == 0 {
        let expected = if status == "CANCELED" { ILLEGAL } else { Ok(()) };
        let request = pb::MarkShipmentDeliveredRequest { shipment_id, ..Default::default() };
        run.expect("deliver", expected, request).await;
        if expected.is_ok() {
            run.books.shipments[place].status = "DELIVERED";
        }
        return;
    }
    let of = &run.books.orders[order];
    let is_back = of.status == "CONFIRMED" && of.lines[line].shipped - quantity >= of.lines[line].coming_back;
    let expected = if status == "CANCELED" || (status == "SHIPPED" && is_back) { Ok(()) } else { ILLEGAL };
    run.expect("cancel a shipment", expected, pb::CancelShipmentRequest { shipment_id, ..Default::default() }).await;
    if status == "SHIPPED" && is_back {
        let line = &mut run.books.orders[order].lines[line];
        line.shipped -= quantity;
        let sku = line.sku;
        run.books.moved(sku, quantity, quantity);
        run.books.shipments[place].status = "CANCELED";
    }
}

async fn ask_return(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    let (line, quantity) = (run.one_of(before.lines.len()).expect("lines"), run.some(4));
    let left = before.lines[line].shipped - before.lines[line].coming_back;
    let expected = match before.status {
        "CONFIRMED" | "COMPLETED" if left < quantity => Err("over_return"),
        "CONFIRMED" | "COMPLETED" => Ok(()),
        _ => ILLEGAL,
    };
    let items = vec![pb::create_return_request::Item { item_id: before.lines[line].id.clone(), quantity }];
    let request = pb::CreateReturnRequest { order_id: before.id, items, ..Default::default() };
    let answer = run.expect("ask for a return", expected, request).await;
    if expected.is_ok() {
        run.books.orders[place].lines[line].coming_back += quantity;
        run.books.returns.push(Parcel { id: id(&answer), order: place, line, quantity, status: "REQUESTED" });
    }
}

async fn move_return(run: &mut Run) {
    let Some(place) = run.one_of(run.books.returns.len()) else { return };
    let Parcel { id: return_id, order, line, quantity, status } = run.books.returns[place].clone();
    let moves = [
        ("authorize", "AUTHORIZED", &["REQUESTED"][..]),
        ("receive", "RECEIVED", &["AUTHORIZED"]),
        ("inspect", "INSPECTED", &["RECEIVED"]),
        ("close", "CLOSED", &["INSPECTED", "AUTHORIZED"]),
        ("reject", "REJECTED", &["REQUESTED", "AUTHORIZED"]),
    ];
    let (action, to, from) = moves[run.one_of(moves.len()).expect("five")];
    let expected = if status == to || from.contains(&status) { Ok(()) } else { ILLEGAL };
    let sent_back = i32::from(quantity > 1);
    let item_id = run.books.orders[order].lines[line].id.clone();
    match action {
        "authorize" => {
            run.expect(action, expected, pb::AuthorizeReturnRequest { return_id, ..Default::default() }).await
        }
        "receive" => run.expect(action, expected, pb::ReceiveReturnRequest { return_id, ..Default::default() }).await,
        "close" => run.expect(action, expected, pb::CloseReturnRequest { return_id, ..Default::default() }).await,
        "reject" => run.expect(action, expected, pb::RejectReturnRequest { return_id, ..Default::default() }).await,
        _ => {
            use pb::r#return::Disposition::{Restock, SendBack};
            let item = |quantity, disposition: pb::r#return::Disposition| pb::inspect_return_request::Item {
                item_id: item_id.clone(),
                quantity,
                disposition: disposition.into(),
            };
            let mut items = vec![item(quantity - sent_back, Restock)];
            items.extend((sent_back > 0).then(|| item(sent_back, SendBack)));
            run.expect(action, expected, pb::InspectReturnRequest { return_id, items, ..Default::default() }).await
        }
    };
    if expected.is_err() || status == to {
        return;
    }
    run.books.returns[place].status = to;
    let of = &mut run.books.orders[order].lines[line];
    match (action, status) {
        ("receive", _) => of.returned += quantity,
        ("inspect", _) => {
            of.returned -= sent_back;
            of.coming_back -= sent_back;
            let sku = of.sku;
            run.books.moved(sku, quantity - sent_back, 0);
        }
        ("reject", _) | ("close", "AUTHORIZED") => of.coming_back -= quantity,
        _ => {}
    }
}

async fn pay(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let (order_id, units) = (run.books.orders[place].id.clone(), i64::from(run.some(12)) * 700);
    let request = pb::CreatePaymentRequest {
        order_id,
        amount: Some(money("GBP", units)),
        provider: "bank".to_owned(),
        provider_reference: format!("{}", run.chance.next()),
        ..Default::default()
    };
    let answer = run.expect("pay", Ok(()), request).await;
    run.books.orders[place].paid += units;
    run.books.payments.push(Amount { id: id(&answer), order: place, units, status: "RECORDED" });
}

async fn void(run: &mut Run) {
    let Some(place) = run.one_of(run.books.payments.len()) else { return };
    let Amount { id: payment_id, order, units, status } = run.books.payments[place].clone();
    let of = &run.books.orders[order];
    let expected = if status == "VOIDED" || of.paid - units >= of.claims { Ok(()) } else { Err("payment_in_use") };
    run.expect("void", expected, pb::VoidPaymentRequest { payment_id, ..Default::default() }).await;
    if expected.is_ok() && status == "RECORDED" {
        run.books.orders[order].paid -= units;
        run.books.payments[place].status = "VOIDED";
    }
}

async fn refund(run: &mut Run) {
    let Some(place) = run.one_of(run.books.orders.len()) else { return };
    let before = run.books.orders[place].clone();
    let rest = before.paid - before.claims;
    let takes_rest = run.chance.below(4) == 0;
    let units = if takes_rest { rest } else { i64::from(run.some(9)) * 350 };
    let expected = if units > 0 && units <= rest { Ok(()) } else { Err("refund_exceeds_remaining") };
    let amount = (!takes_rest).then(|| money("GBP", units));
    let request = pb::CreateRefundRequest { order_id: before.id, amount, remaining: takes_rest, ..Default::default() };
    let answer = run.expect("refund", expected, request).await;
    if expected.is_ok() {
        run.books.orders[place].claims += units;
        run.books.refunds.push(Amount { id: id(&answer), order: place, units, status: "PENDING" });
    }
}

async fn move_refund(run: &mut Run) {
    let Some(place) = run.one_of(run.books.refunds.len()) else { return };
    let Amount { id: refund_id, order, units, status } = run.books.refunds[place].clone();
    let has_room = run.books.orders[order].claims + units <= run.books.orders[order].paid;
    let (action, to) = [("succeed", "SUCCEEDED"), ("fail", "FAILED"), ("retry", "PENDING"), ("cancel", "CANCELED")]
        [run.one_of(4).expect("four")];
    let expected = match (action, status) {
        _ if status == to => Ok(()),
        ("retry", "FAILED") if !has_room => Err("refund_exceeds_remaining"),
        ("succeed" | "fail" | "cancel", "PENDING") | ("retry" | "cancel", "FAILED") => Ok(()),
        _ => ILLEGAL,
    };
    match action {
        "succeed" => {
            run.expect(action, expected, pb::MarkRefundSucceededRequest { refund_id, ..Default::default() }).await
        }
        "fail" => run.expect(action, expected, pb::MarkRefundFailedRequest { refund_id, ..Default::default() }).await,
        "retry" => run.expect(action, expected, pb::RetryRefundRequest { refund_id, ..Default::default() }).await,
        _ => run.expect(action, expected, pb::CancelRefundRequest { refund_id, ..Default::default() }).await,
    };
    if expected.is_err() || status == to {
        return;
    }
    run.books.refunds[place].status = to;
    let of = &mut run.books.orders[order];
    match (action, status) {
        ("succeed", _) => of.refunded += units,
        ("fail", _) | ("cancel", "PENDING") => of.claims -= units,
        ("retry", _) => of.claims += units,
        _ => {}
    }
}
