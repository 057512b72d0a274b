//! Calls of the service that are repeated until their outcome is known, and what a refusal means.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::Fault;

/// How long one try may take. The service would allow a minute.
const DEADLINE: Duration = Duration::from_secs(30);

/// The first wait before a call is repeated. Each wait is twice the one before, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Who makes the reasons of the service.
const DOMAIN: &str = "tradepost";

/// A service, and how to behave toward it.
#[derive(Debug)]
pub(crate) struct Service {
    channel: Channel,
    bearer: MetadataValue<Ascii>,
    patience: Duration,
    repeated: AtomicU64,
    complained: AtomicBool,
}

/// Why a call has come to nothing, for good.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Something else has this reference or SKU: its id.
    Exists(String),
    /// Nothing that repeating would change.
    Final(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(id) => write!(f, "{id} is already there"),
            Self::Final(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Refusal {}

impl Service {
    /// Connects when it is first called, and again whenever the connection is lost.
    pub(crate) fn new(endpoint: &str, key: &str, patience: Duration) -> Result<Self, Fault> {
        let address = Endpoint::from_shared(endpoint.to_owned()).map_err(|error| format!("{endpoint}: {error}"))?;
        let mut bearer: MetadataValue<Ascii> =
            format!("Bearer {key}").parse().map_err(|_| "TRADEPOST_API_KEY has characters that no key has")?;
        bearer.set_sensitive(true);
        Ok(Self {
            channel: address.connect_timeout(DEADLINE).connect_lazy(),
            bearer,
            patience,
            repeated: AtomicU64::new(0),
            complained: AtomicBool::new(false),
        })
    }

    /// How many calls had to be repeated so far.
    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    /// Calls a method until its outcome is known. A write has a key, and every try has the same.
    pub(crate) async fn call<Q: Clone, R>(
        &self,
        key: Option<String>,
        message: Q,
        send: impl AsyncFn(Channel, Request<Q>) -> Result<Response<R>, Status>,
    ) -> Result<R, Refusal> {
        let mut lost: Option<Instant> = None;
        for attempt in 0.. {
            let status = match send(self.channel.clone(), self.request(key.as_deref(), message.clone())?).await {
                Ok(reply) => return Ok(reply.into_inner()),
                Err(status) => status,
            };
            let details = status.get_error_details();
            if !may_pass(&status, &details) {
                return Err(refusal(&status, &details));
            }
            if lost.get_or_insert_with(Instant::now).elapsed() > self.patience {
                return Err(Refusal::Final(format!("gave up after {:?}: {}", self.patience, told(&status, &details))));
            }
            self.repeated.fetch_add(1, Ordering::Relaxed);
            self.complain(&told(&status, &details));
            tokio::time::sleep(wait(attempt, key.as_deref(), &details)).await;
        }
        unreachable!("the attempts are not counted up to an end")
    }

    fn request<Q>(&self, key: Option<&str>, message: Q) -> Result<Request<Q>, Refusal> {
        let mut request = Request::new(message);
        request.set_timeout(DEADLINE);
        request.metadata_mut().insert("authorization", self.bearer.clone());
        if let Some(key) = key {
            let value = key.parse().map_err(|_| Refusal::Final(format!("{key:?} cannot be an idempotency key")))?;
            request.metadata_mut().insert("idempotency-key", value);
        }
        Ok(request)
    }

    /// Once is enough: the count of repeated calls tells the rest.
    fn complain(&self, why: &str) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            eprintln!("replay: {why}; each call is repeated for up to {:?}", self.patience);
        }
    }
}

/// Whether the same call may succeed later. What the service says has a reason; a status without one was made on the way,
/// by a connection that broke or a proxy, and then nobody knows what became of the call.
fn may_pass(status: &Status, details: &ErrorDetails) -> bool {
    match status.code() {
        Code::Unavailable | Code::Aborted | Code::DeadlineExceeded => true,
        Code::Unknown | Code::Cancelled | Code::Internal => reason(details).is_none(),
        _ => false,
    }
}

fn reason(details: &ErrorDetails) -> Option<&str> {
    details.error_info().filter(|info| info.domain == DOMAIN).map(|info| info.reason.as_str())
}

fn refusal(status: &Status, details: &ErrorDetails) -> Refusal {
    let existing = details.error_info().and_then(|info| info.metadata.get("existing_id"));
    match (reason(details), existing) {
        (Some("DUPLICATE_PROVIDER_REFERENCE" | "DUPLICATE_REFERENCE" | "DUPLICATE_SKU"), Some(id)) => {
            Refusal::Exists(id.clone())
        }
        (Some("IDEMPOTENCY_KEY_REUSED"), _) => Refusal::Final(format!(
            "{}. Was another version of the file sent with this API key today?",
            told(status, details).trim_end_matches('.')
        )),
        _ => Refusal::Final(told(status, details)),
    }
}

/// What a status says, for people.
fn told(status: &Status, details: &ErrorDetails) -> String {
    let mut text = format!("{:?}: {}", status.code(), status.message());
    if let Some(reason) = reason(details) {
        text = format!("{reason}: {}", status.message());
    }
    if let Some(request) = details.request_info() {
        text = format!("{text} ({})", request.request_id);
    }
    text
}

/// As long as the service asks for, or else longer each time; and different from call to call, so that all that failed
/// together do not come back together.
fn wait(attempt: u32, key: Option<&str>, details: &ErrorDetails) -> Duration {
    let asked = details.retry_info().and_then(|info| info.retry_delay).unwrap_or_default();
    let backoff = FIRST_WAIT.saturating_mul(1 << attempt.min(16)).min(LONGEST_WAIT);
    let mut hasher = DefaultHasher::new();
    (attempt, key).hash(&mut hasher);
    let spread = u32::try_from(hasher.finish() % 512).unwrap_or_default();
    asked.max(backoff / 2) + backoff * spread / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: Code, reason: &str) -> Status {
        let metadata = [("existing_id".to_owned(), "ord_1".to_owned())];
        Status::with_error_details(code, "text", ErrorDetails::with_error_info(reason, DOMAIN, metadata))
    }

    fn passes(status: &Status) -> bool {
        may_pass(status, &status.get_error_details())
    }

    #[test]
    fn a_lost_call_is_repeated_and_a_refused_one_is_not() {
        for code in [Code::Unavailable, Code::Aborted, Code::DeadlineExceeded] {
            assert!(passes(&said(code, "WHATEVER")) && passes(&Status::new(code, "")), "{code:?}");
        }
        for code in [Code::Internal, Code::Cancelled, Code::Unknown] {
            assert!(passes(&Status::new(code, "broken")) && !passes(&said(code, "INTERNAL")), "{code:?}");
        }
        for code in [Code::InvalidArgument, Code::Unauthenticated, Code::FailedPrecondition, Code::OutOfRange] {
            assert!(!passes(&Status::new(code, "")), "{code:?}");
        }
    }

    #[test]
    fn what_exists_is_named() {
        for reason in ["DUPLICATE_SKU", "DUPLICATE_REFERENCE", "DUPLICATE_PROVIDER_REFERENCE"] {
            let status = said(Code::AlreadyExists, reason);
            assert!(matches!(refusal(&status, &status.get_error_details()), Refusal::Exists(id) if id == "ord_1"));
        }
        let status = said(Code::FailedPrecondition, "PRODUCT_ARCHIVED");
        assert!(matches!(refusal(&status, &status.get_error_details()), Refusal::Final(text) if text.contains("text")));
    }

    #[test]
    fn waits_grow_to_an_end() {
        let none = ErrorDetails::new();
        let waits: Vec<_> = (0..40).map(|attempt| wait(attempt, Some("order-1"), &none)).collect();
        assert!(waits[0] >= FIRST_WAIT / 2 && waits[0] < waits[4] && waits[39] <= LONGEST_WAIT);
        let asks = ErrorDetails::with_retry_info(Some(Duration::from_secs(7)));
        assert!(wait(0, None, &asks) >= Duration::from_secs(7));
    }
}
