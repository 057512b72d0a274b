//! Sends webhooks. Each endpoint that has something to do gets a task of its own, so that nobody waits for the receivers of
//! others; which endpoints those are, this file finds out.

mod endpoint;
mod send;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::webhooks::{Idle, Tail, due, idle};
use crate::app::{App, Error, in_time};
use crate::domain::ids::WebhookEndpointId;

pub use send::Sender;

/// How often it looks by itself.
const PERIOD: Duration = Duration::from_secs(1);

/// How long it waits for more events after the first one; what happens meanwhile is assigned together.
const GATHER: Duration = Duration::from_millis(20);

/// How long an endpoint is left alone after something else than its receiver failed.
const REST: Duration = Duration::from_secs(10);

/// How many endpoints are at the database at a time: workers have few connections, and leases need them too.
const TURNS: usize = 2;

/// What all tasks share.
#[derive(Debug)]
struct Shared {
    app: Arc<App>,
    sender: Sender,
    tail: Tail,
    stop: CancellationToken,
    turns: Semaphore,
}

impl Shared {
    /// Does something with the database when it is its turn: however many endpoints there are, few are at it at a time.
    async fn calmly<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::Stopping)?;
        in_time(work).await
    }
}

/// How a task ended.
#[derive(Debug)]
struct Ended {
    id: WebhookEndpointId,
    failed: bool,
}

/// Which endpoints there are, and which of them are at work here.
#[derive(Debug, Default)]
struct Scout {
    idle: HashMap<WebhookEndpointId, Idle>,
    busy: HashSet<WebhookEndpointId>,
    resting: HashMap<WebhookEndpointId, Instant>,
    tasks: JoinSet<Ended>,
}

/// Runs until `stop`. What is on its way then has a moment to arrive.
pub async fn run(app: Arc<App>, sender: Sender, stop: CancellationToken) {
    let shared = Arc::new(Shared { app, sender, tail: Tail::default(), stop, turns: Semaphore::new(TURNS) });
    let (mut scout, mut log) = (Scout::default(), shared.app.signals.log());
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_tick = tokio::select! {
            () = shared.stop.cancelled() => break,
            _ = ticks.tick() => true,
            Some(ended) = scout.tasks.join_next() => {
                if let Ok(ended) = ended {
                    scout.ended(&ended);
                }
                continue;
            }
            Ok(()) = log.changed() => {
                tokio::time::sleep(GATHER).await;
                log.mark_unchanged();
                false
            }
        };
        if let Err(error) = in_time(scout.round(&shared, is_tick)).await {
            tracing::debug!(%error, "webhooks were not looked after");
        }
    }
    while scout.tasks.join_next().await.is_some() {}
}

impl Scout {
    fn ended(&mut self, Ended { id, failed }: &Ended) {
        self.busy.remove(id);
        if *failed {
            self.resting.insert(*id, Instant::now() + REST);
        }
    }

    /// Puts to work whoever has something to do. Only now and then the database is asked who that might be.
    async fn round(&mut self, shared: &Arc<Shared>, is_tick: bool) -> Result<(), Error> {
        shared.tail.advance(&shared.app).await?;
        let mut wanted = Vec::new();
        if is_tick {
            self.resting.retain(|_, until| *until > Instant::now());
            self.refresh(idle(&shared.app).await?);
            wanted = due(&shared.app).await?;
        }
        let news = self.idle.values_mut().filter_map(|idle| idle.has_news(&shared.tail).then(|| idle.id()));
        wanted.extend(news.collect::<Vec<_>>());
        for id in wanted {
            if self.busy.contains(&id) || self.resting.contains_key(&id) {
                continue;
            }
            if let Some(idle) = self.idle.remove(&id) {
                self.busy.insert(id);
                self.tasks.spawn(endpoint::run(Arc::clone(shared), idle));
            }
        }
        Ok(())
    }

    fn refresh(&mut self, found: Vec<Idle>) {
        let mut known = std::mem::take(&mut self.idle);
        self.idle = found
            .into_iter()
            .map(|idle| match known.remove(&idle.id()) {
                Some(known) => (idle.id(), idle.knowing(&known)),
                None => (idle.id(), idle),
            })
            .collect();
    }
}
