//! The rules of orders by table and by chance.

use std::collections::HashMap;

use uuid::Uuid;

use super::*;
use crate::domain::AddressChange;
use crate::domain::ids::TypedId;
use crate::domain::money::MAX_MINOR_UNITS;
use crate::domain::product::{NewProduct, Product, ProductStatus};

pub(super) const NOW: Time = Time::from_micros(1_700_000_000_000_000);

pub(super) fn gbp(minor_units: i64) -> Money {
    money("GBP", minor_units)
}

fn money(code: &str, minor_units: i64) -> Money {
    Money::new(Currency::parse(code).expect("a currency"), minor_units).expect("in range")
}

pub(super) fn product(sku: &str, price: i64, tax_rate_bps: i32) -> Product {
    let new = NewProduct {
        sku: sku.to_owned(),
        name: format!("The {sku}"),
        description: String::new(),
        prices: vec![gbp(price)],
        tax_rate_bps,
        track_inventory: false,
        metadata: Metadata::new(),
    };
    Product::new(ProductId::from_uuid(Uuid::nil()), new, NOW)
}

pub(super) fn catalog(products: impl IntoIterator<Item = Product>) -> HashMap<String, Product> {
    products.into_iter().map(|product| (product.sku.clone(), product)).collect()
}

pub(super) fn line(sku: &str, quantity: i32) -> NewLine {
    NewLine { sku: sku.to_owned(), quantity, unit_price: None, discount: None, location: None }
}

pub(super) fn content(lines: Vec<NewLine>, discount: Option<Discount>) -> OrderContent {
    OrderContent {
        customer: CustomerId::from_uuid(Uuid::nil()),
        currency: gbp(0).currency(),
        lines,
        discount,
        shipping_address: None,
        billing_address: None,
        note: String::new(),
        reference: None,
        metadata: Metadata::new(),
    }
}

fn settings(tax_mode: TaxMode) -> Settings {
    Settings { tax_mode, rounding_mode: RoundingMode::HalfUp }
}

/// Somebody who may choose everything.
const ALL_RIGHTS: Rights = Rights { prices: true, discounts: true };

/// Ids count up from `first`.
fn ids(first: u128) -> impl FnMut() -> OrderItemId {
    let mut next = first;
    move || {
        next += 1;
        OrderItemId::from_uuid(Uuid::from_u128(next))
    }
}

pub(super) fn draft(
    products: &HashMap<String, Product>,
    content: OrderContent,
    tax_mode: TaxMode,
) -> Result<Order, OrderError> {
    let (mut order, lines) = Order::draft(OrderId::from_uuid(Uuid::nil()), content, settings(tax_mode), NOW);
    order.set_lines(lines, products, ids(0), ALL_RIGHTS, "")?;
    Ok(order)
}

fn amounts(order: &Order) -> (i64, i64, i64, i64) {
    let totals = order.head.totals;
    let units = Money::minor_units;
    (units(totals.subtotal), units(totals.discount), units(totals.tax), units(totals.total))
}

/// Every total is the sum of its lines, and every line adds up.
pub(super) fn check_sums(order: &Order) {
    let totals = order.head.totals;
    let sum = |part: fn(&OrderItem) -> Money| Money::sum(order.head.currency, order.items.iter().map(part));
    assert_eq!(sum(|item| item.total), Ok(totals.total));
    assert_eq!(sum(|item| item.tax), Ok(totals.tax));
    assert_eq!(sum(|item| item.discount), Ok(totals.discount));
    let net = totals.subtotal.minus(totals.discount).expect("in range");
    let expected = match order.head.tax_mode {
        TaxMode::Exclusive => net.plus(totals.tax).expect("in range"),
        TaxMode::Inclusive => net,
    };
    assert_eq!(totals.total, expected);
    let owed = totals.total.minus(totals.canceled).and_then(|owed| owed.minus(totals.paid)).expect("in range");
    assert_eq!(totals.due, owed.at_least_zero());
    for item in &order.items {
        assert!(item.total.minor_units() >= 0 && item.tax.minor_units() >= 0 && item.discount.minor_units() >= 0);
    }
}

#[test]
fn amounts_follow_discounts_and_the_tax_mode() {
    let products = catalog([product("A", 1250, 2000), product("B", 333, 500)]);
    let percent = |bps| Some(Discount::Percent(bps));
    let amount = |units| Some(Discount::Amount(gbp(units)));
    for (own, whole, mode, expected) in [
        (None, None, TaxMode::Exclusive, (3499, 0, 550, 4049)),
        (None, None, TaxMode::Inclusive, (3499, 0, 465, 3499)),
        (percent(1000), None, TaxMode::Exclusive, (3499, 250, 500, 3749)),
        (None, percent(1000), TaxMode::Exclusive, (3499, 350, 495, 3644)),
        (None, amount(100), TaxMode::Exclusive, (3499, 100, 535, 3934)),
        (amount(2500), amount(999), TaxMode::Exclusive, (3499, 3499, 0, 0)),
        (percent(10_000), percent(10_000), TaxMode::Inclusive, (3499, 3499, 0, 0)),
    ] {
        let lines = vec![NewLine { discount: own, ..line("A", 2) }, line("B", 3)];
        let order = draft(&products, content(lines, whole), mode).expect("an order");
        assert_eq!(amounts(&order), expected, "{own:?} {whole:?} {mode:?}");
        check_sums(&order);
        let paid = if expected.3 == 0 { PaymentStatus::Paid } else { PaymentStatus::Unpaid };
        assert_eq!(order.head.payment_status, paid);
    }
}

#[test]
fn totals_are_the_sums_of_their_lines_whatever_the_order() {
    let mut state = 7_u64;
    let mut next = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    for round in 0..2_000 {
        let count = 1 + next(12);
        let products = catalog((0..count).map(|place| {
            let (price, rate) = (next(100_000), next(10_001));
            product(&format!("P{place}"), i64::try_from(price).expect("small"), i32::try_from(rate).expect("small"))
        }));
        let lines = (0..count).map(|place| NewLine {
            quantity: 1 + i32::try_from(next(50)).expect("small"),
            discount: (next(3) == 0).then(|| Discount::Percent(i32::try_from(next(10_001)).expect("small"))),
            ..line(&format!("P{place}"), 1)
        });
        let lines: Vec<_> = lines.collect();
        let whole = (next(2) == 0).then(|| Discount::Percent(i32::try_from(next(10_001)).expect("small")));
        for mode in [TaxMode::Exclusive, TaxMode::Inclusive] {
            let mut order = draft(&products, content(lines.clone(), whole), mode).expect("an order");
            check_sums(&order);
            order.place(NOW);
            order.cancel(String::new(), NOW).expect("canceled");
            check_sums(&order);
            assert_eq!(order.head.totals.due, gbp(0), "round {round}");
        }
    }
}

#[test]
fn what_cannot_be_ordered_names_its_line() {
    let mut archived = product("ARCHIVED", 100, 0);
    archived.status = ProductStatus::Archived;
    let mut unpriced = product("EURO", 100, 0);
    unpriced.prices = vec![money("EUR", 5)];
    let products = catalog([product("A", 100, 0), archived, unpriced]);
    let in_euro = NewLine { unit_price: Some(money("EUR", 5)), ..line("A", 1) };
    let gbp_currency = gbp(0).currency();
    for (wish, problem) in [
        (line("ARCHIVED", 1), LineProblem::ProductArchived),
        (line("EURO", 1), LineProblem::PriceNotFound(gbp_currency)),
        (line("NOTHING", 1), LineProblem::ProductNotFound),
        (in_euro, LineProblem::CurrencyMismatch(gbp_currency)),
    ] {
        let sku = wish.sku.clone();
        let outcome = draft(&products, content(vec![line("A", 1), wish], None), TaxMode::Exclusive);
        let expected = LineError { field: "items[1]".to_owned(), sku, problem };
        assert_eq!(outcome, Err(OrderError::Lines(vec![expected])));
    }
}

#[test]
fn amounts_out_of_range_name_their_field() {
    let products = catalog([product("A", 100, 0)]);
    let priced = |units, quantity| NewLine { unit_price: Some(gbp(units)), ..line("A", quantity) };
    let off = |units| Some(Discount::Amount(gbp(units)));
    for (lines, whole, field) in [
        (vec![line("A", 1), priced(MAX_MINOR_UNITS, 2)], None, "items[1]"),
        (vec![line("A", 1), priced(MAX_MINOR_UNITS, 1)], None, "items"),
        (vec![NewLine { discount: off(101), ..line("A", 1) }], None, "items[0].discount.amount"),
        (vec![line("A", 1)], off(101), "discount.amount"),
    ] {
        let Err(OrderError::Invalid(violation)) = draft(&products, content(lines, whole), TaxMode::Exclusive) else {
            panic!("{field} is out of range");
        };
        assert_eq!((violation.field.as_str(), violation.code), (field, "out_of_range"));
    }
    let euro = content(vec![line("A", 1)], Some(Discount::Amount(money("EUR", 1))));
    let outcome = draft(&products, euro, TaxMode::Exclusive);
    assert_eq!(outcome, Err(OrderError::DiscountCurrency("discount.amount.currency_code".to_owned())));
}

#[test]
fn every_field_in_every_state() {
    let products = catalog([product("A", 100, 0)]);
    let mut order = draft(&products, content(vec![line("A", 1)], None), TaxMode::Exclusive).expect("an order");
    let empty = OrderPatch::default;
    let address = || AddressChange::Replace(None);
    let patches = [
        ("customer_id", OrderPatch { customer: Some(order.head.customer), ..empty() }, 0),
        ("currency_code", OrderPatch { currency: Some(order.head.currency), ..empty() }, 0),
        ("reference", OrderPatch { reference: Some(None), ..empty() }, 0),
        ("items", OrderPatch { lines: Some(vec![line("A", 2)]), ..empty() }, 1),
        ("discount", OrderPatch { discount: Some(None), ..empty() }, 1),
        ("shipping_address", OrderPatch { shipping_address: address(), ..empty() }, 1),
        ("billing_address", OrderPatch { billing_address: address(), ..empty() }, 1),
        ("note", OrderPatch { note: Some(String::new()), ..empty() }, 2),
        ("metadata", OrderPatch { metadata: Some(Metadata::new()), ..empty() }, 2),
    ];
    for status in OrderStatus::ALL.iter().copied() {
        order.head.status = status;
        let level = match status {
            OrderStatus::Draft => 0,
            OrderStatus::Placed => 1,
            _ => 2,
        };
        for (name, patch, needs) in &patches {
            let outcome = order.check_edit(patch, "order.").map_err(|illegal| illegal.field);
            let expected = if *needs >= level { Ok(()) } else { Err(Some(format!("order.{name}"))) };
            assert_eq!(outcome, expected, "{name} in {status:?}");
        }
    }
}

#[test]
fn kept_lines_keep_id_and_price_once_placed() {
    let before = catalog([product("A", 100, 2000), product("B", 50, 0)]);
    let dearer = catalog([product("A", 900, 0), product("B", 900, 0), product("C", 7, 0)]);
    let start = content(vec![line("A", 1), line("A", 2), line("B", 1)], None);
    let mut order = draft(&before, start, TaxMode::Exclusive).expect("an order");
    order.place(NOW);
    let wishes = vec![line("C", 1), line("A", 5), line("A", 6), line("A", 7)];
    order.set_lines(wishes, &dearer, ids(100), ALL_RIGHTS, "order.").expect("an edit");
    let lines: Vec<_> = order
        .items
        .iter()
        .map(|item| (item.sku.as_str(), item.id.uuid().as_u128(), item.quantity, item.unit_price.minor_units()))
        .collect();
    assert_eq!(lines, [("C", 101, 1, 7), ("A", 1, 5, 100), ("A", 2, 6, 100), ("A", 102, 7, 900)]);
    assert_eq!(order.items[1].tax_rate_bps, 2000, "and the tax");
    check_sums(&order);
}

#[test]
fn drafts_take_the_price_of_the_day() {
    let before = catalog([product("A", 100, 0)]);
    let dearer = catalog([product("A", 900, 0)]);
    let own = NewLine { unit_price: Some(gbp(5)), ..line("A", 1) };
    let mut order = draft(&before, content(vec![line("A", 1), own], None), TaxMode::Exclusive).expect("an order");
    let wishes = order.wishes();
    order.set_lines(wishes, &dearer, ids(100), ALL_RIGHTS, "").expect("priced again");
    let prices: Vec<_> = order.items.iter().map(|item| (item.id.uuid().as_u128(), item.unit_price)).collect();
    assert_eq!(prices, [(1, gbp(900)), (2, gbp(5))], "own prices stay");
}

#[test]
fn a_chosen_price_is_for_the_units_it_was_chosen_for() {
    let products = catalog([product("A", 1250, 0)]);
    let own = NewLine { unit_price: Some(gbp(1)), ..line("A", 2) };
    let mut order = draft(&products, content(vec![own, line("A", 5)], None), TaxMode::Exclusive).expect("an order");
    order.place(NOW);
    for (quantities, may_choose, expected) in [
        (vec![2, 9], false, Ok(2 + 9 * 1250)),
        (vec![1], false, Ok(1)),
        (vec![7], false, Err("items[0]")),
        (vec![3, 5], false, Err("items[0]")),
        (vec![7], true, Ok(7)),
    ] {
        let mut edited = order.clone();
        let wishes = quantities.iter().map(|quantity| line("A", *quantity)).collect();
        let outcome =
            edited.set_lines(wishes, &products, ids(100), Rights { prices: may_choose, discounts: may_choose }, "");
        let outcome = outcome.map(|()| edited.head.totals.total.minor_units()).map_err(|error| match error {
            OrderError::Lines(lines) => lines[0].field.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(outcome, expected.map_err(str::to_owned), "{quantities:?} {may_choose}");
    }
}

#[test]
fn what_others_chose_stays_for_those_who_may_not_choose() {
    let products = catalog([product("A", 1000, 0)]);
    let half = Some(Discount::Percent(5000));
    let start = content(vec![NewLine { discount: half, ..line("A", 2) }], None);
    for is_placed in [false, true] {
        let mut order = draft(&products, start.clone(), TaxMode::Exclusive).expect("an order");
        if is_placed {
            order.place(NOW);
        }
        for (quantity, rights, expected) in [
            (1, Rights { prices: false, discounts: false }, Some(500)),
            (3, Rights { prices: true, discounts: false }, None),
            (3, ALL_RIGHTS, Some(3000)),
        ] {
            let mut edited = order.clone();
            let outcome = edited.set_lines(vec![line("A", quantity)], &products, ids(100), rights, "");
            let total = outcome.ok().map(|()| edited.head.totals.total.minor_units());
            assert_eq!(total, expected, "{quantity} with {rights:?}");
        }
    }
}
