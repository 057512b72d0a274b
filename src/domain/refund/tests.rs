//! Every state × every action, and that no sequence of refunds gives back more than was paid, or loses a penny.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::ids::{ProductId, TypedId};
use crate::domain::money::Currency;
use crate::domain::order::{OrderItem, Units};

const MOST: i64 = MAX_MINOR_UNITS;

fn gbp(minor_units: i64) -> Money {
    Money::new(Currency::parse("GBP").expect("a currency"), minor_units).expect("in range")
}

fn item_id(place: usize) -> OrderItemId {
    OrderItemId::from_uuid(Uuid::from_u128(u128::try_from(place).expect("small") + 1))
}

fn line(place: usize, quantity: i32, total: i64) -> OrderItem {
    OrderItem {
        id: item_id(place),
        product: ProductId::from_uuid(Uuid::nil()),
        sku: String::new(),
        name: String::new(),
        quantity,
        unit_price: gbp(0),
        price_is_own: false,
        own_discount: None,
        tax_rate_bps: 0,
        discount: gbp(0),
        tax: gbp(0),
        total: gbp(total),
        quantity_canceled: 0,
        quantity_shipped: 0,
        quantity_returned: 0,
        location: None,
        quantity_reserved: 0,
        quantity_in_returns: 0,
    }
}

fn units(place: usize, quantity: i32) -> Units {
    Units { item: item_id(place), quantity }
}

fn refund(plan: Plan) -> Refund {
    let new = NewRefund {
        order: OrderId::from_uuid(Uuid::nil()),
        wish: Wish::Remaining,
        reason: "asked for".to_owned(),
        payment: None,
        reference: None,
        metadata: Metadata::new(),
    };
    Refund::new(RefundId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::nil()), new, plan, Time::from_micros(1))
}

fn in_state(status: RefundStatus) -> Refund {
    Refund { status, ..refund(Plan { amount: gbp(5), items: Vec::new() }) }
}

#[test]
#[allow(clippy::unnested_or_patterns, reason = "one line a state reads better")]
fn every_state_and_action() {
    use RefundAction::{Approve, Cancel, Expire, MarkFailed, MarkSucceeded, Reject, Retry};
    use RefundStatus::{Canceled, Failed, Pending, PendingApproval, Rejected, Succeeded};
    for status in RefundStatus::ALL {
        for action in RefundAction::ALL {
            let expected = match (status, action) {
                (PendingApproval, Approve) | (Failed, Retry) => Some(Pending),
                (PendingApproval, Reject | Expire) => Some(Rejected),
                (PendingApproval | Pending | Failed, Cancel) => Some(Canceled),
                (Pending, MarkSucceeded) => Some(Succeeded),
                (Pending, MarkFailed) => Some(Failed),
                // The same move again is none.
                (Pending, Approve | Retry)
                | (Rejected, Reject | Expire)
                | (Canceled, Cancel)
                | (Succeeded, MarkSucceeded)
                | (Failed, MarkFailed) => {
                    assert_eq!(status.asks(*action), Some(false), "{status:?} {action:?}");
                    assert_eq!(in_state(*status).after(*action, "", Time::from_micros(2)), in_state(*status));
                    continue;
                }
                (PendingApproval, MarkSucceeded | MarkFailed | Retry)
                | (Failed, Approve | Reject | Expire | MarkSucceeded)
                | (Pending, Reject | Expire)
                | (Succeeded, MarkFailed | Retry | Cancel | Approve | Reject | Expire)
                | (Canceled | Rejected, MarkSucceeded | MarkFailed | Retry | Approve)
                | (Canceled, Reject | Expire)
                | (Rejected, Cancel) => None,
            };
            assert_eq!(status.asks(*action), expected.map(|_| true), "{status:?} {action:?}");
            let (before, now) = (in_state(*status), Time::from_micros(2));
            let after = before.after(*action, "why", now);
            let version = 1 + i64::from(expected.is_some());
            assert_eq!((after.status, after.version), (expected.unwrap_or(*status), version), "{status:?} {action:?}");
        }
    }
}

#[test]
fn a_move_notes_when_and_why() {
    let at = Time::from_micros;
    let failed = in_state(RefundStatus::Pending).after(RefundAction::MarkFailed, "card closed", at(2));
    assert_eq!((failed.failure_reason.as_str(), failed.fail_time, failed.claim()), ("card closed", Some(at(2)), 0));
    let again = failed.after(RefundAction::Retry, "another card", at(3));
    assert_eq!((again.failure_reason.as_str(), again.fail_time, again.claim()), ("", None, 5));
    let done = again.after(RefundAction::MarkSucceeded, "", at(4));
    assert_eq!((done.succeed_time, done.claim(), done.reason.as_str()), (Some(at(4)), 5, "asked for"));
    let canceled = failed.after(RefundAction::Cancel, "", at(3));
    assert_eq!((canceled.cancel_time, canceled.failure_reason.as_str()), (Some(at(3)), "card closed"));
}

#[test]
fn amounts_stay_below_the_rest() {
    for (amount, rest, fits) in [(1, 1, true), (40, 100, true), (101, 100, false), (1, 0, false), (MOST, MOST, true)] {
        let planned = plan(&[], &BTreeMap::new(), gbp(rest), &Wish::Amount(gbp(amount)));
        let refused = RefundError::Exceeds { maximum: gbp(rest), field: "amount".to_owned() };
        let expected = if fits { Ok(Plan { amount: gbp(amount), items: Vec::new() }) } else { Err(refused) };
        assert_eq!(planned, expected, "{amount} of {rest}");
    }
    let yen = Money::new(Currency::parse("JPY").expect("a currency"), 1).expect("in range");
    let mixed = plan(&[], &BTreeMap::new(), gbp(5), &Wish::Amount(yen));
    assert_eq!(mixed, Err(RefundError::CurrencyMismatch("amount.currency_code".to_owned())));
    let nothing = plan(&[], &BTreeMap::new(), gbp(0), &Wish::Remaining);
    assert_eq!(nothing, Err(RefundError::Exceeds { maximum: gbp(0), field: "remaining".to_owned() }));
}

#[test]
fn a_line_gives_its_share_and_the_last_unit_the_remainder() {
    let lines = [line(0, 3, 100), line(1, 1, 7)];
    let mut given = BTreeMap::new();
    let mut amounts = Vec::new();
    for _ in 0..3 {
        let planned = plan(&lines, &given, gbp(100), &Wish::Items(vec![units(0, 1)])).expect("units are left");
        let entry: &mut Given = given.entry(item_id(0)).or_default();
        entry.units += 1;
        entry.amount += planned.amount.minor_units();
        amounts.push(planned.amount.minor_units());
    }
    assert_eq!(amounts.iter().sum::<i64>(), 100, "{amounts:?}");
    let more = plan(&lines, &given, gbp(100), &Wish::Items(vec![units(1, 1), units(0, 1)]));
    let refused = RefundError::Exceeds { maximum: gbp(0), field: "items[1].quantity".to_owned() };
    assert_eq!(more, Err(refused));
    let stranger = plan(&lines, &given, gbp(100), &Wish::Items(vec![units(1, 1), units(9, 1)]));
    assert_eq!(stranger, Err(RefundError::NoSuchItem("items[1].item_id".to_owned())));
}

#[test]
fn a_line_named_twice_is_summed_and_the_rest_caps_what_lines_give() {
    let lines = [line(0, 3, 90), line(1, 1, 70)];
    let wish = Wish::Items(vec![units(0, 1), units(1, 1), units(0, 2)]);
    let planned = plan(&lines, &BTreeMap::new(), gbp(100), &wish).expect("a plan");
    let shown: Vec<_> =
        planned.items.iter().map(|item| (item.item, item.quantity, item.amount.minor_units())).collect();
    assert_eq!(shown, [(item_id(0), 3, 90), (item_id(1), 1, 10)]);
    assert_eq!(planned.amount, gbp(100));
    let twice = Wish::Items(vec![units(1, 1), units(1, i32::MAX)]);
    let refused = RefundError::Exceeds { maximum: gbp(70), field: "items[1].quantity".to_owned() };
    assert_eq!(plan(&lines, &BTreeMap::new(), gbp(100), &twice), Err(refused));
    let broke = plan(&lines, &BTreeMap::new(), gbp(0), &Wish::Items(vec![units(0, 1)]));
    assert_eq!(broke, Err(RefundError::Exceeds { maximum: gbp(0), field: "items".to_owned() }));
}

#[test]
fn a_refund_is_tried_again_only_while_its_money_and_units_are_there() {
    let lines = [line(0, 2, 101)];
    let planned = plan(&lines, &BTreeMap::new(), gbp(101), &Wish::Items(vec![units(0, 1)])).expect("a plan");
    let failed = refund(planned);
    let retry = |units, amount, rest| {
        let given = BTreeMap::from([(item_id(0), Given { units, amount })]);
        check_retry(&failed, &lines, &given, gbp(rest), "refund_id").is_ok()
    };
    assert!(retry(0, 0, 101) && retry(1, 51, 50), "{failed:?}");
    assert!(!retry(2, 51, 101), "its unit is given");
    assert!(!retry(1, 60, 101), "its share is given");
    assert!(!retry(0, 0, 49), "its money is given");
    let gone = check_retry(&failed, &[], &BTreeMap::new(), gbp(101), "refund_id");
    assert_eq!(gone, Err(RefundError::Exceeds { maximum: gbp(0), field: "refund_id".to_owned() }));
}

#[test]
fn the_weight_of_a_refund_is_that_of_all_and_never_leaves_the_range() {
    assert_eq!(weight(gbp(10), []), gbp(10));
    assert_eq!(weight(gbp(10), [20, 30]), gbp(60));
    assert_eq!(weight(gbp(MOST), [MOST, i64::MAX]), gbp(MOST));
}

/// A generator from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 11).unwrap_or(0) % end.max(1)
    }

    fn place(&mut self, end: usize) -> usize {
        usize::try_from(self.below(i64::try_from(end).unwrap_or(1))).unwrap_or(0)
    }
}

/// An order as the books of refunds see it.
struct Books {
    lines: Vec<OrderItem>,
    paid: i64,
    refunds: Vec<Refund>,
}

impl Books {
    fn of_any_size(chance: &mut Chance) -> Self {
        let count = 1 + chance.place(4);
        let top = [10, 1_000, 1_000_000, MOST / 4][chance.place(4)];
        let any = |place| line(place, 1 + i32::try_from(chance.below(7)).unwrap_or(0), chance.below(top));
        let lines: Vec<_> = (0..count).map(any).collect();
        let total: i64 = lines.iter().map(|line| line.total.minor_units()).sum();
        let paid = [total, total / 2, total + 3, MOST][chance.place(4)];
        Self { lines, paid, refunds: Vec::new() }
    }

    fn rest(&self) -> Money {
        gbp(self.paid - self.refunds.iter().map(Refund::claim).sum::<i64>())
    }

    fn given(&self) -> BTreeMap<OrderItemId, Given> {
        let mut given: BTreeMap<OrderItemId, Given> = BTreeMap::new();
        for item in self.refunds.iter().filter(|refund| refund.status.counts()).flat_map(|refund| &refund.items) {
            let entry = given.entry(item.item).or_default();
            entry.units += i64::from(item.quantity);
            entry.amount += item.amount.minor_units();
        }
        given
    }

    fn ask(&mut self, wish: &Wish) {
        if let Ok(plan) = plan(&self.lines, &self.given(), self.rest(), wish) {
            assert!(plan.amount.minor_units() > 0);
            self.refunds.push(refund(plan));
        }
    }

    fn act(&mut self, place: usize, action: RefundAction) {
        let Some(before) = self.refunds.get(place) else { return };
        if before.status.asks(action) != Some(true) {
            return;
        }
        let retried = action == RefundAction::Retry;
        if retried && check_retry(before, &self.lines, &self.given(), self.rest(), "refund_id").is_err() {
            return;
        }
        self.refunds[place] = before.after(action, "", Time::from_micros(9));
    }

    /// Nothing is given twice, and no line gives more than it has.
    fn check(&self) {
        assert!(self.rest().minor_units() >= 0);
        let given = self.given();
        for line in &self.lines {
            let given = given.get(&line.id).copied().unwrap_or_default();
            assert!(given.units <= i64::from(line.quantity), "{given:?} of {line:?}");
            assert!((0..=line.total.minor_units()).contains(&given.amount), "{given:?} of {line:?}");
        }
        for refund in self.refunds.iter().filter(|refund| !refund.items.is_empty()) {
            let sum: i64 = refund.items.iter().map(|item| item.amount.minor_units()).sum();
            assert_eq!(sum, refund.amount.minor_units());
        }
    }

    fn step(&mut self, chance: &mut Chance) {
        let refund = chance.place(self.refunds.len());
        match chance.below(8) {
            0 => self.ask(&Wish::Amount(gbp(1 + chance.below(self.paid)))),
            1 => self.ask(&Wish::Remaining),
            2..=4 => {
                let many = 1 + chance.place(3);
                let any = |_| units(chance.place(self.lines.len()), 1 + i32::try_from(chance.below(3)).unwrap_or(0));
                let wish = Wish::Items((0..many).map(any).collect());
                self.ask(&wish);
            }
            5 => self.act(refund, RefundAction::MarkFailed),
            6 => self.act(refund, RefundAction::Retry),
            _ => self.act(refund, [RefundAction::MarkSucceeded, RefundAction::Cancel][chance.place(2)]),
        }
    }
}

#[test]
fn no_sequence_of_refunds_gives_back_more_than_was_paid_or_loses_a_penny() {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2_000 {
        let mut books = Books::of_any_size(&mut chance);
        for _ in 0..25 {
            books.step(&mut chance);
            books.check();
        }
        books.ask(&Wish::Remaining);
        assert_eq!(books.rest(), gbp(0), "the rest takes all that is left");
    }
}

#[test]
fn lines_in_any_parts_and_order_sum_to_what_they_cost() {
    let mut chance = Chance(0xD1B5_4A32_D192_ED03);
    for _ in 0..2_000 {
        let mut books = Books::of_any_size(&mut chance);
        let total: i64 = books.lines.iter().map(|line| line.total.minor_units()).sum();
        books.paid = books.paid.max(total);
        let mut open: Vec<usize> = (0..books.lines.len()).collect();
        let mut left: Vec<i32> = books.lines.iter().map(|line| line.quantity).collect();
        let mut kept = vec![0; left.len()];
        while !open.is_empty() {
            let place = open[chance.place(open.len())];
            // Units whose share rounds to nothing are asked for together with the next ones.
            let asked = kept[place] + 1;
            let before = books.refunds.len();
            books.ask(&Wish::Items(vec![units(place, asked)]));
            let is_taken = books.refunds.len() > before;
            // Some fail, and free what they held.
            if is_taken && chance.below(3) == 0 {
                books.act(before, RefundAction::MarkFailed);
                continue;
            }
            kept[place] = if is_taken { 0 } else { asked };
            left[place] -= 1;
            if left[place] == 0 {
                open.retain(|other| *other != place);
            }
        }
        books.check();
        assert_eq!(books.paid - books.rest().minor_units(), total, "{:?}", books.lines);
    }
}
