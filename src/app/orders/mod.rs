//! Use cases of orders: reading them. Creating, editing and moving them have files of their own.

mod approval;
mod batch;
mod create;
mod customer;
mod edit;
mod expiry;
mod export;
mod moves;
mod placing;
mod pricing;
mod quoted;

pub(in crate::app) use approval::{approval_expired, approved, rejected};
pub use batch::{Batch, NotCreated, batch_create};
pub use create::create;
pub(in crate::app) use customer::LockedCustomer;
pub use edit::{delete, replace, update};
pub use expiry::sweep_unpaid;
pub use export::{Exported, export};
pub use moves::{cancel, complete, confirm, hold, place, release_hold};
pub(in crate::app) use moves::{lock, save};
pub(in crate::app) use pricing::{check_chosen, price, settings};
pub(in crate::app) use quoted::place_quoted;

use std::collections::HashMap;

use super::{Caller, Error, Page, Placed, Read, Thing};
use crate::contract::policy;
use crate::domain::event::{Event, EventFilter, OrderEventList};
use crate::domain::ids::{OrderId, TypedId};
use crate::domain::order::{Order, OrderAction, OrderHead, OrderList, OrderSelection};
use crate::domain::page::View;
use crate::domain::resource::{Resource, ResourceType};
use crate::store::orders as rows;
use crate::store::{Position, events};

/// Lines read for one answer: more would pass 4 MiB as JSON, however short they are.
const MAX_ITEMS: usize = 8_000;

/// An order as a list shows it.
#[derive(Debug, Clone)]
pub enum ListedOrder {
    /// Without its lines.
    Basic(Box<OrderHead>),
    /// With everything.
    Full(Box<Order>),
}

impl Placed for ListedOrder {
    fn position(&self) -> Position {
        match self {
            Self::Basic(head) => head.position(),
            Self::Full(order) => order.head.position(),
        }
    }
}

impl Placed for OrderHead {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Completes lines that another version of the program wrote.
///
/// # Errors
/// When the database does not do it; then they wait for the next time.
pub async fn complete_lines(app: &super::App) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    rows::complete_lines(&tx).await?;
    Ok(tx.commit().await?)
}

/// The order with this id.
pub async fn get(call: &Read, id: OrderId) -> Result<Order, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Order, field: None })
}

/// A page of orders.
pub async fn list(call: &Read, list: &OrderList) -> Result<Page<ListedOrder>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    let heads = std::mem::take(&mut page.items);
    match list.page.view {
        View::Basic => {
            let next = page.next;
            Ok(page.with(heads.into_iter().map(|head| ListedOrder::Basic(Box::new(head))).collect(), next))
        }
        View::Full => {
            let fitting = fitting(call, &heads.iter().map(|head| head.id).collect::<Vec<_>>(), MAX_ITEMS).await?;
            let next = if fitting < heads.len() { heads.get(fitting - 1).map(Placed::position) } else { page.next };
            let shown = heads.into_iter().take(fitting).collect();
            let orders = rows::with_items(&call.reader, &call.scope(), shown).await?;
            Ok(page.with(orders.into_iter().map(|order| ListedOrder::Full(Box::new(order))).collect(), next))
        }
    }
}

/// How many of these orders have so many lines together at most; one in any case.
async fn fitting(call: &Read, ids: &[OrderId], most: usize) -> Result<usize, Error> {
    let counts = rows::item_counts(&call.reader, ids).await?;
    let mut items = 0;
    let fits = |id: &&OrderId| {
        items += counts.get(*id).copied().unwrap_or(0);
        items <= most
    };
    Ok(ids.iter().take_while(fits).count().max(1).min(ids.len()))
}

/// Several orders, in the order asked for. If one is missing, there are none.
pub async fn batch_get(call: &Read, selection: &OrderSelection) -> Result<Vec<ListedOrder>, Error> {
    let heads = rows::by_ids(&call.reader, &call.scope(), &selection.ids).await?;
    let found: HashMap<_, _> = match selection.view {
        View::Basic => heads.into_iter().map(|head| (head.id, ListedOrder::Basic(Box::new(head)))).collect(),
        View::Full => {
            if fitting(call, &selection.ids, MAX_ITEMS).await? < selection.ids.len() {
                let message = "have too many lines for one answer: ask for fewer, or for the view BASIC";
                return Err(Error::invalid("order_ids", "too_large", message));
            }
            let orders = rows::with_items(&call.reader, &call.scope(), heads).await?;
            orders.into_iter().map(|order| (order.head.id, ListedOrder::Full(Box::new(order)))).collect()
        }
    };
    let missing = |place| Error::NotFound { thing: Thing::Order, field: Some(format!("order_ids[{place}]")) };
    let wanted = selection.ids.iter().enumerate();
    wanted.map(|(place, id)| found.get(id).cloned().ok_or_else(|| missing(place))).collect()
}

/// A page of the events of an order that the caller may see.
pub async fn list_events(call: &Read, list: &OrderEventList) -> Result<Page<Event>, Error> {
    if !rows::exists(&call.reader, &call.scope(), list.order).await? {
        return Err(Error::NotFound { thing: Thing::Order, field: None });
    }
    let resource = Some(Resource { kind: ResourceType::Order, id: list.order.uuid() });
    let filter = EventFilter { resource, ..Default::default() };
    let fetch = async |after, limit| {
        Ok(events::list(&call.reader, &call.scope(), &filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    super::events::number(call, &mut page.items).await?;
    Ok(page)
}

/// The moves that are legal now for this caller.
#[must_use]
pub fn allowed_actions(caller: &Caller, order: &Order) -> Vec<OrderAction> {
    let permission = |action| match action {
        OrderAction::Place => policy::PLACE_ORDER.permission,
        OrderAction::Confirm => policy::CONFIRM_ORDER.permission,
        OrderAction::Hold => policy::HOLD_ORDER.permission,
        OrderAction::ReleaseHold => policy::RELEASE_ORDER_HOLD.permission,
        OrderAction::Cancel => policy::CANCEL_ORDER.permission,
        OrderAction::Complete => policy::COMPLETE_ORDER.permission,
        OrderAction::Update => policy::UPDATE_ORDER.permission,
        OrderAction::Replace => policy::REPLACE_ORDER.permission,
        OrderAction::Delete => policy::DELETE_ORDER.permission,
        // The service's own: no caller may.
        OrderAction::Approve | OrderAction::Reject | OrderAction::Expire => None,
    };
    order.actions().into_iter().filter(|action| permission(*action).is_some_and(|needed| caller.may(needed))).collect()
}
