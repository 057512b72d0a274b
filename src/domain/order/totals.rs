//! What an order costs. Every amount is computed here, from the lines; every total is the sum of its lines.

use super::{FulfillmentStatus, Order, OrderError, OrderItem, PaymentStatus, Totals};
use crate::domain::discount::{Discount, DiscountError};
use crate::domain::money::{Money, MoneyError, RoundingMode, TaxMode};
use crate::domain::proration::{part_of, prorate};
use crate::domain::violation::Violation;

impl Totals {
    /// Nothing at all.
    #[must_use]
    pub fn zero(currency: crate::domain::money::Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            subtotal: zero,
            discount: zero,
            tax: zero,
            total: zero,
            canceled: zero,
            paid: zero,
            refunded: zero,
            due: zero,
        }
    }

    /// What payments are compared with.
    fn owed(&self) -> Result<Money, MoneyError> {
        self.total.minus(self.canceled)
    }

    /// What is still to pay: a refund never makes money due again.
    fn settle(&mut self) -> Result<(), MoneyError> {
        self.due = self.owed()?.minus(self.paid)?.at_least_zero();
        Ok(())
    }

    /// How much is paid, and whether something was given back.
    fn payment_status(&self) -> Result<PaymentStatus, MoneyError> {
        let (owed, paid, refunded) = (self.owed()?.minor_units(), self.paid.minor_units(), self.refunded.minor_units());
        Ok(match refunded {
            0 if paid == owed => PaymentStatus::Paid,
            0 if paid == 0 => PaymentStatus::Unpaid,
            0 if paid < owed => PaymentStatus::PartiallyPaid,
            0 => PaymentStatus::Overpaid,
            _ if refunded < paid => PaymentStatus::PartiallyRefunded,
            _ => PaymentStatus::Refunded,
        })
    }
}

impl Order {
    /// Computes every amount from lines, discounts and rates. `at` is what stands before `items` in the request.
    pub(super) fn compute(&mut self, at: &str) -> Result<(), OrderError> {
        let nets = self.nets(at)?;
        let shares = self.order_discount(&nets, at)?;
        let (tax_mode, rounding) = (self.head.tax_mode, self.head.rounding_mode);
        for (place, (item, share)) in self.items.iter_mut().zip(shares).enumerate() {
            tax(item, share, tax_mode, rounding).map_err(|_| line_out_of_range(place, at))?;
        }
        self.sum().map_err(|_| out_of_range(format!("{at}items"), "the total must stay below 2^53 minor units"))
    }

    /// What each line costs after its own discount, before tax. Leaves that discount in the line.
    fn nets(&mut self, at: &str) -> Result<Vec<Money>, OrderError> {
        let rounding = self.head.rounding_mode;
        let net = |(place, item): (usize, &mut OrderItem)| {
            let gross = item.unit_price.times(item.quantity).map_err(|_| line_out_of_range(place, at))?;
            let field = || format!("{at}items[{place}].discount");
            item.discount = taken_off(item.own_discount, gross, rounding).map_err(|error| refused(&field(), error))?;
            gross.minus(item.discount).map_err(|_| line_out_of_range(place, at))
        };
        self.items.iter_mut().enumerate().map(net).collect()
    }

    /// Each line's share of the discount on the whole order.
    fn order_discount(&self, nets: &[Money], at: &str) -> Result<Vec<Money>, OrderError> {
        let currency = self.head.currency;
        let too_large = |_| out_of_range(format!("{at}items"), "the total must stay below 2^53 minor units");
        let sum = Money::sum(currency, nets.iter().copied()).map_err(too_large)?;
        let discount = taken_off(self.head.discount, sum, self.head.rounding_mode)
            .map_err(|error| refused(&format!("{at}discount"), error))?;
        let weights: Vec<_> = nets.iter().map(|net| net.minor_units()).collect();
        let shares = prorate(discount.minor_units(), &weights);
        shares.into_iter().map(|share| Money::new(currency, share).map_err(too_large)).collect()
    }

    /// Sums the lines up.
    pub(super) fn sum(&mut self) -> Result<(), MoneyError> {
        let (currency, items) = (self.head.currency, &self.items);
        let totals = &mut self.head.totals;
        totals.subtotal = items
            .iter()
            .try_fold(Money::zero(currency), |sum, item| sum.plus(item.unit_price.times(item.quantity)?))?;
        totals.discount = Money::sum(currency, items.iter().map(|item| item.discount))?;
        totals.tax = Money::sum(currency, items.iter().map(|item| item.tax))?;
        totals.total = Money::sum(currency, items.iter().map(|item| item.total))?;
        for amount in [&mut totals.paid, &mut totals.refunded, &mut self.head.refund_claims] {
            // A draft may change its currency; it has nothing in these.
            if amount.minor_units() == 0 {
                *amount = Money::zero(currency);
            }
        }
        self.recompute()
    }

    /// Brings everything that follows from quantities and payments into line with them: what was canceled, what is due, and
    /// how much is paid and shipped.
    ///
    /// # Errors
    /// When an amount leaves its range, which none does that was valid before.
    pub fn recompute(&mut self) -> Result<(), MoneyError> {
        let canceled = self.items.iter().map(|item| part_of(item.total, item.quantity_canceled, item.quantity));
        let totals = &mut self.head.totals;
        totals.canceled =
            canceled.into_iter().try_fold(Money::zero(self.head.currency), |sum, part| sum.plus(part?))?;
        totals.settle()?;
        self.head.payment_status = totals.payment_status()?;
        self.head.fulfillment_status = self.fulfillment_status();
        Ok(())
    }

    /// How much of what was not canceled has left the house, and came back.
    fn fulfillment_status(&self) -> FulfillmentStatus {
        let sum = |count: fn(&OrderItem) -> i32| self.items.iter().map(|item| i64::from(count(item))).sum::<i64>();
        let (shipped, returned) = (sum(|item| item.quantity_shipped), sum(|item| item.quantity_returned));
        let is_all_shipped = sum(OrderItem::open) == 0;
        match (shipped, returned) {
            (0, _) => FulfillmentStatus::Unfulfilled,
            (_, 0) if is_all_shipped => FulfillmentStatus::Fulfilled,
            (_, 0) => FulfillmentStatus::PartiallyFulfilled,
            _ if is_all_shipped && returned == shipped => FulfillmentStatus::Returned,
            _ => FulfillmentStatus::PartiallyReturned,
        }
    }
}

fn taken_off(discount: Option<Discount>, price: Money, rounding: RoundingMode) -> Result<Money, DiscountError> {
    discount.map_or(Ok(Money::zero(price.currency())), |discount| discount.of(price, rounding))
}

/// Tax is computed once a line, on what is left after every discount.
fn tax(item: &mut OrderItem, share: Money, mode: TaxMode, rounding: RoundingMode) -> Result<(), MoneyError> {
    item.discount = item.discount.plus(share)?;
    let net = item.unit_price.times(item.quantity)?.minus(item.discount)?;
    match mode {
        TaxMode::Exclusive => {
            item.tax = net.share(item.tax_rate_bps, rounding)?;
            item.total = net.plus(item.tax)?;
        }
        TaxMode::Inclusive => {
            item.tax = net.included_share(item.tax_rate_bps, rounding)?;
            item.total = net;
        }
    }
    Ok(())
}

fn line_out_of_range(place: usize, at: &str) -> OrderError {
    out_of_range(format!("{at}items[{place}]"), "quantity × unit price must stay below 2^53")
}

fn out_of_range(field: String, message: &str) -> OrderError {
    OrderError::Invalid(Violation::new(field, "out_of_range", message))
}

fn refused(field: &str, error: DiscountError) -> OrderError {
    match error {
        DiscountError::MoreThanThereIs => {
            out_of_range(format!("{field}.amount"), "is more than there is to take it off")
        }
        DiscountError::Negative => out_of_range(format!("{field}.amount.minor_units"), "must not be negative"),
        DiscountError::CurrencyMismatch => OrderError::DiscountCurrency(format!("{field}.amount.currency_code")),
    }
}
