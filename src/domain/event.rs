//! What can happen, and to what.

use uuid::Uuid;

use super::approval::{Approval, ApprovalPolicy};
use super::customer::Customer;
use super::ids::{ApiKeyId, CustomerId, EventId, OrderId, TypedId};
use super::job::Job;
use super::location::Location;
use super::order::OrderHead;
use super::page::PageRequest;
use super::payment::Payment;
use super::product::Product;
use super::quote::QuoteHead;
use super::refund::Refund;
use super::report::Report;
use super::reservation::Reservation;
use super::resource::{RecordedResource, Resource, ResourceType};
use super::returns::ReturnHead;
use super::shipment::ShipmentHead;
use super::stock::StockMovement;
use super::tenant::Tenant;
use super::time::{Time, TimeRange};
use super::webhook::WebhookEndpoint;

pub use super::event_type::EventType;

/// What an event or an audit row is about.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Subject<'a> {
    ApiKey(ApiKeyId),
    Approval(&'a Approval),
    ApprovalPolicy(&'a ApprovalPolicy),
    Customer(&'a Customer),
    Job(&'a Job),
    Location(&'a Location),
    Order(&'a OrderHead),
    Payment(&'a Payment),
    Product(&'a Product),
    Quote(&'a QuoteHead),
    Refund(&'a Refund),
    Report(&'a Report),
    Reservation(&'a Reservation),
    Return(&'a ReturnHead),
    Shipment(&'a ShipmentHead),
    StockMovement(&'a StockMovement),
    Tenant(&'a Tenant),
    WebhookEndpoint(&'a WebhookEndpoint),
}

impl Subject<'_> {
    /// The kind of thing.
    #[must_use]
    pub fn kind(self) -> ResourceType {
        match self {
            Self::ApiKey(_) => ResourceType::ApiKey,
            Self::Approval(_) => ResourceType::Approval,
            Self::ApprovalPolicy(_) => ResourceType::ApprovalPolicy,
            Self::Customer(_) => ResourceType::Customer,
            Self::Job(_) => ResourceType::Job,
            Self::Location(_) => ResourceType::Location,
            Self::Order(_) => ResourceType::Order,
            Self::Payment(_) => ResourceType::Payment,
            Self::Product(_) => ResourceType::Product,
            Self::Quote(_) => ResourceType::Quote,
            Self::Refund(_) => ResourceType::Refund,
            Self::Report(_) => ResourceType::Report,
            Self::Reservation(_) => ResourceType::Reservation,
            Self::Return(_) => ResourceType::Return,
            Self::Shipment(_) => ResourceType::Shipment,
            Self::StockMovement(_) => ResourceType::StockMovement,
            Self::Tenant(_) => ResourceType::Tenant,
            Self::WebhookEndpoint(_) => ResourceType::WebhookEndpoint,
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
            Self::Approval(approval) => approval.id.uuid(),
            Self::ApprovalPolicy(policy) => policy.id.uuid(),
            Self::Customer(customer) => customer.id.uuid(),
            Self::Job(job) => job.id.uuid(),
            Self::Location(location) => location.id.uuid(),
            Self::Order(order) => order.id.uuid(),
            Self::Payment(payment) => payment.id.uuid(),
            Self::Product(product) => product.id.uuid(),
            Self::Quote(quote) => quote.id.uuid(),
            Self::Refund(refund) => refund.id.uuid(),
            Self::Report(report) => report.id.uuid(),
            Self::Reservation(reservation) => reservation.id.uuid(),
            Self::Return(found) => found.id.uuid(),
            Self::Shipment(shipment) => shipment.id.uuid(),
            Self::StockMovement(movement) => movement.id.uuid(),
            Self::Tenant(tenant) => tenant.id.uuid(),
            Self::WebhookEndpoint(endpoint) => endpoint.id.uuid(),
        }
    }

    /// Its version; things without events have none that matters.
    #[must_use]
    pub fn version(self) -> i64 {
        match self {
            Self::ApiKey(_) => 0,
            Self::Approval(approval) => approval.version,
            Self::ApprovalPolicy(policy) => policy.version,
            Self::Customer(customer) => customer.version,
            Self::Job(job) => job.version,
            Self::Location(location) => location.version,
            Self::Order(order) => order.version,
            Self::Payment(payment) => payment.version,
            Self::Product(product) => product.version,
            Self::Quote(quote) => quote.version,
            Self::Refund(refund) => refund.version,
            Self::Report(report) => report.version,
            Self::Reservation(reservation) => reservation.version,
            Self::Return(found) => found.version,
            Self::Shipment(shipment) => shipment.version,
            // It never changes.
            Self::StockMovement(_) => 1,
            Self::Tenant(tenant) => tenant.version,
            Self::WebhookEndpoint(endpoint) => endpoint.version,
        }
    }

    /// The customer whose personal data it may hold.
    #[must_use]
    pub fn person(self) -> Option<CustomerId> {
        match self {
            Self::Order(order) => Some(order.customer),
            Self::Customer(customer) => Some(customer.id),
            Self::ApiKey(_)
            | Self::Approval(_)
            | Self::ApprovalPolicy(_)
            | Self::Job(_)
            | Self::Location(_)
            | Self::Payment(_)
            | Self::Product(_)
            | Self::Quote(_)
            | Self::Refund(_)
            | Self::Report(_)
            | Self::Reservation(_)
            | Self::Return(_)
            | Self::Shipment(_)
            | Self::StockMovement(_)
            | Self::Tenant(_)
            | Self::WebhookEndpoint(_) => None,
        }
    }

    /// The customer who may read of it.
    #[must_use]
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Order(order) => Some(order.customer),
            Self::Quote(quote) => Some(quote.customer),
            Self::Return(found) => Some(found.customer),
            Self::Shipment(shipment) => Some(shipment.customer),
            Self::Payment(payment) => Some(payment.customer),
            Self::Refund(refund) => Some(refund.customer),
            Self::ApiKey(_)
            | Self::Approval(_)
            | Self::ApprovalPolicy(_)
            | Self::Customer(_)
            | Self::Job(_)
            | Self::Location(_)
            | Self::Product(_)
            | Self::Report(_)
            | Self::Reservation(_)
            | Self::StockMovement(_)
            | Self::Tenant(_)
            | Self::WebhookEndpoint(_) => None,
        }
    }
}

/// An event, as it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its place in the order of all events; 0 until it has one, which is soon after it was told.
    pub sequence: i64,
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
    /// Only events that concern this customer.
    pub customer: Option<CustomerId>,
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

/// Events as they happen, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWatch {
    /// Which.
    pub filter: EventFilter,
    /// After which; `None`: from now on.
    pub after: Option<i64>,
}

/// The events of one order, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEventList {
    /// The order.
    pub order: OrderId,
    /// Which page.
    pub page: PageRequest,
}
