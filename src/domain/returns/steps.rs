//! The steps of a return: what becomes of its units, and what that does to the lines of the order, and to stock.
//!
//! A line of the order counts two things of its returns: the units that they claim (`quantity_in_returns`), which is the
//! ceiling that new ones have, and those that came and were not sent back (`quantity_returned`).

use std::collections::HashMap;

use super::{Decision, Disposition, InspectionError, NewReturn, Return, ReturnHead, ReturnItem, ReturnStatus};
use crate::domain::ids::{LocationId, ProductId, ReturnId};
use crate::domain::order::{Order, OrderItem};
use crate::domain::stock::{MovementType, Source, StockChange};
use crate::domain::time::Time;
use crate::domain::units::{LineUnits, Tally, UnitsError, tally};

/// The units of each line that are to come back: as many must have been shipped, and be in no return.
///
/// # Errors
/// For a line that the order does not have, or that has fewer of them.
pub fn check_units(order: &Order, units: &[LineUnits]) -> Result<Vec<Tally>, UnitsError> {
    let with_customer = |line: &OrderItem| (line.id, line.quantity_shipped - line.quantity_in_returns);
    let with_customer: HashMap<_, _> = order.items.iter().map(with_customer).collect();
    tally(units, |item| with_customer.get(&item).copied())
}

impl Return {
    /// A new return of these units, which the order counts from now on.
    #[must_use]
    pub fn request(id: ReturnId, order: &mut Order, new: NewReturn, units: &[Tally], now: Time) -> Self {
        let head = ReturnHead {
            id,
            order: order.head.id,
            customer: order.head.customer,
            status: ReturnStatus::Requested,
            reason: new.reason,
            reject_reason: String::new(),
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            authorize_time: None,
            receive_time: None,
            inspect_time: None,
            reject_time: None,
            close_time: None,
        };
        let mut lines: HashMap<_, _> = order.items.iter_mut().map(|line| (line.id, line)).collect();
        let items = units.iter().filter_map(|tally| {
            let line = lines.get_mut(&tally.item)?;
            line.quantity_in_returns += tally.quantity;
            Some(ReturnItem {
                item: line.id,
                product: line.product,
                sku: line.sku.clone(),
                quantity: tally.quantity,
                quantity_received: 0,
                quantity_restocked: 0,
                quantity_scrapped: 0,
                quantity_sent_back: 0,
            })
        });
        let items = items.collect();
        Self { head, items }
    }

    /// We agree.
    pub fn authorize(&mut self, now: Time) {
        self.head.authorize_time = Some(now);
        self.stand(ReturnStatus::Authorized, now);
    }

    /// Takes in what came: it counts as returned. `None`: all of it.
    ///
    /// # Errors
    /// For a line that it does not have, or of which more came than was asked for.
    pub fn receive(&mut self, order: &mut Order, units: Option<&[LineUnits]>, now: Time) -> Result<(), UnitsError> {
        let asked: HashMap<_, _> = self.items.iter().map(|item| (item.item, item.quantity)).collect();
        let came: HashMap<_, _> = match units {
            None => asked,
            Some(units) => {
                let came = tally(units, |item| asked.get(&item).copied())?;
                came.into_iter().map(|tally| (tally.item, tally.quantity)).collect()
            }
        };
        for item in &mut self.items {
            item.quantity_received = came.get(&item.item).copied().unwrap_or(0);
        }
        self.count(order, |line, item| line.quantity_returned += item.quantity_received);
        self.head.receive_time = Some(now);
        self.stand(ReturnStatus::Received, now);
        Ok(())
    }

    /// Decides what becomes of everything that came. What is sent back does not count as returned any more, and may be
    /// returned again.
    ///
    /// # Errors
    /// Unless the decisions are about exactly the units that came.
    pub fn inspect(&mut self, order: &mut Order, decisions: &[Decision], now: Time) -> Result<(), InspectionError> {
        let came: HashMap<_, _> = self.items.iter().map(|item| (item.item, item.quantity_received)).collect();
        let units: Vec<_> = decisions.iter().map(|decision| decision.units).collect();
        let told = tally(&units, |item| came.get(&item).copied()).map_err(InspectionError::Units)?;
        let told: HashMap<_, _> = told.into_iter().map(|tally| (tally.item, tally.quantity)).collect();
        for item in &self.items {
            let quantity = item.quantity_received - told.get(&item.item).copied().unwrap_or(0);
            if quantity > 0 {
                return Err(InspectionError::Left { item: item.item, quantity });
            }
        }
        let mut items: HashMap<_, _> = self.items.iter_mut().map(|item| (item.item, item)).collect();
        for Decision { units: LineUnits { item, quantity }, disposition } in decisions {
            let Some(item) = items.get_mut(item) else { continue };
            match disposition {
                Disposition::Restock => item.quantity_restocked += quantity,
                Disposition::Scrap => item.quantity_scrapped += quantity,
                Disposition::SendBack => item.quantity_sent_back += quantity,
            }
        }
        self.count(order, |line, item| {
            line.quantity_returned -= item.quantity_sent_back;
            line.quantity_in_returns -= item.quantity_sent_back;
        });
        self.head.inspect_time = Some(now);
        self.stand(ReturnStatus::Inspected, now);
        Ok(())
    }

    /// Refuses it: the order counts none of its units any more.
    pub fn reject(&mut self, order: &mut Order, reason: String, now: Time) {
        self.count(order, |line, item| line.quantity_in_returns -= item.quantity);
        self.head.reject_reason = reason;
        self.head.reject_time = Some(now);
        self.stand(ReturnStatus::Rejected, now);
    }

    /// Ends it: the order does not count any more what never came.
    pub fn close(&mut self, order: &mut Order, now: Time) {
        self.count(order, |line, item| line.quantity_in_returns -= item.quantity - item.quantity_received);
        self.head.close_time = Some(now);
        self.stand(ReturnStatus::Closed, now);
    }

    /// Whether units go back into stock. `is_tracked` tells whether stock is counted for a product.
    #[must_use]
    pub fn restocks(&self, is_tracked: impl Fn(ProductId) -> bool) -> bool {
        self.items.iter().any(|item| item.quantity_restocked > 0 && is_tracked(item.product))
    }

    /// What its inspection does to stock: units go to the location that was asked for, else where the order had them, else to
    /// the default one.
    #[must_use]
    pub fn restock(
        &self,
        order: &Order,
        is_tracked: impl Fn(ProductId) -> bool,
        asked: Option<LocationId>,
        default: LocationId,
    ) -> Vec<StockChange> {
        let locations: HashMap<_, _> = order.items.iter().map(|line| (line.id, line.location)).collect();
        let restocked = self.items.iter().filter(|item| item.quantity_restocked > 0 && is_tracked(item.product));
        let changes = restocked.map(|item| StockChange {
            product: item.product,
            sku: item.sku.clone(),
            location: asked.or(locations.get(&item.item).copied().flatten()).unwrap_or(default),
            on_hand: item.quantity_restocked.into(),
            reserved: 0,
            movement: MovementType::Restocked,
            source: Source::Return(self.head.order, self.head.id),
            field: None,
        });
        changes.collect()
    }

    fn count(&self, order: &mut Order, change: impl Fn(&mut OrderItem, &ReturnItem)) {
        let mut lines: HashMap<_, _> = order.items.iter_mut().map(|line| (line.id, line)).collect();
        for item in &self.items {
            if let Some(line) = lines.get_mut(&item.item) {
                change(line, item);
            }
        }
    }

    fn stand(&mut self, status: ReturnStatus, now: Time) {
        self.head.status = status;
        self.head.version += 1;
        self.head.update_time = now;
    }
}
