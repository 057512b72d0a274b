//! How much a refund gives back: an amount, units of lines, or the rest.
//!
//! What the first units of a line cost is its cumulative share, and a refund gives what its units add to it beyond what was given
//! for the line already. So the refunds of a line sum to what it costs, in whatever parts and order they come, and also when some
//! of them fail in between.

use std::collections::{BTreeMap, HashMap};

use super::{Refund, RefundItem};
use crate::domain::ids::OrderItemId;
use crate::domain::money::{Money, MoneyError};
use crate::domain::order::{OrderHead, OrderItem, Units};
use crate::domain::payment::Payment;
use crate::domain::proration::part_of;

/// How much a refund is asked for. Amounts are above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// This amount.
    Amount(Money),
    /// Units of lines; never empty.
    Items(Vec<Units>),
    /// All that is left.
    Remaining,
}

/// What the refunds that count give back of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// Units.
    pub units: i64,
    /// Minor units of the currency of the order.
    pub amount: i64,
}

/// What a refund gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// All of it; above zero.
    pub amount: Money,
    /// Of which lines, each once, in the order they were asked for.
    pub items: Vec<RefundItem>,
}

/// Why a refund cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundError {
    /// More than can be given back.
    Exceeds {
        /// What can be.
        maximum: Money,
        /// What asked for it.
        field: String,
    },
    /// The order has no such line; what named it.
    NoSuchItem(String),
    /// An amount is not in the currency of the order; what has it.
    CurrencyMismatch(String),
    /// Amounts that were valid are not any more: a fault of ours.
    Corrupt(MoneyError),
}

impl From<MoneyError> for RefundError {
    fn from(error: MoneyError) -> Self {
        Self::Corrupt(error)
    }
}

/// What is left to give back of an order, or of one payment of it.
pub fn rest(order: &OrderHead, payment: Option<&Payment>) -> Result<Money, MoneyError> {
    let rest = order.totals.paid.minus(order.refund_claims)?.at_least_zero();
    let most = payment.map_or(rest.minor_units(), Payment::rest);
    Money::new(order.currency, rest.minor_units().min(most))
}

/// What a wish gives back of an order with these lines. `given` is what the refunds that count give back of each line, `rest` what
/// was paid and is not given back, of the order or of one payment of it.
pub fn plan(
    lines: &[OrderItem],
    given: &BTreeMap<OrderItemId, Given>,
    rest: Money,
    wish: &Wish,
) -> Result<Plan, RefundError> {
    match wish {
        Wish::Amount(amount) if amount.currency() != rest.currency() => {
            Err(RefundError::CurrencyMismatch("amount.currency_code".to_owned()))
        }
        Wish::Amount(amount) => whole(*amount, rest, "amount"),
        Wish::Remaining => whole(rest, rest, "remaining"),
        Wish::Items(units) => of_lines(lines, given, rest, units),
    }
}

fn whole(amount: Money, rest: Money, field: &str) -> Result<Plan, RefundError> {
    if amount.minor_units() < 1 || amount.minor_units() > rest.minor_units() {
        return Err(RefundError::Exceeds { maximum: rest, field: field.to_owned() });
    }
    Ok(Plan { amount, items: Vec::new() })
}

fn of_lines(
    lines: &[OrderItem],
    given: &BTreeMap<OrderItemId, Given>,
    rest: Money,
    units: &[Units],
) -> Result<Plan, RefundError> {
    let currency = rest.currency();
    let (mut left, mut items) = (rest.minor_units(), Vec::new());
    for (line, asked) in summed(lines, given, rest, units)? {
        let given = given.get(&line.id).copied().unwrap_or_default();
        let units = i32::try_from(given.units + i64::from(asked)).unwrap_or(line.quantity);
        let share = part_of(line.total, units, line.quantity)?;
        // An edit may have made the line cheaper than what was given for it.
        let amount = (share.minor_units() - given.amount).clamp(0, left);
        left -= amount;
        items.push(RefundItem { item: line.id, quantity: asked, amount: Money::new(currency, amount)? });
    }
    let amount = Money::sum(currency, items.iter().map(|item| item.amount))?;
    if amount.minor_units() == 0 {
        return Err(RefundError::Exceeds { maximum: amount, field: "items".to_owned() });
    }
    Ok(Plan { amount, items })
}

/// The lines that are asked for, each once, with all the units that are asked of it.
fn summed<'l>(
    lines: &'l [OrderItem],
    given: &BTreeMap<OrderItemId, Given>,
    rest: Money,
    units: &[Units],
) -> Result<Vec<(&'l OrderItem, i32)>, RefundError> {
    let lines: HashMap<_, _> = lines.iter().map(|line| (line.id, line)).collect();
    let (mut wanted, mut places): (Vec<(&OrderItem, i32)>, HashMap<_, usize>) = (Vec::new(), HashMap::new());
    for (number, units) in units.iter().enumerate() {
        let no_such_item = || RefundError::NoSuchItem(format!("items[{number}].item_id"));
        let line = *lines.get(&units.item).ok_or_else(no_such_item)?;
        let place = *places.entry(line.id).or_insert_with(|| {
            wanted.push((line, 0));
            wanted.len() - 1
        });
        let asked = &mut wanted[place].1;
        *asked = asked.saturating_add(units.quantity);
        let given = given.get(&line.id).copied().unwrap_or_default();
        if given.units + i64::from(*asked) > i64::from(line.quantity) {
            let maximum = left_of(line, given, rest)?;
            return Err(RefundError::Exceeds { maximum, field: format!("items[{number}].quantity") });
        }
    }
    Ok(wanted)
}

/// What a line can give back at most.
fn left_of(line: &OrderItem, given: Given, rest: Money) -> Result<Money, MoneyError> {
    let left = (line.total.minor_units() - given.amount).clamp(0, rest.minor_units());
    Money::new(rest.currency(), if given.units < i64::from(line.quantity) { left } else { 0 })
}

/// Whether a refund that failed can be tried again: its money and its units are still there. `field` is what asks for it.
pub fn check_retry(
    refund: &Refund,
    lines: &[OrderItem],
    given: &BTreeMap<OrderItemId, Given>,
    rest: Money,
    field: &str,
) -> Result<(), RefundError> {
    whole(refund.amount, rest, field)?;
    let lines: HashMap<_, _> = lines.iter().map(|line| (line.id, line)).collect();
    for item in &refund.items {
        let given = given.get(&item.item).copied().unwrap_or_default();
        // An edit may have taken the line away.
        let maximum =
            lines.get(&item.item).map_or(Ok(Money::zero(rest.currency())), |line| left_of(line, given, rest))?;
        let quantity = lines.get(&item.item).map_or(0, |line| i64::from(line.quantity));
        let is_short = given.units + i64::from(item.quantity) > quantity;
        if is_short || item.amount.minor_units() > maximum.minor_units() {
            return Err(RefundError::Exceeds { maximum, field: field.to_owned() });
        }
    }
    Ok(())
}
