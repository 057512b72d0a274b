//! The life of an order: every move in every state by table, and by chance whatever may happen to its units.

use uuid::Uuid;

use super::tests::{NOW, catalog, check_sums, content, draft, gbp, line, product};
use super::*;
use crate::domain::ids::TypedId;
use crate::domain::states::Machine;

fn order(quantities: &[i32]) -> Order {
    let names: Vec<_> = (0..quantities.len()).map(|place| format!("P{place}")).collect();
    let products = catalog(names.iter().map(|name| product(name, 997, 2000)));
    let lines = names.iter().zip(quantities).map(|(name, quantity)| line(name, *quantity)).collect();
    draft(&products, content(lines, Some(Discount::Amount(gbp(101)))), TaxMode::Exclusive).expect("an order")
}

fn units(order: &Order, place: usize, quantity: i32) -> Units {
    Units { item: order.items[place].id, quantity }
}

fn location(number: u128) -> LocationId {
    LocationId::from_uuid(Uuid::from_u128(number))
}

#[test]
fn every_move_in_every_state() {
    use OrderAction::{
        Approve, Cancel, Complete, Confirm, Delete, Expire, Hold, Place, Reject, ReleaseHold, Replace, Update,
    };
    for (status, legal, done) in [
        (OrderStatus::Draft, &[Place, Update, Replace, Delete][..], &[][..]),
        (OrderStatus::PendingApproval, &[Approve, Reject, Expire, Hold, ReleaseHold, Cancel, Update], &[Place]),
        (OrderStatus::Placed, &[Confirm, Hold, ReleaseHold, Cancel, Expire, Update], &[Place, Approve]),
        (OrderStatus::Confirmed, &[Hold, ReleaseHold, Cancel, Complete, Update], &[Confirm]),
        (OrderStatus::Completed, &[Update], &[Complete]),
        (OrderStatus::Canceled, &[Update], &[Cancel]),
        (OrderStatus::Rejected, &[Update], &[Reject]),
        (OrderStatus::Expired, &[Update], &[Expire]),
    ] {
        let mut order = order(&[1]);
        order.head.status = status;
        assert_eq!(status.legal(), legal, "{status:?}");
        for action in OrderAction::ALL.iter().copied() {
            let expected = match action {
                _ if legal.contains(&action) => Ok(true),
                _ if done.contains(&action) => Ok(false),
                _ => Err(IllegalMove { from: status, action, field: None }),
            };
            assert_eq!(order.check(action), expected, "{action:?} in {status:?}");
        }
    }
}

#[test]
fn what_callers_may_do_follows_holds_and_units() {
    use OrderAction::{Cancel, Complete, Confirm, Hold as Stop, ReleaseHold, Update};
    let mut order = order(&[2]);
    order.place(NOW);
    assert_eq!(order.actions(), [Confirm, Stop, Cancel, Update]);
    let hold =
        |number| Hold { id: HoldId::from_uuid(Uuid::from_u128(number)), reason: String::new(), create_time: NOW };
    assert!(order.hold(hold(1)) && order.hold(hold(2)));
    assert_eq!(order.actions(), [Stop, ReleaseHold, Cancel, Update]);
    assert_eq!(order.release_hold(Some(hold(3).id)), None, "it never had this one");
    assert_eq!((order.release_hold(Some(hold(1).id)), order.head.holds.as_slice()), (Some(()), &[hold(2)][..]));
    assert_eq!((order.release_hold(None), order.release_hold(Some(hold(1).id))), (Some(()), Some(())));
    assert!(order.head.holds.is_empty());
    order.confirm(NOW);
    assert_eq!(order.actions(), [Stop, Cancel, Update]);
    order.items[0].quantity_shipped = 1;
    order.cancel(String::new(), NOW).expect("the rest");
    assert_eq!(
        (order.head.status, order.actions().as_slice()),
        (OrderStatus::Confirmed, &[Stop, Complete, Update][..])
    );
    for number in 3..=100 {
        assert!(order.hold(hold(number)), "{number}");
    }
    assert!(!order.hold(hold(101)), "released ones count");
}

#[test]
fn canceled_units_are_not_owed_and_the_last_has_the_remainder() {
    let mut order = order(&[3, 1]);
    let total = order.head.totals.total;
    order.place(NOW);
    let mut before = gbp(0);
    for step in 1..=3 {
        let one = units(&order, 0, 1);
        order.cancel_units(&[one], String::new(), NOW).expect("canceled");
        check_sums(&order);
        let canceled = order.head.totals.canceled;
        assert!(canceled.minor_units() > before.minor_units(), "step {step}");
        before = canceled;
    }
    assert_eq!((before, order.head.status), (order.items[0].total, OrderStatus::Placed));
    let last = units(&order, 1, 1);
    order.cancel_units(&[last], "all of it".to_owned(), NOW).expect("canceled");
    assert_eq!((order.head.totals.canceled, order.head.status), (total, OrderStatus::Canceled));
    assert_eq!(order.head.cancel_reason, "all of it");
}

#[test]
fn units_that_are_not_open_are_not_canceled() {
    let mut order = order(&[3, 2]);
    order.items[0].quantity_shipped = 1;
    let item = order.items[0].id;
    let (one, two) = (units(&order, 0, 1), units(&order, 0, 2));
    let refused = order.clone().cancel_units(&[one, two], String::new(), NOW);
    assert_eq!(refused, Err(CancelError::TooMany { place: 1, item, open: 1 }), "the same line twice is summed");
    let foreign = Units { item: OrderItemId::from_uuid(Uuid::from_u128(99)), quantity: 1 };
    assert_eq!(order.cancel_units(&[one, foreign], String::new(), NOW), Err(CancelError::NoSuchItem(1)));
}

#[test]
fn stock_is_asked_for_once_a_product_and_location() {
    let mut counted = product("A", 100, 0);
    counted.track_inventory = true;
    let products = catalog([counted, product("B", 100, 0)]);
    let wishes =
        vec![line("A", 2), line("B", 5), line("A", 3), NewLine { location: Some(location(2)), ..line("A", 7) }];
    let mut order = draft(&products, content(wishes, None), TaxMode::Exclusive).expect("an order");
    assert!(order.needs_location(&products));
    order.reserve(&products, location(1));
    let source = crate::domain::stock::Source::Order(order.head.id);
    let asked = |before: &[OrderItem], after: &[OrderItem]| {
        let changes = stock_changes(source, before, after, Some("order."));
        changes.into_iter().map(|change| (change.location, change.reserved, change.field)).collect::<Vec<_>>()
    };
    let first = Some("order.items[0].quantity".to_owned());
    let taken = asked(&[], &order.items);
    assert_eq!(taken, [(location(1), 5, first.clone()), (location(2), 7, Some("order.items[3].quantity".to_owned()))]);
    let before = order.items.clone();
    order.items[0].quantity_reserved = 4;
    order.items[3].location = Some(location(1));
    assert_eq!(asked(&before, &order.items), [(location(1), 9, first), (location(2), -7, None)]);
    assert_eq!(asked(&before, &before), []);
    order.place(NOW);
    order.items[0].quantity_reserved = 2;
    order.cancel(String::new(), NOW).expect("canceled");
    assert_eq!(asked(&order.items, &order.items), [], "what is canceled holds nothing");
}

/// Whatever is shipped, canceled and returned in whatever order: no unit is anywhere twice, and amounts add up.
#[test]
fn units_are_never_in_two_places() {
    let mut state = 11_u64;
    let mut next = |end: i32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((state >> 33) % u64::try_from(end).expect("above zero")).expect("small")
    };
    for round in 0..500 {
        let mut order = order(&[1 + next(5), 1 + next(5), 1 + next(5)]);
        let total = order.head.totals.total;
        order.place(NOW);
        order.confirm(NOW);
        for _ in 0..12 {
            let place = usize::try_from(next(3)).expect("small");
            let (count, open) = (1 + next(3), order.items[place].open());
            if next(2) == 0 {
                let wish = units(&order, place, count);
                let outcome = order.cancel_units(&[wish], String::new(), NOW);
                assert_eq!(outcome.is_ok(), count <= open, "round {round}");
            } else if count <= open && order.head.status == OrderStatus::Confirmed {
                order.items[place].quantity_shipped += count;
                order.recompute().expect("in range");
            }
            check_sums(&order);
            for item in &order.items {
                assert!(item.open() >= 0 && item.quantity_canceled >= 0 && item.quantity_shipped >= 0);
            }
            let shipped: i32 = order.items.iter().map(|item| item.quantity_shipped).sum();
            let is_canceled = !order.has_open_units() && shipped == 0;
            assert_eq!(order.head.status == OrderStatus::Canceled, is_canceled, "round {round}");
            assert_eq!(order.is_fulfilled(), !order.has_open_units() && shipped > 0);
        }
        assert_eq!(order.head.totals.total, total, "what was ordered stays");
    }
}

/// Edits a placed order as somebody with these rights.
fn edited(order: &mut Order, lines: Vec<NewLine>, rights: Rights) -> Result<(), OrderError> {
    let products = catalog([product("P0", 997, 2000), product("P1", 997, 2000)]);
    order.set_lines(lines, &products, || OrderItemId::from_uuid(Uuid::from_u128(77)), rights, "order.")
}

#[test]
fn a_discount_of_the_whole_order_is_for_the_units_it_was_given_for() {
    let nobody = Rights { prices: false, discounts: false };
    let staff = Rights { prices: true, discounts: true };
    for more in [vec![line("P0", 4)], vec![line("P0", 3), line("P1", 1)]] {
        let mut order = order(&[3]);
        order.place(NOW);
        let refused = edited(&mut order.clone(), more.clone(), nobody);
        let Err(OrderError::Lines(errors)) = refused else { panic!("{more:?}: {refused:?}") };
        assert_eq!(errors.iter().map(|error| error.problem).collect::<Vec<_>>(), [LineProblem::GivenDiscount]);
        edited(&mut order, more, staff).expect("who may give it may give more");
    }
    let mut fewer = order(&[3]);
    fewer.place(NOW);
    edited(&mut fewer, vec![line("P0", 2)], nobody).expect("fewer units");
}

#[test]
fn an_edit_keeps_what_was_canceled_and_leaves_units_open() {
    let staff = Rights { prices: true, discounts: true };
    let mut order = order(&[2, 5]);
    order.place(NOW);
    let all_of_the_first = units(&order, 0, 2);
    order.cancel_units(&[all_of_the_first], String::new(), NOW).expect("canceled");
    let refused = edited(&mut order.clone(), vec![line("P1", 5)], staff);
    let Err(OrderError::Lines(errors)) = refused else { panic!("{refused:?}") };
    assert_eq!((errors[0].field.as_str(), errors[0].problem), ("order.items", LineProblem::DroppedCanceled));
    let refused = edited(&mut order.clone(), vec![line("P0", 1), line("P1", 5)], staff);
    assert!(matches!(refused, Err(OrderError::Lines(errors)) if errors[0].field == "order.items[0]"));
    let refused = edited(&mut order.clone(), vec![line("P0", 2)], staff);
    assert!(matches!(refused, Err(OrderError::Invalid(violation)) if violation.code == "nothing_open"));
    edited(&mut order, vec![line("P0", 2), line("P1", 4)], staff).expect("an edit");
    check_sums(&order);
    assert_eq!((order.items[0].quantity_canceled, order.items[1].open()), (2, 4));
}

#[test]
fn of_two_lines_of_one_sku_the_one_with_as_many_units_is_meant() {
    let products = catalog([product("P0", 997, 2000)]);
    let wishes = vec![line("P0", 2), line("P0", 5)];
    let mut order = draft(&products, content(wishes, None), TaxMode::Exclusive).expect("an order");
    let ids = [order.items[0].id, order.items[1].id];
    order.place(NOW);
    edited(&mut order, vec![line("P0", 5), line("P0", 3)], Rights { prices: true, discounts: true }).expect("an edit");
    assert_eq!([order.items[0].id, order.items[1].id], [ids[1], ids[0]]);
}
