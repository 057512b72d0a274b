//! What can happen: the type of every event.

use super::text_enum::text_enum;

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
