//! Every action in every state, and what the clock and a revision make of a quote.

use uuid::Uuid;

use super::*;
use crate::domain::ids::TypedId;
use crate::domain::order::Settings;
use crate::domain::product::{NewProduct, Product};
use crate::domain::states::Machine;

const NOW: Time = Time::from_micros(1_000);
const LATER: Time = Time::from_micros(2_000);
const UNTIL: Time = Time::from_micros(5_000);

fn id<T: TypedId>(number: u128) -> T {
    T::from_uuid(Uuid::from_u128(number))
}

fn gbp(minor_units: i64) -> Money {
    Money::new(currency("GBP"), minor_units).expect("in range")
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("a currency")
}

fn teapot(minor_units: i64) -> Product {
    let new = NewProduct {
        sku: "TEAPOT".to_owned(),
        name: "Teapot".to_owned(),
        description: String::new(),
        prices: vec![gbp(minor_units), Money::new(currency("EUR"), minor_units * 2).expect("in range")],
        tax_rate_bps: 2000,
        track_inventory: false,
        metadata: Metadata::new(),
    };
    Product::new(id(1), new, NOW)
}

fn price(order: &mut Order, lines: Vec<NewLine>, minor_units: i64) {
    let products = [("TEAPOT".to_owned(), teapot(minor_units))].into();
    let rights = crate::domain::order::Rights { prices: true, discounts: true };
    let mut next = 100;
    let new_id = || {
        next += 1;
        id(next)
    };
    order.set_lines(lines, &products, new_id, rights, "").expect("priced");
}

fn pots(quantity: i32) -> Vec<NewLine> {
    vec![NewLine { sku: "TEAPOT".to_owned(), quantity, unit_price: None, discount: None, location: None }]
}

/// Two teapots at 12.50 GBP and 20 % tax.
fn draft() -> Quote {
    let content = QuoteContent {
        customer: id(2),
        currency: currency("GBP"),
        lines: pots(2),
        discount: Some(Discount::Percent(1000)),
        valid_until: UNTIL,
        note: "by hand".to_owned(),
        reference: Some("Q-1".to_owned()),
        metadata: Metadata::new(),
    };
    let settings = Settings { tax_mode: TaxMode::Exclusive, rounding_mode: RoundingMode::HalfUp };
    let (mut order, lines) = Order::draft(id(3), content.of_order(), settings, NOW);
    price(&mut order, lines, 1250);
    Quote::draft(id(4), content, order, NOW)
}

fn quote(status: QuoteStatus) -> Quote {
    let mut quote = draft();
    quote.head.status = status;
    quote
}

/// What each action does in each state: `+` is a move, `=` has been done already, `.` is not legal.
const LEGAL: [(QuoteStatus, &str); 9] = [
    //                            submit send accept decline revise withdraw update approve reject expire
    (QuoteStatus::Draft, "+ . . . . + + . = ."),
    (QuoteStatus::PendingApproval, "= . . . + + . + + +"),
    (QuoteStatus::Approved, "= + . . + + . = . +"),
    (QuoteStatus::Sent, ". = + + + + . . . +"),
    (QuoteStatus::Accepted, ". . = . . . . . . ."),
    (QuoteStatus::Declined, ". . . = + . . . . ."),
    (QuoteStatus::Expired, ". . . . + . . . . ="),
    (QuoteStatus::Withdrawn, ". . . . + = . . . ."),
    (QuoteStatus::Superseded, ". . . . . . . . . ."),
];

#[test]
fn every_action_is_legal_where_the_contract_says() {
    assert_eq!(LEGAL.map(|(status, _)| status), QuoteStatus::ALL, "every state");
    for (status, row) in LEGAL {
        let marks: Vec<_> = row.split(' ').collect();
        assert_eq!(marks.len(), QuoteAction::ALL.len());
        for (action, mark) in QuoteAction::ALL.iter().zip(marks) {
            let expected = match mark {
                "+" => Ok(true),
                "=" => Ok(false),
                _ => Err(IllegalQuoteMove { from: status, action: *action }),
            };
            assert_eq!(quote(status).head.check(*action), expected, "{action:?} in {status:?}");
        }
    }
}

#[test]
fn every_state_can_be_reached_and_only_some_run_out() {
    for status in QuoteStatus::ALL {
        let is_start = QuoteStatus::STARTS.contains(status);
        assert!(is_start || QuoteStatus::MOVES.iter().any(|step| step.to == Some(*status)), "{status:?}");
    }
    let run_out: Vec<_> = QuoteStatus::ALL.iter().filter(|status| status.runs_out()).collect();
    assert_eq!(run_out, [&QuoteStatus::PendingApproval, &QuoteStatus::Approved, &QuoteStatus::Sent]);
}

#[test]
fn a_move_changes_the_state_its_time_and_the_version() {
    use QuoteStatus::{Accepted, Declined, Expired, Sent, Superseded, Withdrawn};
    let head = draft().head;
    let pending = head.moved(QuoteStatus::PendingApproval, LATER);
    assert_eq!((pending.submit_time, pending.approve_time), (Some(LATER), None));
    assert_eq!((pending.version, pending.update_time), (2, LATER));
    let approved = head.moved(QuoteStatus::Approved, LATER);
    assert_eq!((approved.submit_time, approved.approve_time), (Some(LATER), Some(LATER)), "without a policy");
    let decided = pending.moved(QuoteStatus::Approved, UNTIL);
    assert_eq!((decided.submit_time, decided.approve_time), (Some(LATER), Some(UNTIL)));
    let times = |head: &QuoteHead| {
        [head.send_time, head.accept_time, head.decline_time, head.expire_time, head.withdraw_time, head.revise_time]
    };
    for (place, status) in [Sent, Accepted, Declined, Expired, Withdrawn, Superseded].into_iter().enumerate() {
        let mut expected = [None; 6];
        expected[place] = Some(LATER);
        assert_eq!(times(&head.moved(status, LATER)), expected, "{status:?}");
    }
}

#[test]
fn what_is_due_is_seen_as_expired() {
    for status in QuoteStatus::ALL {
        let quote = quote(*status);
        assert_eq!(quote.clone().seen_at(LATER), quote, "{status:?} in time");
        let late = quote.clone().seen_at(UNTIL);
        if status.runs_out() {
            assert_eq!((late.head.status, late.head.expire_time), (QuoteStatus::Expired, Some(UNTIL)));
            assert_eq!((late.head.version, late.head.update_time), (2, UNTIL));
            assert_eq!(late.clone().seen_at(Time::from_micros(9_000)), late, "once");
        } else {
            assert_eq!(late, quote, "{status:?} does not run out");
        }
    }
}

#[test]
fn a_revision_says_the_same_under_new_ids() {
    let before = quote(QuoteStatus::Sent);
    let revision = before.revision(id(5), || id(6), LATER);
    let head = &revision.head;
    assert_eq!((head.status, head.revision, head.revises), (QuoteStatus::Draft, 2, Some(before.head.id)));
    assert_eq!((head.version, head.create_time, head.send_time), (1, LATER, None));
    assert_eq!((head.totals, head.valid_until), (before.head.totals, before.head.valid_until));
    assert_eq!((&head.note, &head.reference), (&before.head.note, &before.head.reference));
    let renamed = QuoteItem { id: id(6), ..before.items[0].clone() };
    assert_eq!(revision.items, [renamed]);
}

#[test]
fn kept_lines_keep_their_price_unless_the_currency_changes() {
    let mut quote = draft();
    assert_eq!((quote.head.totals.subtotal, quote.head.totals.total), (gbp(2500), gbp(2700)));
    let mut order = Order::pricing(&quote, false);
    price(&mut order, pots(3), 9999);
    quote.take_amounts(order);
    assert_eq!((quote.head.totals.subtotal, quote.items[0].unit_price), (gbp(3750), gbp(1250)));
    quote.edit(QuotePatch { currency: Some(currency("EUR")), ..Default::default() });
    let mut order = Order::pricing(&quote, true);
    price(&mut order, quote.wishes(), 1000);
    quote.take_amounts(order);
    assert_eq!(quote.items[0].unit_price.minor_units(), 2000, "the price of the catalog in EUR");
}

#[test]
fn the_order_of_a_quote_costs_what_was_quoted() {
    let quote = quote(QuoteStatus::Sent);
    let order = Order::of_quote(id(7), &quote, || id(8), LATER).expect("an order");
    let totals = &order.head.totals;
    assert_eq!((totals.subtotal, totals.discount, totals.tax), (gbp(2500), gbp(250), gbp(450)));
    assert_eq!((totals.total, totals.due), (gbp(2700), gbp(2700)));
    assert_eq!((order.head.discount, order.head.reference.as_deref()), (Some(Discount::Percent(1000)), None));
    assert_eq!((order.items[0].id, order.items[0].unit_price), (id(8), gbp(1250)));
}
