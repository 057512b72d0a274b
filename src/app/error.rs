//! Why a use case did not do what it was asked to. No codes and no statuses: those are the contract's.

use std::fmt;

use crate::contract::policy::{Permission, Role};
use crate::domain::ids::OrderItemId;
use crate::domain::money::Money;
use crate::domain::order::LineError;
use crate::domain::time::Time;
use crate::domain::violation::Violation;
use crate::store;

/// A kind of thing that may not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// An order.
    Order,
    /// A product.
    Product,
    /// A customer.
    Customer,
    /// A tenant.
    Tenant,
    /// An API key.
    ApiKey,
    /// An event.
    Event,
    /// An audit event.
    AuditEvent,
    /// An approval.
    Approval,
    /// An approval policy.
    ApprovalPolicy,
    /// A hold on an order.
    Hold,
    /// A job.
    Job,
    /// A location.
    Location,
    /// A line of an order.
    OrderItem,
    /// A payment.
    Payment,
    /// A quote.
    Quote,
    /// A refund.
    Refund,
    /// A report.
    Report,
    /// A reservation.
    Reservation,
    /// A return.
    Return,
    /// A shipment.
    Shipment,
    /// A delivery of a webhook.
    WebhookDelivery,
    /// A webhook endpoint.
    WebhookEndpoint,
}

/// A kind of value that only one thing may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// The client's own id.
    Reference,
    /// The SKU of a product.
    Sku,
    /// The code of a location.
    Code,
    /// The reference that a provider of payments gave.
    ProviderReference,
}

/// A product of which there is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Its SKU.
    pub sku: String,
    /// How many units are available; `None`: the caller may not know.
    pub available: Option<i64>,
    /// What asked for it.
    pub field: Option<String>,
}

/// What more units are asked for than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Units to ship.
    Shipment,
    /// Units that can come back, or did.
    Return,
    /// Units to cancel.
    Cancellation,
}

/// Why a use case failed.
#[derive(Debug)]
pub enum Error {
    /// The request does not fit the contract.
    Invalid(Vec<Violation>),
    /// The page token is not one of ours, or not for this list.
    InvalidPageToken,
    /// No valid key came with the request.
    Unauthenticated,
    /// The caller lacks a permission.
    PermissionDenied {
        /// The one that is missing.
        permission: Permission,
        /// What asked for it.
        field: Option<String>,
    },
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The first call with this idempotency key is still running.
    KeyInFlight,
    /// There is no such thing, or the caller may not know of it.
    NotFound {
        /// What kind of thing.
        thing: Thing,
        /// What named it, when it was not the path.
        field: Option<String>,
    },
    /// The thing is not as the caller expects it.
    EtagMismatch {
        /// Its etag now.
        current: String,
    },
    /// The move is not legal in this state.
    IllegalTransition {
        /// The state.
        from: &'static str,
        /// The move, as REST names it.
        action: &'static str,
        /// The moves that are legal.
        allowed: Vec<&'static str>,
        /// What asked for it, when it was a field.
        field: Option<String>,
    },
    /// The order would not cost what the client expects.
    PriceChanged {
        /// What it would cost.
        total: Money,
        /// What expects another total.
        field: String,
    },
    /// An amount is not in the currency of the order.
    CurrencyMismatch {
        /// Which one.
        field: String,
    },
    /// The customer has orders or quotes.
    CustomerInUse,
    /// The customer was erased.
    CustomerErased {
        /// What named it, when it was not the path.
        field: Option<String>,
    },
    /// A value that only one thing may have is taken.
    Duplicate {
        /// Which kind of value.
        unique: Unique,
        /// Who has it.
        existing: String,
        /// What names it in the request.
        field: String,
    },
    /// More is asked for than is available; never empty.
    InsufficientStock(Vec<Shortage>),
    /// What was counted is not what the caller expects to be there.
    StockChanged {
        /// What there is.
        on_hand: i64,
    },
    /// Stock is not counted for the product.
    InventoryNotTracked {
        /// What names it.
        field: String,
    },
    /// The reservation ran out.
    ReservationExpired {
        /// What named it, when it was not the path.
        field: Option<String>,
    },
    /// Units of the product are open.
    ProductInUse {
        /// What asked for the change.
        field: String,
    },
    /// The quote ran out.
    QuoteExpired,
    /// More than can be given back.
    RefundExceedsRemaining {
        /// What can be.
        maximum: Money,
        /// What asked for it.
        field: String,
    },
    /// Refunds need the payment.
    PaymentInUse,
    /// More units of a line than there are for this.
    TooMany {
        /// For what.
        excess: Excess,
        /// Of which line.
        item: OrderItemId,
        /// How many there are.
        maximum: i32,
        /// What asked for it.
        field: String,
    },
    /// The order has a hold.
    OrderOnHold,
    /// Nobody but the one who asks could approve it.
    PolicyUnsatisfiable {
        /// The role that it takes.
        role: Role,
    },
    /// Nobody decides on what they asked for themselves.
    OwnRequest,
    /// The decision takes a higher role.
    RoleRequired {
        /// The role that it takes.
        role: Role,
    },
    /// Lines that cannot be ordered; never empty.
    Lines(Vec<LineError>),
    /// The report has no file.
    ReportNotReady {
        /// The state of the report.
        status: &'static str,
    },
    /// The file of the report is gone.
    ReportExpired {
        /// Until when it was kept.
        expire_time: Time,
    },
    /// Events after a sequence are not kept any more.
    SequenceExpired {
        /// The smallest sequence to begin after.
        oldest: i64,
    },
    /// None of the forms that there are is one that the client takes.
    NotAcceptable {
        /// The form that there is, as a media type.
        offered: &'static str,
    },
    /// A service that this one depends on failed.
    Upstream(String),
    /// The process stops.
    Stopping,
    /// Time ran out.
    DeadlineExceeded,
    /// Too much is going on.
    Overloaded,
    /// The database did not do it.
    Store(store::Error),
    /// A fault of ours.
    Fault(String),
}

impl Error {
    /// Whether the same may pass later, without anybody mending anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Overloaded => true,
            _ => false,
        }
    }

    /// One violation.
    pub fn invalid(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(field, code, message)])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Fault(text) => f.write_str(text),
            Self::Invalid(violations) => {
                let texts = violations.iter().map(|violation| format!("{}: {}", violation.field, violation.message));
                f.write_str(&texts.collect::<Vec<_>>().join("; "))
            }
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Vec<Violation>> for Error {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Invalid(violations)
    }
}
