//! One endpoint at work: events are assigned, sent, and what came of them is written down, until there is nothing to do.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::{Ended, Shared};
use crate::app::Error;
use crate::app::webhooks::{Idle, LEASE, Message, Next, Work};
use crate::domain::ids::WebhookDeliveryId;
use crate::domain::time::Time;
use crate::domain::webhook::Outcome;

/// How often the lease is renewed.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long a lease must still last for an attempt to begin: longer than attempts take.
const MARGIN: Duration = Duration::from_secs(17);

/// How often it looks for what became due.
const PERIOD: Duration = Duration::from_secs(1);

/// How long it waits for more to do, before it lets go.
const LINGER: Duration = Duration::from_secs(2);

/// How long what is on its way may take when the program stops.
const AT_STOP: Duration = Duration::from_millis(700);

/// How often it is tried to write down what came of an attempt, and how long it waits in between.
const RECORD_TRIES: u32 = 20;
const RECORD_PAUSE: Duration = Duration::from_millis(500);

/// Something that was sent.
struct Sent {
    message: Message,
    outcome: Outcome,
    begun: Time,
}

/// How the work ended.
enum End {
    /// The lease is still held.
    Over,
    /// Somebody else has it, or the endpoint is gone.
    Lost,
}

/// What is on its way.
#[derive(Default)]
struct OnTheWay {
    tasks: JoinSet<Option<Sent>>,
    ids: Vec<WebhookDeliveryId>,
}

/// Works until there is nothing to do.
pub(super) async fn run(shared: Arc<Shared>, idle: Idle) -> Ended {
    let id = idle.id();
    let failed = match Box::pin(work(&shared, idle)).await {
        Ok(()) => false,
        Err(error) => {
            tracing::warn!(%error, endpoint = %id, "webhooks are not sent for now");
            true
        }
    };
    Ended { id, failed }
}

async fn work(shared: &Arc<Shared>, idle: Idle) -> Result<(), Error> {
    let id = idle.id();
    // Before the lease begins: whoever is frozen here must not take it for younger than it is.
    let held = Instant::now();
    let Some(mut work) = shared.calmly(Work::begin(&shared.app, idle)).await? else { return Ok(()) };
    tracing::debug!(endpoint = %id, process = %shared.app.process, "webhooks are sent from here");
    let mut on_the_way = OnTheWay::default();
    match drive(shared, &mut work, &mut on_the_way, held).await {
        Ok(End::Over) => {
            let _ = timeout(AT_STOP, drain(shared, &work, &mut on_the_way)).await;
            work.end().await
        }
        Ok(End::Lost) => Ok(()),
        Err(error) => {
            // Whoever comes next, here or elsewhere, need not wait for the end of the lease.
            on_the_way.tasks.shutdown().await;
            let _ = work.end().await;
            Err(error)
        }
    }
}

async fn drive(
    shared: &Arc<Shared>,
    work: &mut Work,
    on_the_way: &mut OnTheWay,
    mut held: Instant,
) -> Result<End, Error> {
    let (mut news, mut active) = (shared.tail.watch(), Instant::now());
    let mut heart = interval_at(held + HEARTBEAT, HEARTBEAT);
    heart.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !shared.stop.is_cancelled() {
        if is_short(held) && !renewed(shared, work, &mut held).await? {
            return Ok(End::Lost);
        }
        news.mark_unchanged();
        let (messages, has_more) = match shared.calmly(work.next(&shared.tail, &on_the_way.ids)).await {
            Ok(Next::Send(messages, has_more)) => (messages, has_more),
            Ok(Next::Stop) => return Ok(End::Over),
            // What is on its way goes on, as long as the lease lasts.
            Err(error) if error.is_temporary() && !is_short(held) => {
                tokio::time::sleep(RECORD_PAUSE).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        // A process that was frozen meanwhile may have lost the lease: what it would send is still due.
        if is_short(held) {
            continue;
        }
        if has_more || !messages.is_empty() {
            active = Instant::now();
        }
        for message in messages {
            on_the_way.send(shared, message, held);
        }
        if on_the_way.ids.is_empty() && active.elapsed() > LINGER {
            break;
        }
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => {}
            Some(sent) = on_the_way.tasks.join_next() => {
                active = Instant::now();
                if !on_the_way.arrived(shared, work, sent).await? {
                    return Ok(End::Lost);
                }
            }
            _ = heart.tick() => {
                if !renewed(shared, work, &mut held).await? {
                    return Ok(End::Lost);
                }
            }
            () = std::future::ready(()), if has_more => {}
            Ok(()) = news.changed() => {}
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
    Ok(End::Over)
}

/// Whether the lease ends before an attempt that is begun now would.
fn is_short(held: Instant) -> bool {
    held.elapsed() + MARGIN > LEASE
}

/// Renews the lease. `false`: it is lost.
async fn renewed(shared: &Shared, work: &Work, held: &mut Instant) -> Result<bool, Error> {
    let now = Instant::now();
    let kept = loop {
        match shared.calmly(work.hold()).await {
            Err(error) if error.is_temporary() && held.elapsed() < LEASE => tokio::time::sleep(RECORD_PAUSE).await,
            known => break known?,
        }
    };
    *held = now;
    Ok(kept)
}

/// Lets arrive what is on its way.
async fn drain(shared: &Shared, work: &Work, on_the_way: &mut OnTheWay) -> Result<(), Error> {
    while let Some(sent) = on_the_way.tasks.join_next().await {
        if !on_the_way.arrived(shared, work, sent).await? {
            break;
        }
    }
    Ok(())
}

impl OnTheWay {
    fn send(&mut self, shared: &Arc<Shared>, message: Message, held: Instant) {
        self.ids.push(message.delivery);
        let shared = Arc::clone(shared);
        self.tasks.spawn(async move {
            if held.elapsed() > LEASE {
                return None;
            }
            let begun = shared.app.clock.now();
            let outcome = shared.sender.send(&message, begun).await;
            Some(Sent { message, outcome, begun })
        });
    }

    /// Writes down what came of it. `false`: the lease is lost.
    async fn arrived(
        &mut self,
        shared: &Shared,
        work: &Work,
        sent: Result<Option<Sent>, JoinError>,
    ) -> Result<bool, Error> {
        let sent = sent.map_err(|error| Error::Fault(error.to_string()))?;
        // The lease was over before it was sent.
        let Some(Sent { message, outcome, begun }) = sent else { return Ok(false) };
        self.ids.retain(|id| *id != message.delivery);
        let mut tries = 1;
        loop {
            match shared.calmly(work.record(&message, &outcome, begun)).await {
                Err(error) if error.is_temporary() && tries < RECORD_TRIES => {
                    tracing::debug!(%error, "what came of a webhook was not written down yet");
                }
                other => return other,
            }
            tries += 1;
            tokio::time::sleep(RECORD_PAUSE).await;
        }
    }
}
