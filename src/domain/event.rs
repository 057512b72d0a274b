//! What can happen, and to what.

use uuid::Uuid;

use super::customer::Customer;
use super::ids::{ApiKeyId, CustomerId, EventId, OrderId, TypedId};
use super::order::OrderHead;
use super::page::PageRequest;
use super::product::Product;
use super::resource::{RecordedResource, Resource, ResourceType};
use super::tenant::Tenant;
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// The type of an event.
    EventType {
        /// A customer was created.
        CustomerCreated = "customer.created",
        /// A customer was deleted.
        CustomerDeleted = "customer.deleted",
        /// The personal data of a customer was erased.
        CustomerErased = "customer.erased",
        /// A customer was changed.
        CustomerUpdated = "customer.updated",
        /// An order was canceled.
        OrderCanceled = "order.canceled",
        /// An order was confirmed.
        OrderConfirmed = "order.confirmed",
        /// A draft of an order was created.
        OrderCreated = "order.created",
        /// A draft was deleted.
        OrderDeleted = "order.deleted",
        /// An order was placed.
        OrderPlaced = "order.placed",
        /// An order was edited.
        OrderUpdated = "order.updated",
        /// A product was taken off the market.
        ProductArchived = "product.archived",
        /// A product was created.
        ProductCreated = "product.created",
        /// A product was changed.
        ProductUpdated = "product.updated",
    }
}

/// What an event or an audit row is about.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Subject<'a> {
    ApiKey(ApiKeyId),
    Customer(&'a Customer),
    Order(&'a OrderHead),
    Product(&'a Product),
    Tenant(&'a Tenant),
}

impl Subject<'_> {
    /// The kind of thing.
    #[must_use]
    pub fn kind(self) -> ResourceType {
        match self {
            Self::ApiKey(_) => ResourceType::ApiKey,
            Self::Customer(_) => ResourceType::Customer,
            Self::Order(_) => ResourceType::Order,
            Self::Product(_) => ResourceType::Product,
            Self::Tenant(_) => ResourceType::Tenant,
        }
    }

    /// The kind of thing, as events and audit rows name it.
    #[must_use]
    pub fn resource_type(self) -> &'static str {
        self.kind().as_str()
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::ApiKey(key) => key.uuid(),
            Self::Customer(customer) => customer.id.uuid(),
            Self::Order(order) => order.id.uuid(),
            Self::Product(product) => product.id.uuid(),
            Self::Tenant(tenant) => tenant.id.uuid(),
        }
    }

    /// Its version; things without events have none that matters.
    #[must_use]
    pub fn version(self) -> i64 {
        match self {
            Self::ApiKey(_) => 0,
            Self::Customer(customer) => customer.version,
            Self::Order(order) => order.version,
            Self::Product(product) => product.version,
            Self::Tenant(tenant) => tenant.version,
        }
    }

    /// The customer whose personal data it may hold.
    #[must_use]
    pub fn person(self) -> Option<CustomerId> {
        match self {
            Self::Order(order) => Some(order.customer),
            Self::Customer(customer) => Some(customer.id),
            Self::ApiKey(_) | Self::Product(_) | Self::Tenant(_) => None,
        }
    }

    /// The customer who may read of it.
    #[must_use]
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Order(order) => Some(order.customer),
            Self::ApiKey(_) | Self::Customer(_) | Self::Product(_) | Self::Tenant(_) => None,
        }
    }
}

/// An event, as it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// What happened. A text, since a newer version of the service may have told it.
    pub event_type: String,
    /// What it happened to.
    pub resource: RecordedResource,
    /// The version of that thing that the event tells of.
    pub resource_sequence: i64,
    /// The thing as it was then, as the contract shows it.
    pub data: serde_json::Value,
    /// The key that did it.
    pub actor: ApiKeyId,
    /// When.
    pub create_time: Time,
}

/// Which events a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only these types; empty: all.
    pub types: Vec<String>,
    /// Only events of this kind of thing.
    pub resource_type: Option<String>,
    /// Only events of this thing.
    pub resource: Option<Resource>,
    /// Only events of this time.
    pub created: TimeRange,
}

/// Events, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventList {
    /// Which.
    pub filter: EventFilter,
    /// Which page.
    pub page: PageRequest,
}

/// The events of one order, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEventList {
    /// The order.
    pub order: OrderId,
    /// Which page.
    pub page: PageRequest,
}
