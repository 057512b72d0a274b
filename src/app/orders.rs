//! Use cases of orders.

use std::collections::HashMap;

use super::{Call, Error, LineError, LineProblem, Page, Placed, Read, Thing};
use crate::contract::policy::Permission;
use crate::domain::event::{Event, EventFilter, EventType, OrderEventList, Subject};
use crate::domain::ids::{CustomerId, OrderId, OrderItemId, TypedId};
use crate::domain::order::{NewLine, NewOrder, Order, OrderHead, OrderList, PlacementError, PricedLine, Settings};
use crate::domain::product::Product;
use crate::domain::resource::{Resource, ResourceType};
use crate::store::orders as rows;
use crate::store::{Position, access, catalog, customers, events};

impl Placed for OrderHead {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates an order and places it.
pub async fn create(call: &Call, new: NewOrder) -> Result<Order, Error> {
    check_prices_may_be_chosen(call, &new.lines)?;
    check_customer(call, new.customer).await?;
    check_reference(call, &new).await?;
    let skus: Vec<_> = distinct(new.lines.iter().map(|line| line.sku.as_str()));
    let products = catalog::by_skus(&call.tx, &call.scope(), &skus).await?;
    let order = place(call, new, &products, settings(call).await?)?;
    rows::insert(&call.tx, &call.scope(), &order).await?;
    call.tell(EventType::OrderPlaced, Subject::Order(&order.head));
    Ok(order)
}

/// The order with this id.
pub async fn get(call: &Read, id: OrderId) -> Result<Order, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Order, field: None })
}

/// A page of orders.
pub async fn list(call: &Read, list: &OrderList) -> Result<Page<OrderHead>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
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
    call.page(&list.page, fetch).await
}

fn check_prices_may_be_chosen(call: &Call, lines: &[NewLine]) -> Result<(), Error> {
    let permission = Permission::OrdersOverridePrice;
    match lines.iter().position(|line| line.unit_price.is_some()) {
        Some(place) if !call.caller.may(permission) => {
            Err(Error::PermissionDenied { permission, field: Some(format!("items[{place}].unit_price")) })
        }
        _ => Ok(()),
    }
}

async fn check_customer(call: &Call, customer: CustomerId) -> Result<(), Error> {
    if customers::exists(&call.tx, &call.scope(), customer).await? {
        return Ok(());
    }
    Err(Error::NotFound { thing: Thing::Customer, field: Some("customer_id".to_owned()) })
}

async fn check_reference(call: &Call, new: &NewOrder) -> Result<(), Error> {
    let Some(reference) = &new.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), new.customer, reference).await? {
        Some(existing) => Err(Error::DuplicateReference { existing: existing.to_string() }),
        None => Ok(()),
    }
}

async fn settings(call: &Call) -> Result<Settings, Error> {
    let tenant = access::tenant(&call.tx, call.caller.tenant).await?;
    let tenant = tenant.ok_or_else(|| Error::Fault(format!("{} has no row", call.caller.tenant)))?;
    Ok(Settings { tax_mode: tenant.tax_mode, rounding_mode: tenant.rounding_mode })
}

fn place(call: &Call, new: NewOrder, products: &HashMap<String, Product>, settings: Settings) -> Result<Order, Error> {
    let lines = priced(&new, products)?;
    let item_ids = lines.iter().map(|_| call.id::<OrderItemId>()).collect::<Vec<_>>();
    Order::place(call.id(), item_ids, new, &lines, settings, call.now).map_err(|error| placement_error(&error))
}

/// Finds the price of every line, or says of every line why there is none.
fn priced<'a>(new: &NewOrder, products: &'a HashMap<String, Product>) -> Result<Vec<PricedLine<'a>>, Error> {
    let (mut lines, mut problems) = (Vec::with_capacity(new.lines.len()), Vec::new());
    for (place, line) in new.lines.iter().enumerate() {
        let problem = match products.get(&line.sku) {
            None => LineProblem::ProductNotFound,
            Some(product) => match PricedLine::new(place, line, product, new.currency) {
                Ok(priced) => {
                    lines.push(priced);
                    continue;
                }
                Err(PlacementError::ProductArchived(_)) => LineProblem::ProductArchived,
                Err(PlacementError::PriceNotFound(_)) => LineProblem::PriceNotFound(new.currency),
                Err(PlacementError::CurrencyMismatch(_)) => LineProblem::CurrencyMismatch(new.currency),
                Err(invalid) => return Err(placement_error(&invalid)),
            },
        };
        problems.push(LineError { place, sku: line.sku.clone(), problem });
    }
    if problems.is_empty() { Ok(lines) } else { Err(Error::Lines(problems)) }
}

fn placement_error(error: &PlacementError) -> Error {
    match error {
        PlacementError::NegativePrice(place) => {
            Error::invalid(format!("items[{place}].unit_price.minor_units"), "out_of_range", "must not be negative")
        }
        PlacementError::LineOutOfRange(place) => {
            Error::invalid(format!("items[{place}]"), "out_of_range", "quantity × unit price must stay below 2^53")
        }
        PlacementError::TotalOutOfRange => {
            Error::invalid("items", "out_of_range", "the total must stay below 2^53 minor units")
        }
        PlacementError::ProductArchived(_) | PlacementError::PriceNotFound(_) | PlacementError::CurrencyMismatch(_) => {
            Error::Fault(format!("{error:?} is told line by line"))
        }
    }
}

fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut texts: Vec<_> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}
