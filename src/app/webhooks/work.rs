//! Sending webhooks, but for the sending: who sends to which endpoint, what is next, and what came of it.
//!
//! One process sends to an endpoint at a time, by a lease. Every transaction here proves the lease, so that a process that was
//! frozen and has lost it writes nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::tail::{Look, Tail};
use crate::app::{App, Error};
use crate::domain::event::{Event, EventFilter, EventType};
use crate::domain::ids::{TypedId, WebhookDeliveryId, WebhookEndpointId};
use crate::domain::time::Time;
use crate::domain::webhook::{Attempt, EndpointStatus, Outcome, Subscription, WebhookDelivery, WebhookEndpoint};
use crate::store::webhook_work::{self as rows, Candidate, Lease, Receiver};
use crate::store::{Tx, event_log, events, webhook_deliveries};

/// How long a lease lasts. Whoever dies is followed after this.
pub const LEASE: Duration = Duration::from_secs(30);

/// Deliveries on their way to one endpoint.
const AT_ONCE: usize = 10;

/// The same while it fails: whoever does not answer holds one socket.
const AT_ONCE_FAILING: usize = 1;

/// Things of which a delivery may wait without having been tried, or, while nothing arrives, may wait at all. What happens beyond
/// stays in the log.
const MAX_WAITING: u64 = 1_000;

/// Deliveries that may wait behind others of the same thing.
const MAX_BEHIND: u64 = 10_000;

/// Events that are assigned at once.
const BATCH: u64 = 200;

/// How much of the log is looked through at once.
const WINDOW: i64 = 10_000;

/// How far the cursor of an endpoint may lag that no event concerns, before that is written down.
const LAG: i64 = 10_000;

/// An endpoint that nobody sends to.
#[derive(Debug, Clone)]
pub struct Idle {
    candidate: Candidate,
    /// The cursor that was known, and how far beyond it nothing was found.
    seen: (i64, i64),
}

/// Something to send.
pub struct Message {
    /// What it is the delivery of.
    pub delivery: WebhookDeliveryId,
    /// The event, as receivers know it.
    pub id: String,
    /// Where to.
    pub url: String,
    /// What it says.
    pub body: Vec<u8>,
    /// What it is signed with: every secret that counts.
    pub secrets: Vec<String>,
}

/// Secrets stay out of debug output.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("delivery", &self.delivery).finish_non_exhaustive()
    }
}

/// What is next at an endpoint.
#[derive(Debug)]
pub enum Next {
    /// Nothing more is sent: the endpoint is gone or not enabled, or somebody else sends.
    Stop,
    /// These are sent now; whether there is more to assign.
    Send(Vec<Message>, bool),
}

/// The right to send to an endpoint, and how far that has come.
#[derive(Debug)]
pub struct Work {
    app: Arc<App>,
    lease: Lease,
    seen: (i64, i64),
}

impl Idle {
    /// Which endpoint.
    #[must_use]
    pub fn id(&self) -> WebhookEndpointId {
        self.candidate.endpoint
    }

    /// Knows what another look at the same endpoint has known, as far as that still counts.
    #[must_use]
    pub fn knowing(self, other: &Self) -> Self {
        if self.candidate.cursor == other.seen.0 && self.candidate.event_types == other.candidate.event_types {
            return Self { seen: other.seen, ..self };
        }
        self
    }

    /// Whether there is something to assign to it.
    pub fn has_news(&mut self, tail: &Tail) -> bool {
        match tail.look(self.candidate.tenant, Subscription(&self.candidate.event_types), self.seen.1) {
            Look::Maybe => tail.reaches() > self.seen.1,
            Look::Nothing(upto) => {
                self.seen.1 = upto;
                upto - self.seen.0 > LAG
            }
        }
    }
}

/// Every enabled endpoint that nobody sends to.
pub async fn idle(app: &App) -> Result<Vec<Idle>, Error> {
    let found = rows::idle(&app.db.reader(), app.db.reader().time().await?).await?;
    Ok(found.into_iter().map(|candidate| Idle { seen: (candidate.cursor, candidate.cursor), candidate }).collect())
}

/// Those among them that have something due.
pub async fn due(app: &App) -> Result<Vec<WebhookEndpointId>, Error> {
    let found = rows::waiting(&app.db.reader(), app.db.reader().time().await?).await?;
    Ok(found.into_iter().map(|candidate| candidate.endpoint).collect())
}

impl Work {
    /// Takes an endpoint in hand; `None`: somebody else has.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn begin(app: &Arc<App>, idle: Idle) -> Result<Option<Self>, Error> {
        let tx = app.db.begin_work().await?;
        let Candidate { endpoint, tenant, .. } = idle.candidate;
        let lease = rows::take(&tx, endpoint, tenant, app.process, LEASE).await?;
        tx.commit().await?;
        Ok(lease.map(|lease| Self { app: Arc::clone(app), lease, seen: idle.seen }))
    }

    /// Keeps it in hand. `false`: it is lost.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn hold(&self) -> Result<bool, Error> {
        match self.write().await? {
            Some((tx, _)) => tx.commit().await.map(|()| true).map_err(Error::from),
            None => Ok(false),
        }
    }

    /// Lets go of it.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn end(self) -> Result<(), Error> {
        let tx = self.app.db.begin_work().await?;
        rows::release(&tx, &self.lease).await?;
        Ok(tx.commit().await?)
    }

    /// What is next, beside what is on its way.
    ///
    /// # Errors
    /// When the database does not do it, or a secret cannot be opened.
    pub async fn next(&mut self, tail: &Tail, on_their_way: &[WebhookDeliveryId]) -> Result<Next, Error> {
        let Some(receiver) = self.receiver().await? else { return Ok(Next::Stop) };
        let Some(has_more) = self.assign(&receiver, tail).await? else { return Ok(Next::Stop) };
        let limit = if receiver.endpoint.failing_since.is_some() { AT_ONCE_FAILING } else { AT_ONCE };
        let room = limit.saturating_sub(on_their_way.len());
        if room == 0 {
            return Ok(Next::Send(Vec::new(), false));
        }
        let (reader, now) = (self.app.db.reader(), self.app.db.reader().time().await?);
        let on_their_way: Vec<_> = on_their_way.iter().map(|id| id.uuid()).collect();
        let due = rows::due(&reader, &self.lease, now, &on_their_way, room as u64).await?;
        let mut messages = Vec::new();
        for delivery in due {
            messages.extend(self.message(&receiver, delivery, now).await?);
        }
        Ok(Next::Send(messages, has_more))
    }

    async fn receiver(&self) -> Result<Option<Receiver>, Error> {
        let found = rows::receiver(&self.app.db.reader(), &self.lease).await?;
        Ok(found.filter(|receiver| receiver.endpoint.status == EndpointStatus::Enabled))
    }

    /// Assigns what comes next. Whether there is more; `None`: nothing may be written.
    async fn assign(&mut self, receiver: &Receiver, tail: &Tail) -> Result<Option<bool>, Error> {
        if self.seen.0 != receiver.cursor {
            self.seen = (receiver.cursor, receiver.cursor);
        }
        let (upto, wanted) = (tail.reaches(), Subscription(&receiver.endpoint.event_types));
        if let Look::Nothing(upto) = tail.look(self.lease.tenant, wanted, self.seen.1) {
            self.seen.1 = upto;
            if upto - self.seen.0 <= LAG {
                return Ok(Some(false));
            }
        }
        let room = self.room(&receiver.endpoint).await?;
        if room == 0 || upto <= self.seen.0 {
            return Ok(Some(false));
        }
        let (found, cursor) = self.read(&receiver.endpoint, upto, room).await?;
        let Some((tx, now)) = self.write().await? else { return Ok(None) };
        let current = rows::receiver(&tx, &self.lease).await?;
        let is_same = |current: &Receiver| {
            current.cursor == receiver.cursor && current.endpoint.version == receiver.endpoint.version
        };
        if !current.as_ref().is_some_and(is_same) {
            // Somebody changed it in between. The next round sees how.
            tx.rollback().await;
            return Ok(Some(true));
        }
        let deliveries: Vec<_> = found.iter().map(|event| self.delivery(event, now)).collect();
        rows::assign(&tx, &self.lease, &deliveries, cursor).await?;
        tx.commit().await?;
        self.seen = (cursor, cursor);
        Ok(Some(cursor < upto))
    }

    /// How many deliveries may be added. While nothing arrives, all that wait count: else they would pile up.
    async fn room(&self, endpoint: &WebhookEndpoint) -> Result<u64, Error> {
        let is_failing = endpoint.failing_since.is_some();
        let limits = (MAX_WAITING, MAX_BEHIND);
        let (things, all) = rows::backlog(&self.app.db.reader(), &self.lease, is_failing, limits).await?;
        Ok((MAX_WAITING - things).min(MAX_BEHIND - all))
    }

    /// The next events for the endpoint, and up to where that are all.
    async fn read(&self, endpoint: &WebhookEndpoint, upto: i64, room: u64) -> Result<(Vec<Event>, i64), Error> {
        let upto = upto.min(self.seen.1.saturating_add(WINDOW));
        let known = |name: &String| EventType::ALL.iter().any(|known| known.as_str() == name);
        let types = &endpoint.event_types;
        let types = if types.iter().all(known) { types.clone() } else { Vec::new() };
        let (filter, between) = (EventFilter { types, ..EventFilter::default() }, (self.seen.1, upto));
        let scope = self.lease.scope();
        let found = event_log::between(&self.app.db.reader(), &scope, &filter, between, BATCH).await?;
        let end = found.last().filter(|_| found.len() as u64 == BATCH).map_or(upto, |last| last.sequence);
        let wanted = Subscription(&endpoint.event_types);
        let mut found: Vec<_> = found.into_iter().filter(|event| wanted.has(&event.event_type)).collect();
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if found.len() <= room {
            return Ok((found, end));
        }
        found.truncate(room);
        let end = found.last().map_or(end, |last| last.sequence);
        Ok((found, end))
    }

    fn delivery(&self, event: &Event, now: Time) -> WebhookDelivery {
        WebhookDelivery::new(self.app.entropy.id(now), self.lease.endpoint, event, now)
    }

    /// What a delivery sends; `None`: its event is not kept any more, so that nothing can be sent.
    async fn message(
        &self,
        receiver: &Receiver,
        delivery: WebhookDelivery,
        now: Time,
    ) -> Result<Option<Message>, Error> {
        let (reader, scope) = (self.app.db.reader(), self.lease.scope());
        let Some(mut event) = events::get(&reader, &scope, delivery.event).await? else {
            self.give_up(delivery.id).await?;
            return Ok(None);
        };
        if !events::number(&reader, std::slice::from_mut(&mut event)).await? {
            event_log::number(&self.app.db).await?;
            events::number(&reader, std::slice::from_mut(&mut event)).await?;
        }
        let endpoint = &receiver.endpoint;
        let previous = receiver.previous_secret.as_deref();
        let previous = previous.filter(|_| endpoint.previous_secret_expire_time.is_some_and(|end| end > now));
        let open = |sealed: &str| self.app.seals.open(sealed, &endpoint.id.to_string());
        let mut secrets = vec![open(&receiver.secret)?];
        // One that cannot be opened any more is no reason to send nothing.
        secrets.extend(previous.and_then(|sealed| open(sealed).ok()));
        Ok(Some(Message {
            delivery: delivery.id,
            id: delivery.event.to_string(),
            url: endpoint.url.clone(),
            body: (self.app.presentation.delivery)(&event),
            secrets,
        }))
    }

    async fn give_up(&self, id: WebhookDeliveryId) -> Result<(), Error> {
        let Some((tx, now)) = self.write().await? else { return Ok(()) };
        if let Some(before) = webhook_deliveries::get_for_write(&tx, &self.lease.scope(), id).await? {
            webhook_deliveries::save(&tx, &before, &before.given_up(now)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Writes down what came of an attempt that was begun then. `false`: it may not, and nothing more is sent.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn record(&self, message: &Message, outcome: &Outcome, begun: Time) -> Result<bool, Error> {
        let Some((tx, now)) = self.write().await? else { return Ok(false) };
        let Some(receiver) = rows::receiver(&tx, &self.lease).await? else { return Ok(false) };
        let found = webhook_deliveries::get_for_write(&tx, &self.lease.scope(), message.delivery).await?;
        let Some(before) = found else { return Ok(true) };
        let verdict = outcome.verdict(&receiver.endpoint, now);
        let delivery = before.attempted(outcome, now, self.app.entropy.dice());
        let (number, url) = (delivery.attempt_count, message.url.clone());
        let attempt = Attempt { number, url, outcome: outcome.clone(), create_time: begun };
        webhook_deliveries::append(&tx, delivery.id, &attempt).await?;
        webhook_deliveries::save(&tx, &before, &delivery).await?;
        if verdict.failing_since != receiver.endpoint.failing_since {
            rows::set_failing(&tx, &self.lease, verdict.failing_since).await?;
        }
        if verdict.is_recovered {
            rows::call_waiting(&tx, self.lease.endpoint, now).await?;
        }
        tx.commit().await?;
        // What was sent to another URL says nothing of this one.
        if let Some(reason) = verdict.disable.filter(|_| message.url == receiver.endpoint.url) {
            // The attempt is written down; the next failure disables it.
            if let Err(error) = super::disable(&self.app, self.lease, reason).await {
                tracing::warn!(%error, endpoint = %self.lease.endpoint, "a webhook endpoint was not disabled");
            }
        }
        Ok(true)
    }

    /// A transaction of whoever has the lease, and the time of the database; `None`: that is somebody else, or the endpoint is
    /// gone.
    async fn write(&self) -> Result<Option<(Tx, Time)>, Error> {
        let tx = self.app.db.begin_work().await?;
        if let Some(now) = rows::hold(&tx, &self.lease, LEASE).await? {
            return Ok(Some((tx, now)));
        }
        tx.rollback().await;
        Ok(None)
    }
}
