//! An event on its way to an endpoint: the schedule of its attempts, and what each of them makes of it.

use std::time::Duration;

use super::{DisableReason, WebhookEndpoint};
use crate::domain::etag::Versioned;
use crate::domain::event::Event;
use crate::domain::ids::{EventId, WebhookDeliveryId, WebhookEndpointId};
use crate::domain::page::PageRequest;
use crate::domain::text_enum::text_enum;
use crate::domain::time::Time;

/// How much of an answer is kept.
pub const MAX_BODY_CHARS: usize = 1_024;

/// How long to wait after each attempt that failed (Standard Webhooks 1.0); after the last one there is no other.
const SCHEDULE: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How much longer a wait may be, at most: a tenth.
const JITTER_PARTS: u32 = 10;

/// How long an endpoint must have failed for the first success to call for all that waits. Less is one event that the receiver
/// cannot take among others that it can.
const OUTAGE: Duration = Duration::from_mins(1);

/// The status that says that a receiver is gone for good.
const GONE: u16 = 410;

text_enum! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// It is to be sent.
        Pending = "PENDING",
        /// The receiver took it.
        Succeeded = "SUCCEEDED",
        /// The last attempt failed too.
        Failed = "FAILED",
    }
}

text_enum! {
    /// Why an attempt failed.
    AttemptError {
        /// There was no answer in time.
        Timeout = "timeout",
        /// There was no connection, or it broke.
        ConnectionFailed = "connection_failed",
        /// The address is none that may be called.
        ForbiddenAddress = "forbidden_address",
        /// The answer sends elsewhere, and nobody follows.
        Redirect = "redirect",
        /// The answer is no success.
        BadStatus = "bad_status",
    }
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// The event.
    pub event: EventId,
    /// The type of the event.
    pub event_type: String,
    /// What the event is about.
    pub resource: uuid::Uuid,
    /// The version of that thing.
    pub resource_sequence: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was sent.
    pub attempt_count: i32,
    /// How many waits of the schedule are over.
    pub step: i32,
    /// When it is sent next.
    pub next_attempt_time: Option<Time>,
    /// When the schedule wants it to be.
    pub scheduled_time: Option<Time>,
    /// When the receiver took it last.
    pub deliver_time: Option<Time>,
    /// Moved by every change.
    pub version: i64,
    /// When the event was assigned to the endpoint.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// One time that an event was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: i32,
    /// Where it was sent to.
    pub url: String,
    /// What came of it.
    pub outcome: Outcome,
    /// When it was sent.
    pub create_time: Time,
}

/// What came of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer; 0: there was none.
    pub status: u16,
    /// The beginning of the answer.
    pub body: String,
    /// Why it failed.
    pub error: Option<AttemptError>,
    /// How long it took.
    pub duration: Duration,
}

/// What an attempt makes of its endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Since when nothing has arrived.
    pub failing_since: Option<Time>,
    /// What waits is sent at once: the receiver is well again.
    pub is_recovered: bool,
    /// The service stops sending.
    pub disable: Option<DisableReason>,
}

/// Which deliveries a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those to this endpoint.
    pub endpoint: Option<WebhookEndpointId>,
    /// Only those of this event.
    pub event: Option<EventId>,
    /// Only those in one of these states; empty: all.
    pub statuses: Vec<DeliveryStatus>,
}

/// A list of deliveries, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryList {
    /// Which.
    pub filter: DeliveryFilter,
    /// Which page.
    pub page: PageRequest,
}

impl Outcome {
    /// An answer: 2xx is a success.
    #[must_use]
    pub fn answered(status: u16, body: &str, duration: Duration) -> Self {
        let error = match status {
            200..=299 => None,
            300..=399 => Some(AttemptError::Redirect),
            _ => Some(AttemptError::BadStatus),
        };
        // PostgreSQL keeps no NUL.
        let body = body.chars().filter(|letter| *letter != '\0').take(MAX_BODY_CHARS).collect();
        Self { status, body, error, duration }
    }

    /// There was no answer.
    #[must_use]
    pub fn failed(error: AttemptError, duration: Duration) -> Self {
        Self { error: Some(error), duration, ..Self::default() }
    }

    /// What this makes of the endpoint.
    #[must_use]
    pub fn verdict(&self, endpoint: &WebhookEndpoint, now: Time) -> Verdict {
        if self.error.is_none() {
            let is_recovered = endpoint.failing_since.is_some_and(|since| since.plus(OUTAGE) <= now);
            return Verdict { is_recovered, ..Verdict::default() };
        }
        let disable = match self.status {
            GONE => Some(DisableReason::Gone),
            _ if endpoint.is_hopeless(now) => Some(DisableReason::Failing),
            _ => None,
        };
        Verdict { failing_since: endpoint.failing_since.or(Some(now)), is_recovered: false, disable }
    }
}

impl WebhookDelivery {
    /// A delivery of an event that was just assigned.
    #[must_use]
    pub fn new(id: WebhookDeliveryId, endpoint: WebhookEndpointId, event: &Event, now: Time) -> Self {
        let about = (event.resource.id, event.resource_sequence);
        Self::of(id, endpoint, (event.id, &event.event_type), about, now)
    }

    /// The same of an event of which little is known: id and type, and the thing and its version.
    #[must_use]
    pub fn of(
        id: WebhookDeliveryId,
        endpoint: WebhookEndpointId,
        (event, event_type): (EventId, &str),
        (resource, resource_sequence): (uuid::Uuid, i64),
        now: Time,
    ) -> Self {
        Self {
            id,
            endpoint,
            event,
            event_type: event_type.to_owned(),
            resource,
            resource_sequence,
            status: DeliveryStatus::Pending,
            attempt_count: 0,
            step: 0,
            next_attempt_time: Some(now),
            scheduled_time: Some(now),
            deliver_time: None,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The delivery after an attempt that was begun at `now`. `jitter` is a random number. One that was tried before its time
    /// and failed waits on.
    #[must_use]
    pub fn attempted(&self, outcome: &Outcome, now: Time, jitter: u32) -> Self {
        let next = Self { attempt_count: self.attempt_count + 1, ..self.clone() }.changed(now);
        if outcome.error.is_none() {
            return Self { deliver_time: Some(now), ..next.ended(DeliveryStatus::Succeeded) };
        }
        if self.status != DeliveryStatus::Pending {
            return next;
        }
        match self.scheduled_time.filter(|scheduled| *scheduled > now) {
            Some(scheduled) => Self { next_attempt_time: Some(scheduled), ..next },
            None => next.put_off(now, jitter),
        }
    }

    fn put_off(self, now: Time, jitter: u32) -> Self {
        let wait = usize::try_from(self.step).ok().and_then(|step| SCHEDULE.get(step));
        match wait {
            Some(wait) => {
                let more = wait.mul_f64(f64::from(jitter) / f64::from(u32::MAX)) / JITTER_PARTS;
                let at = Some(now.plus(*wait + more));
                Self { step: self.step + 1, next_attempt_time: at, scheduled_time: at, ..self }
            }
            None => self.ended(DeliveryStatus::Failed),
        }
    }

    /// The delivery when there is nothing more to try.
    #[must_use]
    pub fn given_up(&self, now: Time) -> Self {
        self.ended(DeliveryStatus::Failed).changed(now)
    }

    fn ended(&self, status: DeliveryStatus) -> Self {
        Self { status, next_attempt_time: None, scheduled_time: None, ..self.clone() }
    }

    /// The delivery as it is to be sent again, at once and with the whole schedule before it.
    #[must_use]
    pub fn again(&self, now: Time) -> Self {
        let (status, at) = (DeliveryStatus::Pending, Some(now));
        Self { status, step: 0, next_attempt_time: at, scheduled_time: at, ..self.clone() }.changed(now)
    }

    fn changed(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }
}

impl Versioned for WebhookDelivery {
    fn version(&self) -> i64 {
        self.version
    }
}
