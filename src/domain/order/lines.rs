//! The lines of an order: what a client wants on each, and which price and tax it gets.

use std::collections::HashMap;

use super::{Order, OrderError, OrderItem, OrderStatus};
use crate::domain::discount::Discount;
use crate::domain::ids::{LocationId, OrderItemId};
use crate::domain::money::{Currency, Money};
use crate::domain::product::{Product, ProductStatus};
use crate::domain::violation::Violation;

/// What a client wants on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The product's SKU.
    pub sku: String,
    /// Units, at least one.
    pub quantity: i32,
    /// A price instead of the catalog's; not below zero.
    pub unit_price: Option<Money>,
    /// What is taken off the line.
    pub discount: Option<Discount>,
    /// Where its units are taken from; `None`: where they are taken from already, or the default.
    pub location: Option<LocationId>,
}

/// What is wrong with one line that is well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Where it stands: `items[0]`.
    pub field: String,
    /// Its SKU.
    pub sku: String,
    /// What is wrong.
    pub problem: LineProblem,
}

/// What can be wrong with a line that is well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineProblem {
    /// There is no product with this SKU.
    ProductNotFound,
    /// The product is archived.
    ProductArchived,
    /// The product has no price in this currency.
    PriceNotFound(Currency),
    /// The line's own price is not in this currency.
    CurrencyMismatch(Currency),
    /// More units at a price that somebody chose, and the caller may choose none.
    ChosenPrice,
    /// More units at a discount that somebody gave, and the caller may give none.
    GivenDiscount,
    /// Fewer units than were canceled of the line; which one, and how many.
    BelowCanceled(OrderItemId, i32),
    /// Units of the line were canceled, and it is not in the list.
    DroppedCanceled,
}

/// What a caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Prices other than those of the catalog.
    pub prices: bool,
    /// Discounts.
    pub discounts: bool,
}

impl Order {
    /// What its lines say, as a client would.
    #[must_use]
    pub fn wishes(&self) -> Vec<NewLine> {
        let wish = |item: &OrderItem| NewLine {
            sku: item.sku.clone(),
            quantity: item.quantity,
            unit_price: item.price_is_own.then_some(item.unit_price),
            discount: item.own_discount,
            location: item.location,
        };
        self.items.iter().map(wish).collect()
    }

    /// Gives the order these lines, and computes every amount. A line whose SKU the order has already keeps its id, and, once
    /// the order is placed, its price and tax; of several of one SKU, the first with as many units is
    /// the one, or else the first. `at` is what stands before
    /// `items` in the request. Who may not choose prices or discounts keeps those that a line has, and gets no more units at
    /// them.
    pub fn set_lines(
        &mut self,
        lines: Vec<NewLine>,
        products: &HashMap<String, Product>,
        mut new_id: impl FnMut() -> OrderItemId,
        rights: Rights,
        at: &str,
    ) -> Result<(), OrderError> {
        // What somebody gave on the whole order is for the units that it had then.
        let keeps_discount = self.head.discount.is_some() && !rights.discounts;
        let mut known = Known::new(std::mem::take(&mut self.items));
        let (mut items, mut errors) = (Vec::with_capacity(lines.len()), Vec::new());
        for (place, line) in lines.into_iter().enumerate() {
            let (field, sku) = (format!("{at}items[{place}]"), line.sku.clone());
            let product = products.get(&sku);
            let item = match known.take(&sku, line.quantity) {
                None if keeps_discount => Err(LineProblem::GivenDiscount),
                None => self.priced(line, product, new_id()),
                Some(item) if keeps_discount && line.quantity > item.quantity => Err(LineProblem::GivenDiscount),
                Some(item) => inherited(line, &item, rights).and_then(|line| match self.head.status {
                    OrderStatus::Draft => self.priced(line, product, item.id),
                    _ => self.kept(&line, product, item),
                }),
            };
            match item {
                Ok(item) => items.push(item),
                Err(problem) => errors.push(LineError { field, sku, problem }),
            }
        }
        let dropped = known.rest().filter(|item| item.quantity_canceled > 0);
        errors.extend(dropped.map(|item| LineError {
            field: format!("{at}items"),
            sku: item.sku.clone(),
            problem: LineProblem::DroppedCanceled,
        }));
        if !errors.is_empty() {
            return Err(OrderError::Lines(errors));
        }
        self.items = items;
        if !self.has_open_units() {
            let violation =
                Violation::new(format!("{at}items"), "nothing_open", "must leave units open: cancel the order");
            return Err(OrderError::Invalid(violation));
        }
        self.compute(at)
    }

    /// A line at its own price, or the catalog's.
    fn priced(&self, line: NewLine, product: Option<&Product>, id: OrderItemId) -> Result<OrderItem, LineProblem> {
        let product = product.ok_or(LineProblem::ProductNotFound)?;
        match product.status {
            ProductStatus::Active => {}
            ProductStatus::Archived => return Err(LineProblem::ProductArchived),
        }
        let currency = self.head.currency;
        let unit_price = match line.unit_price {
            Some(price) => own_price(price, currency)?,
            None => product.price(currency).ok_or(LineProblem::PriceNotFound(currency))?,
        };
        let nothing = Money::zero(currency);
        Ok(OrderItem {
            id,
            product: product.id,
            sku: line.sku,
            name: product.name.clone(),
            quantity: line.quantity,
            unit_price,
            price_is_own: line.unit_price.is_some(),
            own_discount: line.discount,
            tax_rate_bps: product.tax_rate_bps,
            discount: nothing,
            tax: nothing,
            total: nothing,
            quantity_canceled: 0,
            quantity_shipped: 0,
            quantity_returned: 0,
            location: line.location,
            quantity_reserved: 0,
            quantity_in_returns: 0,
        })
    }

    /// A line that stays, at the price it has unless the client brings another one.
    fn kept(&self, line: &NewLine, product: Option<&Product>, item: OrderItem) -> Result<OrderItem, LineProblem> {
        let unit_price = match line.unit_price {
            Some(price) => own_price(price, self.head.currency)?,
            None => item.unit_price,
        };
        let price_is_own = item.price_is_own || line.unit_price.is_some();
        let is_archived = product.is_some_and(|product| match product.status {
            ProductStatus::Active => false,
            ProductStatus::Archived => product.id == item.product,
        });
        if is_archived && line.quantity > item.quantity {
            return Err(LineProblem::ProductArchived);
        }
        if line.quantity < item.quantity_canceled {
            return Err(LineProblem::BelowCanceled(item.id, item.quantity_canceled));
        }
        let location = line.location.or(item.location);
        Ok(OrderItem {
            quantity: line.quantity,
            unit_price,
            price_is_own,
            own_discount: line.discount,
            location,
            ..item
        })
    }
}

/// A line with what somebody else chose for it before, where the caller may choose nothing.
fn inherited(line: NewLine, item: &OrderItem, rights: Rights) -> Result<NewLine, LineProblem> {
    let (keeps_price, keeps_discount) =
        (item.price_is_own && !rights.prices, item.own_discount.is_some() && !rights.discounts);
    if line.quantity > item.quantity && keeps_price {
        return Err(LineProblem::ChosenPrice);
    }
    if line.quantity > item.quantity && keeps_discount {
        return Err(LineProblem::GivenDiscount);
    }
    let unit_price = if keeps_price { Some(item.unit_price) } else { line.unit_price };
    let discount = if keeps_discount { item.own_discount } else { line.discount };
    Ok(NewLine { unit_price, discount, ..line })
}

fn own_price(price: Money, currency: Currency) -> Result<Money, LineProblem> {
    if price.currency() == currency { Ok(price) } else { Err(LineProblem::CurrencyMismatch(currency)) }
}

/// The lines that an order has already, by SKU.
struct Known(HashMap<String, std::collections::VecDeque<OrderItem>>);

impl Known {
    fn new(items: Vec<OrderItem>) -> Self {
        let mut by_sku: HashMap<String, std::collections::VecDeque<OrderItem>> = HashMap::new();
        for item in items {
            by_sku.entry(item.sku.clone()).or_default().push_back(item);
        }
        Self(by_sku)
    }

    /// Those that nobody took, in no order.
    fn rest(&self) -> impl Iterator<Item = &OrderItem> {
        self.0.values().flatten()
    }

    /// One of this SKU that is left: the first with as many units, or else the first.
    fn take(&mut self, sku: &str, quantity: i32) -> Option<OrderItem> {
        let left = self.0.get_mut(sku)?;
        let same = left.iter().position(|item| item.quantity == quantity);
        left.remove(same.unwrap_or(0))
    }
}
