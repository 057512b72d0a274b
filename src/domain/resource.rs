//! The things that events and audit events tell of, whatever their kind.

use std::fmt;

use uuid::Uuid;

use super::ids::{
    ApiKeyId, ApprovalId, ApprovalPolicyId, CustomerId, JobId, LocationId, OrderId, PaymentId, ProductId, QuoteId,
    RefundId, ReportId, ReservationId, ReturnId, ShipmentId, StockMovementId, TenantId, TypedId, WebhookEndpointId,
    read_id, write_id,
};
use super::text_enum::text_enum;

text_enum! {
    /// A kind of thing.
    ResourceType {
        /// An API key.
        ApiKey = "api_key",
        /// An approval.
        Approval = "approval",
        /// An approval policy.
        ApprovalPolicy = "approval_policy",
        /// A customer.
        Customer = "customer",
        /// A job.
        Job = "job",
        /// A location.
        Location = "location",
        /// An order.
        Order = "order",
        /// A payment.
        Payment = "payment",
        /// A product.
        Product = "product",
        /// A quote.
        Quote = "quote",
        /// A refund.
        Refund = "refund",
        /// A report.
        Report = "report",
        /// A reservation.
        Reservation = "reservation",
        /// A return.
        Return = "return",
        /// A shipment.
        Shipment = "shipment",
        /// A movement of stock.
        StockMovement = "stock_movement",
        /// A tenant.
        Tenant = "tenant",
        /// A webhook endpoint.
        WebhookEndpoint = "webhook_endpoint",
    }
}

impl ResourceType {
    /// What the ids of this kind begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => ApiKeyId::PREFIX,
            Self::Approval => ApprovalId::PREFIX,
            Self::ApprovalPolicy => ApprovalPolicyId::PREFIX,
            Self::Customer => CustomerId::PREFIX,
            Self::Job => JobId::PREFIX,
            Self::Location => LocationId::PREFIX,
            Self::Order => OrderId::PREFIX,
            Self::Payment => PaymentId::PREFIX,
            Self::Product => ProductId::PREFIX,
            Self::Quote => QuoteId::PREFIX,
            Self::Refund => RefundId::PREFIX,
            Self::Report => ReportId::PREFIX,
            Self::Reservation => ReservationId::PREFIX,
            Self::Return => ReturnId::PREFIX,
            Self::Shipment => ShipmentId::PREFIX,
            Self::StockMovement => StockMovementId::PREFIX,
            Self::Tenant => TenantId::PREFIX,
            Self::WebhookEndpoint => WebhookEndpointId::PREFIX,
        }
    }
}

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceType,
    /// The UUID in its id.
    pub id: Uuid,
}

impl Resource {
    /// The thing with this public id; `None` for what is no id of any kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ResourceType::ALL.iter().find_map(|kind| Some(Self { kind: *kind, id: read_id(kind.prefix(), text)? }))
    }
}

/// Its public id.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_id(f, self.kind.prefix(), self.id)
    }
}

/// A thing as it was written down. Its kind is a text, since a newer version of the service may have written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedResource {
    /// Its kind.
    pub kind: String,
    /// The UUID in its id.
    pub id: Uuid,
}

/// Its public id; of a kind that is not known, the UUID alone.
impl fmt::Display for RecordedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.parse() {
            Ok(kind) => Resource { kind, id: self.id }.fmt(f),
            Err(_) => self.id.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_ids_of_its_own() {
        for kind in ResourceType::ALL {
            let resource = Resource { kind: *kind, id: Uuid::from_u128(7) };
            let text = resource.to_string();
            assert_eq!(text, format!("{}_00000000000000000000000007", kind.prefix()));
            assert_eq!(Resource::parse(&text), Some(resource), "{text}");
            let recorded = RecordedResource { kind: kind.as_str().to_owned(), id: resource.id };
            assert_eq!(recorded.to_string(), text);
        }
        for wrong in ["", "ord", "ord_7", "itm_00000000000000000000000007", "ord_00000000000000000000000007x"] {
            assert_eq!(Resource::parse(wrong), None, "{wrong}");
        }
        let of_tomorrow = RecordedResource { kind: "invoice".to_owned(), id: Uuid::from_u128(7) };
        assert_eq!(of_tomorrow.to_string(), "00000000-0000-0000-0000-000000000007");
    }
}
