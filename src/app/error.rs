//! Why a use case did not do what it was asked to. No codes and no statuses: those are the contract's.

use std::fmt;

use crate::contract::policy::Permission;
use crate::domain::money::Money;
use crate::domain::order::LineError;
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
    },
    /// An amount is not in the currency of the order.
    CurrencyMismatch {
        /// Which one.
        field: String,
    },
    /// The customer has orders.
    CustomerInUse,
    /// The customer was erased.
    CustomerErased {
        /// What named it, when it was not the path.
        field: Option<String>,
    },
    /// The reference is taken.
    DuplicateReference {
        /// Who has it.
        existing: String,
        /// What names it in the request.
        field: String,
    },
    /// The SKU is taken.
    DuplicateSku {
        /// Who has it.
        existing: String,
        /// What names it in the request.
        field: String,
    },
    /// Lines that cannot be ordered; never empty.
    Lines(Vec<LineError>),
    /// Too much is going on.
    Overloaded,
    /// The database did not do it.
    Store(store::Error),
    /// A fault of ours.
    Fault(String),
}

impl Error {
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
