//! Webhooks: where events are sent to, which, and what becomes of it.

mod delivery;
mod target;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::Metadata;
use super::etag::Versioned;
use super::ids::WebhookEndpointId;
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::Time;

pub use delivery::{
    Attempt, AttemptError, DeliveryFilter, DeliveryList, DeliveryStatus, MAX_BODY_CHARS, Outcome, Verdict,
    WebhookDelivery,
};
pub use target::{ForbiddenAddress, Network, Target, TargetError, TargetRules};
pub use types::{Subscription, is_known_type};

/// How long the secret before the last rotation signs too.
const OVERLAP: Duration = Duration::from_hours(24);

/// How long nothing may arrive before the service stops sending.
const PATIENCE: Duration = Duration::from_hours(5 * 24);

text_enum! {
    /// Whether events are sent.
    EndpointStatus {
        /// They are.
        Enabled = "ENABLED",
        /// Somebody paused it.
        Paused = "PAUSED",
        /// The service stopped sending.
        Disabled = "DISABLED",
    }
}

text_enum! {
    /// Why the service stopped sending.
    DisableReason {
        /// The receiver said that it is gone.
        Gone = "GONE",
        /// Nothing arrived for days.
        Failing = "FAILING",
    }
}

text_enum! {
    /// What can be done with an endpoint that depends on its state, or changes it.
    EndpointAction {
        /// Nothing is sent for a while.
        Pause = "pause",
        /// It goes on.
        Resume = "resume",
        /// An event is sent to try it.
        Test = "test",
        /// The service stops sending.
        Disable = "disable",
        /// It is deleted.
        Delete = "delete",
    }
}

const fn step(
    from: EndpointStatus,
    action: EndpointAction,
    to: Option<EndpointStatus>,
) -> Move<EndpointStatus, EndpointAction> {
    Move { from, action, to }
}

impl Machine for EndpointStatus {
    type Action = EndpointAction;

    const MOVES: &'static [Move<Self, EndpointAction>] = {
        use EndpointAction::{Delete, Disable, Pause, Resume, Test};
        use EndpointStatus::{Disabled, Enabled, Paused};
        &[
            step(Enabled, Test, Some(Enabled)),
            step(Enabled, Pause, Some(Paused)),
            step(Enabled, Disable, Some(Disabled)),
            step(Enabled, Delete, None),
            step(Paused, Resume, Some(Enabled)),
            step(Paused, Delete, None),
            step(Disabled, Resume, Some(Enabled)),
            step(Disabled, Delete, None),
        ]
    };

    const STARTS: &'static [Self] = &[Self::Enabled];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: EndpointAction) -> &'static str {
        action.as_str()
    }
}

/// Where events are sent to. Its secrets are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where events are sent to; it has passed [`TargetRules::target`].
    pub url: String,
    /// Which.
    pub event_types: Vec<String>,
    /// What it is for.
    pub description: String,
    /// Whether events are sent.
    pub status: EndpointStatus,
    /// Why the service stopped sending.
    pub disable_reason: Option<DisableReason>,
    /// Until when the secret before the last rotation signs too.
    pub previous_secret_expire_time: Option<Time>,
    /// Since when nothing has arrived. It moves without the version.
    pub failing_since: Option<Time>,
    /// The client's own id.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every other change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What a new endpoint is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of WebhookEndpoint")]
pub struct NewEndpoint {
    pub url: String,
    pub event_types: Vec<String>,
    pub description: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// What an update makes of an endpoint: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of WebhookEndpoint")]
pub struct EndpointPatch {
    pub url: Option<String>,
    pub event_types: Option<Vec<String>>,
    pub description: Option<String>,
    pub reference: Option<Option<String>>,
    pub metadata: Option<Metadata>,
}

/// A list of endpoints, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointList {
    /// Which page.
    pub page: PageRequest,
}

/// A replay, as a client asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// The endpoint.
    pub id: WebhookEndpointId,
    /// The last event that is not sent again.
    pub after: i64,
}

impl WebhookEndpoint {
    /// A new endpoint.
    #[must_use]
    pub fn new(id: WebhookEndpointId, new: NewEndpoint, now: Time) -> Self {
        Self {
            id,
            url: new.url,
            event_types: new.event_types,
            description: new.description,
            status: EndpointStatus::Enabled,
            disable_reason: None,
            previous_secret_expire_time: None,
            failing_since: None,
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The endpoint after an update; the same one when the update changes nothing.
    #[must_use]
    pub fn updated(&self, patch: EndpointPatch, now: Time) -> Self {
        let updated = Self {
            url: patch.url.unwrap_or_else(|| self.url.clone()),
            event_types: patch.event_types.unwrap_or_else(|| self.event_types.clone()),
            description: patch.description.unwrap_or_else(|| self.description.clone()),
            reference: patch.reference.unwrap_or_else(|| self.reference.clone()),
            metadata: patch.metadata.unwrap_or_else(|| self.metadata.clone()),
            ..self.clone()
        };
        // What failed at another address says nothing of this one.
        let failing_since = updated.failing_since.filter(|_| updated.url == self.url);
        if updated == *self { updated } else { Self { failing_since, ..updated }.changed(now) }
    }

    /// The endpoint as somebody paused it.
    #[must_use]
    pub fn paused(&self, now: Time) -> Self {
        Self { status: EndpointStatus::Paused, ..self.clone() }.changed(now)
    }

    /// The endpoint as somebody resumed it: as if nothing had failed.
    #[must_use]
    pub fn resumed(&self, now: Time) -> Self {
        let (status, disable_reason, failing_since) = (EndpointStatus::Enabled, None, None);
        Self { status, disable_reason, failing_since, ..self.clone() }.changed(now)
    }

    /// The endpoint as the service stopped sending to it.
    #[must_use]
    pub fn disabled(&self, reason: DisableReason, now: Time) -> Self {
        Self { status: EndpointStatus::Disabled, disable_reason: Some(reason), ..self.clone() }.changed(now)
    }

    /// The endpoint with another secret.
    #[must_use]
    pub fn rotated(&self, now: Time) -> Self {
        Self { previous_secret_expire_time: Some(now.plus(OVERLAP)), ..self.clone() }.changed(now)
    }

    /// The endpoint after something that shows in nothing but its version.
    #[must_use]
    pub fn touched(&self, now: Time) -> Self {
        self.clone().changed(now)
    }

    /// The version moves by one.
    fn changed(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }

    /// Whether so much has failed for so long that the service stops.
    #[must_use]
    pub fn is_hopeless(&self, now: Time) -> bool {
        self.failing_since.is_some_and(|since| since.plus(PATIENCE) <= now)
    }
}

impl Versioned for WebhookEndpoint {
    fn version(&self) -> i64 {
        self.version
    }
}
