//! Shipments: units of an order that leave the house together, what that does to the lines of the order, and to stock.

#[cfg(test)]
pub(in crate::domain) mod tests;

use std::collections::HashMap;

use super::Metadata;
use super::etag::Versioned;
use super::ids::{CustomerId, LocationId, OrderId, OrderItemId, ProductId, ShipmentId};
use super::order::{Order, OrderItem, OrderStatus};
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::stock::{MovementType, Source, StockChange};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};
use super::units::{LineUnits, Tally, UnitsError, tally};

text_enum! {
    /// Where a shipment stands.
    ShipmentStatus {
        /// On its way.
        Shipped = "SHIPPED",
        /// It arrived.
        Delivered = "DELIVERED",
        /// It was taken back.
        Canceled = "CANCELED",
    }
}

text_enum! {
    /// What can be done with a shipment, as REST names it.
    ShipmentAction {
        /// It arrived.
        MarkDelivered = "markDelivered",
        /// It is taken back.
        Cancel = "cancel",
    }
}

impl Machine for ShipmentStatus {
    type Action = ShipmentAction;

    const MOVES: &'static [Move<Self, ShipmentAction>] = &[
        Move { from: Self::Shipped, action: ShipmentAction::MarkDelivered, to: Some(Self::Delivered) },
        Move { from: Self::Shipped, action: ShipmentAction::Cancel, to: Some(Self::Canceled) },
    ];

    const STARTS: &'static [Self] = &[Self::Shipped];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: ShipmentAction) -> &'static str {
        action.as_str()
    }
}

/// What a client wants to ship.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of ShipmentHead")]
pub struct NewShipment {
    pub order: OrderId,
    pub units: Vec<LineUnits>,
    pub location: Option<LocationId>,
    pub carrier: String,
    pub tracking_number: Option<String>,
    pub tracking_url: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A shipment that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentMove {
    /// Which one.
    pub id: ShipmentId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// Which shipments a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShipmentFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ShipmentStatus>,
    /// Only those of this order.
    pub order: Option<OrderId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those with this number of their carrier.
    pub tracking_number: Option<String>,
    /// Only those that were created in this time.
    pub created: TimeRange,
}

/// A list of shipments, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentList {
    /// Which shipments.
    pub filter: ShipmentFilter,
    /// Which page.
    pub page: PageRequest,
}

/// A shipment without its lines: what lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentHead {
    /// Its id.
    pub id: ShipmentId,
    /// The order.
    pub order: OrderId,
    /// Whose order it is.
    pub customer: CustomerId,
    /// Where it left from; `None` when nobody said, and stock is counted for nothing in it.
    pub location: Option<LocationId>,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking_number: Option<String>,
    /// Where its way can be followed.
    pub tracking_url: String,
    /// Where it stands.
    pub status: ShipmentStatus,
    /// The client's own id, unique among the customer's shipments.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Why it was canceled; empty: nobody said.
    pub cancel_reason: String,
    /// Moved by every change.
    pub version: i64,
    /// When it was shipped.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it arrived.
    pub deliver_time: Option<Time>,
    /// When it was canceled.
    pub cancel_time: Option<Time>,
}

/// Units of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentItem {
    /// The line of the order.
    pub item: OrderItemId,
    /// The product.
    pub product: ProductId,
    /// The SKU of the line.
    pub sku: String,
    /// Units.
    pub quantity: i32,
    /// Whether they were taken from stock.
    pub is_counted: bool,
}

/// A shipment with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// All but the lines.
    pub head: ShipmentHead,
    /// The lines, each once.
    pub items: Vec<ShipmentItem>,
}

impl Versioned for Shipment {
    fn version(&self) -> i64 {
        self.head.version
    }
}

/// The units have several locations, and a shipment leaves from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeveralLocations;

/// The units of each line that are to be shipped: there must be as many open.
///
/// # Errors
/// For a line that the order does not have, or that has fewer open units.
pub fn check_units(order: &Order, units: &[LineUnits]) -> Result<Vec<Tally>, UnitsError> {
    let open: HashMap<_, _> = order.items.iter().map(|item| (item.id, item.open())).collect();
    tally(units, |item| open.get(&item).copied())
}

impl Shipment {
    /// A new shipment of these units, without a location as yet. `is_tracked` tells whether stock is counted for a product.
    #[must_use]
    pub fn new(
        id: ShipmentId,
        order: &Order,
        new: NewShipment,
        units: &[Tally],
        is_tracked: impl Fn(ProductId) -> bool,
        now: Time,
    ) -> Self {
        let head = ShipmentHead {
            id,
            order: order.head.id,
            customer: order.head.customer,
            location: new.location,
            carrier: new.carrier,
            tracking_number: new.tracking_number,
            tracking_url: new.tracking_url,
            status: ShipmentStatus::Shipped,
            reference: new.reference,
            metadata: new.metadata,
            cancel_reason: String::new(),
            version: 1,
            create_time: now,
            update_time: now,
            deliver_time: None,
            cancel_time: None,
        };
        let lines: HashMap<_, _> = order.items.iter().map(|item| (item.id, item)).collect();
        let items = units.iter().filter_map(|tally| {
            let line = lines.get(&tally.item)?;
            Some(ShipmentItem {
                item: line.id,
                product: line.product,
                sku: line.sku.clone(),
                quantity: tally.quantity,
                is_counted: line.quantity_reserved > 0 || is_tracked(line.product),
            })
        });
        Self { head, items: items.collect() }
    }

    /// Whether any of its units come from stock.
    #[must_use]
    pub fn needs_stock(&self) -> bool {
        self.items.iter().any(|item| item.is_counted)
    }

    /// The one location where the order has the units; `None` when it has none of them anywhere.
    ///
    /// # Errors
    /// When there are several.
    pub fn location_of_lines(&self, order: &Order) -> Result<Option<LocationId>, SeveralLocations> {
        let quantities = self.quantities();
        let of_lines = order.items.iter().filter(|line| quantities.contains_key(&line.id));
        let mut locations = of_lines.filter_map(|line| line.location);
        let first = locations.next();
        if locations.all(|other| Some(other) == first) { Ok(first) } else { Err(SeveralLocations) }
    }

    /// Takes its units off what the order has open, and answers what that does to stock. `units` are those that it was made
    /// of, and tell what asked.
    ///
    /// A line that has its units elsewhere gives them up there, and the shipment takes as many where it leaves from.
    #[must_use]
    pub fn leave(&self, order: &mut Order, units: &[Tally]) -> Vec<StockChange> {
        let places: HashMap<_, _> = units.iter().map(|tally| (tally.item, tally.place)).collect();
        let items: HashMap<_, _> = self.items.iter().map(|item| (item.item, item)).collect();
        let mut changes = Vec::new();
        for line in &mut order.items {
            let Some(item) = items.get(&line.id) else { continue };
            let freed = item.quantity.min(line.quantity_reserved);
            let field = places.get(&line.id).map(|place| format!("items[{place}].quantity"));
            if let Some(from) = self.head.location.filter(|_| item.is_counted) {
                let held = line.location.unwrap_or(from);
                let change = |location, on_hand, reserved| StockChange {
                    field: field.clone(),
                    ..self.change(item, location, (on_hand, reserved), MovementType::Shipped)
                };
                changes.extend(split(change, (from, -item.quantity), (held, -freed)));
            }
            line.quantity_shipped += item.quantity;
            line.quantity_reserved -= freed;
        }
        changes
    }

    /// Whether it can be taken back as far as its order goes: that is still CONFIRMED, and no unit is in a return.
    #[must_use]
    pub fn can_come_back(&self, order: &Order) -> bool {
        let quantities = self.quantities();
        let stays = |line: &OrderItem| {
            let quantity = quantities.get(&line.id).copied().unwrap_or(0);
            quantity == 0 || line.quantity_shipped - quantity >= line.quantity_in_returns
        };
        order.head.status == OrderStatus::Confirmed && order.items.iter().all(stays)
    }

    /// Puts its units back, so that the order has them open again, and answers what that does to stock.
    #[must_use]
    pub fn come_back(&self, order: &mut Order) -> Vec<StockChange> {
        let items: HashMap<_, _> = self.items.iter().map(|item| (item.item, item)).collect();
        let mut changes = Vec::new();
        for line in &mut order.items {
            let Some(item) = items.get(&line.id) else { continue };
            line.quantity_shipped -= item.quantity;
            let Some(to) = self.head.location.filter(|_| item.is_counted) else { continue };
            let held = line.location.filter(|_| line.quantity_reserved > 0).unwrap_or(to);
            line.location = Some(held);
            line.quantity_reserved += item.quantity;
            let change = |location, on_hand, reserved| {
                self.change(item, location, (on_hand, reserved), MovementType::ShipmentCanceled)
            };
            changes.extend(split(change, (to, item.quantity), (held, item.quantity)));
        }
        changes
    }

    /// It has arrived.
    pub fn deliver(&mut self, now: Time) {
        self.head.status = ShipmentStatus::Delivered;
        self.head.deliver_time = Some(now);
        self.touch(now);
    }

    /// It was taken back.
    pub fn cancel(&mut self, reason: String, now: Time) {
        self.head.status = ShipmentStatus::Canceled;
        self.head.cancel_time = Some(now);
        self.head.cancel_reason = reason;
        self.touch(now);
    }

    fn touch(&mut self, now: Time) {
        self.head.version += 1;
        self.head.update_time = now;
    }

    fn quantities(&self) -> HashMap<OrderItemId, i32> {
        self.items.iter().map(|item| (item.item, item.quantity)).collect()
    }

    fn change(
        &self,
        item: &ShipmentItem,
        location: LocationId,
        (on_hand, reserved): (i32, i32),
        movement: MovementType,
    ) -> StockChange {
        StockChange {
            product: item.product,
            sku: item.sku.clone(),
            location,
            on_hand: on_hand.into(),
            reserved: reserved.into(),
            movement,
            source: Source::Shipment(self.head.order, self.head.id),
            field: None,
        }
    }
}

/// One change where both counters are at one location, else one for each that moves.
fn split(
    change: impl Fn(LocationId, i32, i32) -> StockChange,
    (at, on_hand): (LocationId, i32),
    (held, reserved): (LocationId, i32),
) -> Vec<StockChange> {
    if at == held {
        return vec![change(at, on_hand, reserved)];
    }
    let both = [change(at, on_hand, 0), change(held, 0, reserved)];
    both.into_iter().filter(|change| change.on_hand != 0 || change.reserved != 0).collect()
}
