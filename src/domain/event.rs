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
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};
use super::webhook::WebhookEndpoint;

text_enum! {
    /// The type of an event.
    EventType {
        /// An approval was given.
        ApprovalApproved = "approval.approved",
        /// Nobody decided on an approval in time.
        ApprovalExpired = "approval.expired",
        /// An approval was refused.
        ApprovalRejected = "approval.rejected",
        /// Somebody's approval is needed.
        ApprovalRequested = "approval.requested",
        /// What an approval was about has changed or gone.
        ApprovalVoided = "approval.voided",
        /// An approval policy was created.
        ApprovalPolicyCreated = "approval_policy.created",
        /// An approval policy was deleted.
        ApprovalPolicyDeleted = "approval_policy.deleted",
        /// An approval policy was changed.
        ApprovalPolicyUpdated = "approval_policy.updated",
        /// A customer was created.
        CustomerCreated = "customer.created",
        /// A customer was deleted.
        CustomerDeleted = "customer.deleted",
        /// The personal data of a customer was erased.
        CustomerErased = "customer.erased",
        /// A customer was changed.
        CustomerUpdated = "customer.updated",
        /// A job was canceled.
        JobCanceled = "job.canceled",
        /// A job was created.
        JobCreated = "job.created",
        /// The last attempt at a job failed.
        JobFailed = "job.failed",
        /// A job is done.
        JobSucceeded = "job.succeeded",
        /// A location was created.
        LocationCreated = "location.created",
        /// A location was changed.
        LocationUpdated = "location.updated",
        /// An order waits for approval.
        OrderApprovalRequested = "order.approval_requested",
        /// An order was approved.
        OrderApproved = "order.approved",
        /// An order was canceled.
        OrderCanceled = "order.canceled",
        /// An order was completed.
        OrderCompleted = "order.completed",
        /// An order was confirmed.
        OrderConfirmed = "order.confirmed",
        /// A draft of an order was created.
        OrderCreated = "order.created",
        /// A draft was deleted.
        OrderDeleted = "order.deleted",
        /// An order was not paid, or not approved, in time.
        OrderExpired = "order.expired",
        /// A hold was put on an order.
        OrderHeld = "order.held",
        /// A hold was taken off an order.
        OrderHoldReleased = "order.hold_released",
        /// An order was placed.
        OrderPlaced = "order.placed",
        /// An order was refused by an approver.
        OrderRejected = "order.rejected",
        /// An order was edited.
        OrderUpdated = "order.updated",
        /// A payment was recorded.
        PaymentRecorded = "payment.recorded",
        /// A payment was voided.
        PaymentVoided = "payment.voided",
        /// A product was taken off the market.
        ProductArchived = "product.archived",
        /// A product was created.
        ProductCreated = "product.created",
        /// A product was changed.
        ProductUpdated = "product.updated",
        /// A quote was accepted.
        QuoteAccepted = "quote.accepted",
        /// A quote waits for approval.
        QuoteApprovalRequested = "quote.approval_requested",
        /// A quote was approved.
        QuoteApproved = "quote.approved",
        /// A quote was created.
        QuoteCreated = "quote.created",
        /// A quote was declined.
        QuoteDeclined = "quote.declined",
        /// A quote ran out.
        QuoteExpired = "quote.expired",
        /// A quote was refused by an approver, or nobody decided in time, and it is a draft again.
        QuoteRejected = "quote.rejected",
        /// A quote was replaced by a new version.
        QuoteRevised = "quote.revised",
        /// A quote was sent.
        QuoteSent = "quote.sent",
        /// A draft of a quote was changed.
        QuoteUpdated = "quote.updated",
        /// A quote was withdrawn.
        QuoteWithdrawn = "quote.withdrawn",
        /// A refund was approved.
        RefundApproved = "refund.approved",
        /// A refund was canceled.
        RefundCanceled = "refund.canceled",
        /// A refund was created.
        RefundCreated = "refund.created",
        /// A refund failed.
        RefundFailed = "refund.failed",
        /// A refund was refused by an approver.
        RefundRejected = "refund.rejected",
        /// A failed refund is tried again.
        RefundRetried = "refund.retried",
        /// A refund succeeded.
        RefundSucceeded = "refund.succeeded",
        /// The job of a report was canceled.
        ReportCanceled = "report.canceled",
        /// A report was asked for.
        ReportCreated = "report.created",
        /// The file of a report was kept long enough.
        ReportExpired = "report.expired",
        /// The job of a report failed.
        ReportFailed = "report.failed",
        /// The file of a report is there.
        ReportSucceeded = "report.succeeded",
        /// A reservation was used up.
        ReservationCommitted = "reservation.committed",
        /// A reservation was made.
        ReservationCreated = "reservation.created",
        /// A reservation ran out.
        ReservationExpired = "reservation.expired",
        /// A reservation was extended.
        ReservationExtended = "reservation.extended",
        /// A reservation was given back.
        ReservationReleased = "reservation.released",
        /// A return was authorized.
        ReturnAuthorized = "return.authorized",
        /// A return was closed.
        ReturnClosed = "return.closed",
        /// What came back was inspected.
        ReturnInspected = "return.inspected",
        /// Goods came back.
        ReturnReceived = "return.received",
        /// A return was refused.
        ReturnRejected = "return.rejected",
        /// A return was asked for.
        ReturnRequested = "return.requested",
        /// A shipment was canceled.
        ShipmentCanceled = "shipment.canceled",
        /// Goods were shipped.
        ShipmentCreated = "shipment.created",
        /// A shipment was delivered.
        ShipmentDelivered = "shipment.delivered",
        /// A count of stock was changed.
        StockAdjusted = "stock.adjusted",
        /// Stock was moved between locations.
        StockTransferred = "stock.transferred",
        /// A webhook endpoint was created.
        WebhookEndpointCreated = "webhook_endpoint.created",
        /// A webhook endpoint was deleted.
        WebhookEndpointDeleted = "webhook_endpoint.deleted",
        /// The service stopped sending to a webhook endpoint.
        WebhookEndpointDisabled = "webhook_endpoint.disabled",
        /// A webhook endpoint was paused.
        WebhookEndpointPaused = "webhook_endpoint.paused",
        /// Events are sent again to a webhook endpoint.
        WebhookEndpointReplayed = "webhook_endpoint.replayed",
        /// A webhook endpoint was resumed.
        WebhookEndpointResumed = "webhook_endpoint.resumed",
        /// A webhook endpoint has another secret.
        WebhookEndpointSecretRotated = "webhook_endpoint.secret_rotated",
        /// A webhook endpoint is tried.
        WebhookEndpointTested = "webhook_endpoint.tested",
        /// A webhook endpoint was changed.
        WebhookEndpointUpdated = "webhook_endpoint.updated",
    }
}

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
