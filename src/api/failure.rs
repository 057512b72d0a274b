//! A failure on its way to the client: a code of the contract, and what there is to say about it.
//!
//! No code and no status is written here; they come from `errors.proto`.

mod background;
mod desk;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::app::{self, Thing, Unique};
use crate::contract::pb::ErrorCode;
use crate::contract::policy::{ErrorPolicy, error_policy};
use crate::domain::order::{LineError, LineProblem};
use crate::domain::violation::Violation;

/// Who makes the reasons in google.rpc.ErrorInfo.
const DOMAIN: &str = "tradepost";

/// When to come back if there is nothing better to say.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Violations in a gRPC status take this many bytes at most; base64 makes a third more of them.
const MAX_DETAIL_BYTES: usize = 4 * 1024;

/// What Protobuf adds to the texts of a violation.
const DETAIL_OVERHEAD: usize = 8;

/// What goes to the client.
#[derive(Debug, Clone)]
pub struct Failure {
    code: ErrorCode,
    message: Option<String>,
    details: Vec<Violation>,
    metadata: BTreeMap<&'static str, String>,
    allow: Option<String>,
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None, details: Vec::new(), metadata: BTreeMap::new(), allow: None }
    }
}

impl Failure {
    /// Something more specific than the catalog's text.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// A fault of ours: it goes to the log, and the client learns only that there was one.
    pub fn internal(fault: &dyn fmt::Display) -> Self {
        tracing::error!(%fault, "internal error");
        ErrorCode::Internal.into()
    }

    /// The methods that a path has.
    #[must_use]
    pub fn method_not_allowed(allow: String) -> Self {
        Self { allow: Some(allow), ..ErrorCode::MethodNotAllowed.into() }
    }

    fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.insert(key, value.into());
        self
    }

    fn at(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        let code = self.policy().code;
        self.details.push(Violation::new(field, code, message));
        self
    }

    fn at_some(self, field: Option<String>, message: impl Into<String>) -> Self {
        match field {
            Some(field) => self.at(field, message),
            None => self,
        }
    }

    /// What the catalog says of it.
    #[must_use]
    pub fn policy(&self) -> ErrorPolicy {
        error_policy(self.code)
    }

    /// What it says to people.
    #[must_use]
    pub fn text(&self) -> &str {
        self.message.as_deref().unwrap_or(self.policy().message)
    }

    /// Every violation, in the order of the request.
    #[must_use]
    pub fn details(&self) -> &[Violation] {
        &self.details
    }

    /// Facts for programs.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<&'static str, String> {
        &self.metadata
    }

    /// The methods that the path has, for the `Allow` header.
    #[must_use]
    pub fn allow(&self) -> Option<&str> {
        self.allow.as_deref()
    }

    /// When to come back, where that is worth saying.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        matches!(self.code, ErrorCode::Unavailable | ErrorCode::IdempotencyInFlight).then_some(RETRY_AFTER)
    }

    /// The same as gRPC tells it (google.rpc.Status with the details of AIP-193). The failure itself travels as its
    /// source, so that REST loses nothing.
    #[must_use]
    pub fn into_status(self, request_id: &str) -> Status {
        let policy = self.policy();
        let mut metadata: HashMap<String, String> =
            self.metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let violations = self.field_violations();
        if violations.len() < self.details.len() {
            let omitted = self.details.len() - violations.len();
            metadata.insert("violations_omitted".to_owned(), omitted.to_string());
        }
        let mut details = ErrorDetails::with_error_info(policy.reason, DOMAIN, metadata);
        details.set_request_info(request_id, "");
        if let Some(delay) = self.retry_after() {
            details.set_retry_info(Some(delay));
        }
        if policy.grpc == Code::FailedPrecondition as i32 {
            let subject = self.details.first().map_or("", |violation| violation.field.as_str());
            details.add_precondition_failure_violation(policy.reason, subject, self.text());
        }
        if !violations.is_empty() {
            details.set_bad_request(violations);
        }
        let mut status = Status::with_error_details(Code::from_i32(policy.grpc), self.text(), details);
        status.set_source(Arc::new(self));
        status
    }
}

impl Failure {
    /// As many violations as a header may carry: clients refuse a status whose headers are larger than 8 KiB.
    fn field_violations(&self) -> Vec<FieldViolation> {
        let mut room = MAX_DETAIL_BYTES;
        let fitting = self.details.iter().take_while(|violation| {
            let size = violation.field.len() + violation.code.len() + violation.message.len();
            room = room.saturating_sub(size + DETAIL_OVERHEAD);
            room > 0
        });
        fitting.map(field_violation).collect()
    }
}

fn field_violation(violation: &Violation) -> FieldViolation {
    FieldViolation {
        field: violation.field.clone(),
        description: violation.message.clone(),
        reason: violation.code.to_uppercase(),
        ..Default::default()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.policy().code, self.text())
    }
}

impl std::error::Error for Failure {}

impl From<Vec<Violation>> for Failure {
    fn from(violations: Vec<Violation>) -> Self {
        let message = match violations.as_slice() {
            [one] if one.field.is_empty() => format!("The request {}.", one.message),
            [one] => format!("{}: {}", one.field, one.message),
            many => format!("The request has {} errors; details lists them.", many.len()),
        };
        Self { details: violations, ..Self::from(ErrorCode::ValidationFailed).message(message) }
    }
}

impl From<Vec<transcode::Violation>> for Failure {
    fn from(violations: Vec<transcode::Violation>) -> Self {
        violations.into_iter().map(Violation::from).collect::<Vec<_>>().into()
    }
}

impl From<transcode::Violation> for Violation {
    fn from(found: transcode::Violation) -> Self {
        Self::new(found.field, found.code, found.message)
    }
}

impl From<transcode::Failure> for Failure {
    fn from(failure: transcode::Failure) -> Self {
        use transcode::Failure as Refused;
        match failure {
            Refused::Malformed { message } => Self::from(ErrorCode::MalformedRequest).message(message),
            Refused::Invalid(violations) => violations.into(),
            Refused::UnsupportedMediaType { message } => Self::from(ErrorCode::UnsupportedMediaType).message(message),
            Refused::NotAcceptable { message } => Self::from(ErrorCode::NotAcceptable).message(message),
            Refused::PayloadTooLarge { limit } => Self::from(ErrorCode::PayloadTooLarge)
                .message(format!("The body may have at most {limit} bytes."))
                .with("limit", limit.to_string()),
            Refused::BodyTimeout => ErrorCode::RequestTimeout.into(),
            Refused::BodyBroken { source } => {
                tracing::debug!(%source, "a body broke off");
                ErrorCode::ClientClosedRequest.into()
            }
        }
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        use app::Error;
        match error {
            Error::Invalid(violations) => violations.into(),
            Error::InvalidPageToken => ErrorCode::InvalidPageToken.into(),
            Error::Unauthenticated => ErrorCode::Unauthenticated.into(),
            Error::PermissionDenied { permission, field } => {
                let denied = Self::from(ErrorCode::PermissionDenied).with("permission", permission.as_str());
                denied.at_some(field, format!("needs the permission {}", permission.as_str()))
            }
            Error::KeyReused => ErrorCode::IdempotencyKeyReused.into(),
            Error::KeyInFlight => ErrorCode::IdempotencyInFlight.into(),
            Error::NotFound { thing, field } => not_found(thing, field),
            Error::EtagMismatch { current } => Self::from(ErrorCode::EtagMismatch).with("etag", current),
            Error::IllegalTransition { from, action, allowed, field } => illegal(from, action, &allowed, field),
            Error::PriceChanged { total, field } => Self::from(ErrorCode::PriceChanged)
                .with("total", total.minor_units().to_string())
                .with("currency_code", total.currency().to_string())
                .at(field, "is not what it would cost"),
            Error::CurrencyMismatch { field } => {
                Self::from(ErrorCode::CurrencyMismatch).at(field, "must be in the currency of the order")
            }
            Error::CustomerInUse => ErrorCode::CustomerInUse.into(),
            Error::CustomerErased { field } => Self::from(ErrorCode::CustomerErased).at_some(field, "was erased"),
            Error::Duplicate { unique, existing, field } => duplicate(unique, existing, field),
            Error::Lines(lines) => line_failure(&lines),
            Error::OwnRequest => Self::from(ErrorCode::PermissionDenied)
                .message("Somebody else must decide: nobody approves what they asked for themselves."),
            Error::RoleRequired { role } => Self::from(ErrorCode::PermissionDenied)
                .message(format!("This takes the role {}.", role.as_str()))
                .with("role", role.as_str()),
            other @ (Error::InsufficientStock(_)
            | Error::StockChanged { .. }
            | Error::InventoryNotTracked { .. }
            | Error::ReservationExpired { .. }
            | Error::ProductInUse { .. }
            | Error::QuoteExpired
            | Error::RefundExceedsRemaining { .. }
            | Error::PaymentInUse
            | Error::TooMany { .. }
            | Error::OrderOnHold
            | Error::PolicyUnsatisfiable { .. }) => desk::failure(other),
            other @ (Error::ReportNotReady { .. }
            | Error::ReportExpired { .. }
            | Error::SequenceExpired { .. }
            | Error::NotAcceptable { .. }
            | Error::Upstream(_)
            | Error::Stopping
            | Error::DeadlineExceeded) => background::failure(other),
            Error::Overloaded => ErrorCode::Unavailable.into(),
            Error::Store(error) if error.is_temporary() => {
                tracing::warn!(%error, "the database did not do it");
                ErrorCode::Unavailable.into()
            }
            Error::Store(error) => Self::internal(&error),
            Error::Fault(fault) => Self::internal(&fault),
        }
    }
}

fn illegal(from: &'static str, action: &'static str, allowed: &[&str], field: Option<String>) -> Failure {
    let text = match &field {
        Some(field) if action == "update" => format!("{field} cannot be changed in the state {from}."),
        _ => format!("{action} is not possible in the state {from}."),
    };
    let failure = Failure::from(ErrorCode::IllegalTransition)
        .message(text.clone())
        .with("from", from)
        .with("action", action)
        .with("allowed", allowed.join(","));
    failure.at_some(field, text)
}

fn duplicate(unique: Unique, existing: String, field: String) -> Failure {
    let failure = Failure::from(match unique {
        Unique::Reference => ErrorCode::DuplicateReference,
        Unique::Sku => ErrorCode::DuplicateSku,
        Unique::Code => ErrorCode::DuplicateCode,
        Unique::ProviderReference => ErrorCode::DuplicateProviderReference,
    });
    failure.with("existing_id", existing).at(field, "is taken")
}

fn not_found(thing: Thing, field: Option<String>) -> Failure {
    let failure = Failure::from(match thing {
        Thing::Order => ErrorCode::OrderNotFound,
        Thing::Product => ErrorCode::ProductNotFound,
        Thing::Customer => ErrorCode::CustomerNotFound,
        Thing::Tenant => ErrorCode::TenantNotFound,
        Thing::ApiKey => ErrorCode::ApiKeyNotFound,
        Thing::Event => ErrorCode::EventNotFound,
        Thing::AuditEvent => ErrorCode::AuditEventNotFound,
        Thing::Approval => ErrorCode::ApprovalNotFound,
        Thing::ApprovalPolicy => ErrorCode::ApprovalPolicyNotFound,
        Thing::Hold => ErrorCode::HoldNotFound,
        Thing::Job => ErrorCode::JobNotFound,
        Thing::Location => ErrorCode::LocationNotFound,
        Thing::OrderItem => ErrorCode::OrderItemNotFound,
        Thing::Payment => ErrorCode::PaymentNotFound,
        Thing::Quote => ErrorCode::QuoteNotFound,
        Thing::Refund => ErrorCode::RefundNotFound,
        Thing::Report => ErrorCode::ReportNotFound,
        Thing::Reservation => ErrorCode::ReservationNotFound,
        Thing::Return => ErrorCode::ReturnNotFound,
        Thing::Shipment => ErrorCode::ShipmentNotFound,
        Thing::WebhookDelivery => ErrorCode::WebhookDeliveryNotFound,
        Thing::WebhookEndpoint => ErrorCode::WebhookEndpointNotFound,
    });
    let text = failure.policy().message;
    failure.at_some(field, text)
}

/// The first line decides the code; the details list every one.
fn line_failure(lines: &[LineError]) -> Failure {
    let code = |line: &LineError| match line.problem {
        LineProblem::ProductNotFound => ErrorCode::ProductNotFound,
        LineProblem::ProductArchived => ErrorCode::ProductArchived,
        LineProblem::PriceNotFound(_) => ErrorCode::PriceNotFound,
        LineProblem::CurrencyMismatch(_) => ErrorCode::CurrencyMismatch,
        LineProblem::ChosenPrice | LineProblem::GivenDiscount => ErrorCode::PermissionDenied,
        LineProblem::BelowCanceled(..) | LineProblem::DroppedCanceled => ErrorCode::OverCancellation,
    };
    let Some(first) = lines.first() else { return Failure::internal(&"no line is wrong") };
    let details = lines.iter().take(transcode::MAX_VIOLATIONS).map(|line| {
        let part = match line.problem {
            LineProblem::CurrencyMismatch(_) => ".unit_price.currency_code",
            LineProblem::BelowCanceled(..) => ".quantity",
            LineProblem::DroppedCanceled => "",
            LineProblem::ProductNotFound
            | LineProblem::ProductArchived
            | LineProblem::PriceNotFound(_)
            | LineProblem::ChosenPrice
            | LineProblem::GivenDiscount => ".sku",
        };
        let field = format!("{}{part}", line.field);
        Violation::new(field, error_policy(code(line)).code, line_text(line))
    });
    let failure = Failure::from(code(first)).message(line_text(first)).with("sku", first.sku.clone());
    Failure { details: details.collect(), ..failure }
}

fn line_text(line: &LineError) -> String {
    let sku = &line.sku;
    match line.problem {
        LineProblem::ProductNotFound => format!("There is no product with the SKU {sku:?}."),
        LineProblem::ProductArchived => format!("The product {sku:?} is archived."),
        LineProblem::PriceNotFound(currency) => format!("The product {sku:?} has no price in {currency}."),
        LineProblem::CurrencyMismatch(currency) => format!("The price of {sku:?} must be in {currency}."),
        LineProblem::ChosenPrice => format!("The price of {sku:?} was chosen for the units it has."),
        LineProblem::DroppedCanceled => format!("Units of {sku:?} were canceled: the line stays."),
        LineProblem::BelowCanceled(_, canceled) => format!("{canceled} units of {sku:?} were canceled already."),
        LineProblem::GivenDiscount => format!("The discount of {sku:?} was given for the units it has."),
    }
}
