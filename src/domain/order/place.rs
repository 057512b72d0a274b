//! Placing an order: which price each line has, and what all of it costs.

use super::{FulfillmentStatus, Order, OrderHead, OrderItem, OrderStatus, PaymentStatus, Totals};
use crate::domain::ids::{CustomerId, OrderId, OrderItemId};
use crate::domain::money::{Currency, Money, MoneyError, RoundingMode, TaxMode};
use crate::domain::product::{Product, ProductStatus};
use crate::domain::time::Time;
use crate::domain::{Address, Metadata};

/// What a client wants on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The product's SKU.
    pub sku: String,
    /// Units, at least one.
    pub quantity: i32,
    /// A price instead of the catalog's.
    pub unit_price: Option<Money>,
}

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of OrderHead")]
pub struct NewOrder {
    pub customer: CustomerId,
    pub currency: Currency,
    pub lines: Vec<NewLine>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub note: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// How the tenant computes amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether prices are without or with tax.
    pub tax_mode: TaxMode,
    /// How amounts are rounded.
    pub rounding_mode: RoundingMode,
}

/// Why an order cannot be placed. Each names its line, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlacementError {
    /// The product is archived.
    ProductArchived(usize),
    /// The product has no price in the order's currency.
    PriceNotFound(usize),
    /// The line's own price is in another currency.
    CurrencyMismatch(usize),
    /// The line's own price is below zero.
    NegativePrice(usize),
    /// The line's amount leaves the range of money.
    LineOutOfRange(usize),
    /// The order's amount leaves the range of money.
    TotalOutOfRange,
}

/// A line with its product and its price.
#[derive(Debug, Clone)]
pub struct PricedLine<'a> {
    product: &'a Product,
    quantity: i32,
    unit_price: Money,
}

impl<'a> PricedLine<'a> {
    /// Finds the price of a line: its own, or the catalog's.
    pub fn new(place: usize, line: &NewLine, product: &'a Product, currency: Currency) -> Result<Self, PlacementError> {
        match product.status {
            ProductStatus::Active => {}
            ProductStatus::Archived => return Err(PlacementError::ProductArchived(place)),
        }
        let unit_price = match line.unit_price {
            Some(price) if price.currency() != currency => return Err(PlacementError::CurrencyMismatch(place)),
            Some(price) if price.minor_units() < 0 => return Err(PlacementError::NegativePrice(place)),
            Some(price) => price,
            None => product.price(currency).ok_or(PlacementError::PriceNotFound(place))?,
        };
        Ok(Self { product, quantity: line.quantity, unit_price })
    }

    fn item(&self, id: OrderItemId, settings: Settings) -> Result<OrderItem, MoneyError> {
        let gross = self.unit_price.times(self.quantity)?;
        let tax = line_tax(gross, self.product.tax_rate_bps, settings)?;
        let total = match settings.tax_mode {
            TaxMode::Exclusive => gross.plus(tax)?,
            TaxMode::Inclusive => gross,
        };
        Ok(OrderItem {
            id,
            product: self.product.id,
            sku: self.product.sku.clone(),
            name: self.product.name.clone(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            discount: Money::zero(gross.currency()),
            tax,
            total,
            quantity_canceled: 0,
            quantity_shipped: 0,
            quantity_returned: 0,
        })
    }
}

fn line_tax(amount: Money, rate_bps: i32, settings: Settings) -> Result<Money, MoneyError> {
    match settings.tax_mode {
        TaxMode::Exclusive => amount.share(rate_bps, settings.rounding_mode),
        TaxMode::Inclusive => amount.included_share(rate_bps, settings.rounding_mode),
    }
}

impl Order {
    /// Places an order: every amount is computed here. `item_ids` has an id for each line.
    pub fn place(
        id: OrderId,
        item_ids: impl IntoIterator<Item = OrderItemId>,
        new: NewOrder,
        lines: &[PricedLine<'_>],
        settings: Settings,
        now: Time,
    ) -> Result<Self, PlacementError> {
        let items = lines
            .iter()
            .zip(item_ids)
            .enumerate()
            .map(|(place, (line, id))| line.item(id, settings).map_err(|_| PlacementError::LineOutOfRange(place)))
            .collect::<Result<Vec<_>, _>>()?;
        let totals = totals(new.currency, &items).map_err(|_| PlacementError::TotalOutOfRange)?;
        let head = OrderHead {
            id,
            customer: new.customer,
            currency: new.currency,
            status: OrderStatus::Placed,
            payment_status: payment_status(&totals),
            fulfillment_status: FulfillmentStatus::Unfulfilled,
            totals,
            tax_mode: settings.tax_mode,
            rounding_mode: settings.rounding_mode,
            shipping_address: new.shipping_address,
            billing_address: new.billing_address,
            note: new.note,
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            place_time: Some(now),
        };
        Ok(Self { head, items })
    }
}

/// A new order has no payment: there is something to pay, or nothing.
fn payment_status(totals: &Totals) -> PaymentStatus {
    if totals.due.minor_units() == 0 { PaymentStatus::Paid } else { PaymentStatus::Unpaid }
}

fn totals(currency: Currency, items: &[OrderItem]) -> Result<Totals, MoneyError> {
    let zero = Money::zero(currency);
    let mut subtotal = zero;
    for item in items {
        subtotal = subtotal.plus(item.unit_price.times(item.quantity)?)?;
    }
    let total = Money::sum(currency, items.iter().map(|item| item.total))?;
    Ok(Totals {
        subtotal,
        discount: Money::sum(currency, items.iter().map(|item| item.discount))?,
        tax: Money::sum(currency, items.iter().map(|item| item.tax))?,
        total,
        canceled: zero,
        paid: zero,
        refunded: zero,
        due: total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ProductId, TypedId};
    use crate::domain::money::MAX_MINOR_UNITS;
    use crate::domain::product::NewProduct;
    use uuid::Uuid;

    const NOW: Time = Time::from_micros(1_700_000_000_000_000);

    fn currency(code: &str) -> Currency {
        Currency::parse(code).expect("a currency")
    }

    fn gbp(minor_units: i64) -> Money {
        Money::new(currency("GBP"), minor_units).expect("in range")
    }

    fn product(price: i64, tax_rate_bps: i32) -> Product {
        let new = NewProduct {
            sku: "A".into(),
            name: "Thing".into(),
            description: String::new(),
            prices: vec![gbp(price)],
            tax_rate_bps,
            track_inventory: false,
            metadata: Metadata::new(),
        };
        Product::new(ProductId::from_uuid(Uuid::nil()), new, NOW)
    }

    fn line(quantity: i32, unit_price: Option<Money>) -> NewLine {
        NewLine { sku: "A".into(), quantity, unit_price }
    }

    fn new_order(lines: Vec<NewLine>) -> NewOrder {
        NewOrder {
            customer: CustomerId::from_uuid(Uuid::nil()),
            currency: currency("GBP"),
            lines,
            shipping_address: None,
            billing_address: None,
            note: String::new(),
            reference: None,
            metadata: Metadata::new(),
        }
    }

    fn place(products: &[Product], lines: Vec<NewLine>, tax_mode: TaxMode) -> Result<Order, PlacementError> {
        let priced = lines
            .iter()
            .zip(products)
            .enumerate()
            .map(|(place, (line, product))| PricedLine::new(place, line, product, currency("GBP")))
            .collect::<Result<Vec<_>, _>>()?;
        let ids = (0..).map(|n| OrderItemId::from_uuid(Uuid::from_u128(n)));
        let settings = Settings { tax_mode, rounding_mode: RoundingMode::HalfUp };
        Order::place(OrderId::from_uuid(Uuid::nil()), ids, new_order(lines), &priced, settings, NOW)
    }

    #[test]
    fn amounts_follow_the_tax_mode() {
        let products = [product(1250, 2000), product(333, 500)];
        for (mode, subtotal, tax, total) in
            [(TaxMode::Exclusive, 3499, 550, 4049), (TaxMode::Inclusive, 3499, 465, 3499)]
        {
            let order = place(&products, vec![line(2, None), line(3, None)], mode).expect("an order");
            let amounts = order.head.totals;
            assert_eq!(
                (amounts.subtotal, amounts.tax, amounts.total, amounts.due),
                (gbp(subtotal), gbp(tax), gbp(total), gbp(total)),
                "{mode:?}"
            );
            assert_eq!(Money::sum(currency("GBP"), order.items.iter().map(|item| item.total)), Ok(gbp(total)));
            assert_eq!(order.head.payment_status, PaymentStatus::Unpaid);
        }
    }

    #[test]
    fn a_free_order_is_paid() {
        let order = place(&[product(0, 2000)], vec![line(5, None)], TaxMode::Exclusive).expect("an order");
        assert_eq!(order.head.payment_status, PaymentStatus::Paid);
    }

    #[test]
    fn a_line_may_bring_its_own_price() {
        let order = place(&[product(100, 0)], vec![line(2, Some(gbp(70)))], TaxMode::Exclusive).expect("an order");
        assert_eq!(order.head.totals.total, gbp(140));
    }

    #[test]
    fn what_cannot_be_placed_names_its_line() {
        let euro = Money::new(currency("EUR"), 5).expect("in range");
        let mut archived = product(100, 0);
        archived.status = ProductStatus::Archived;
        let mut unpriced = product(100, 0);
        unpriced.prices = vec![euro];
        let plain = product(100, 0);
        for (product, wish, expected) in [
            (&archived, line(1, None), PlacementError::ProductArchived(1)),
            (&unpriced, line(1, None), PlacementError::PriceNotFound(1)),
            (&plain, line(1, Some(euro)), PlacementError::CurrencyMismatch(1)),
            (&plain, line(1, Some(gbp(-1))), PlacementError::NegativePrice(1)),
            (&plain, line(2, Some(gbp(MAX_MINOR_UNITS))), PlacementError::LineOutOfRange(1)),
            (&plain, line(1, Some(gbp(MAX_MINOR_UNITS))), PlacementError::TotalOutOfRange),
        ] {
            let products = [plain.clone(), product.clone()];
            let outcome = place(&products, vec![line(1, None), wish], TaxMode::Exclusive);
            assert_eq!(outcome, Err(expected));
        }
    }
}
