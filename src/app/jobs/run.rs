//! Runs a job that was claimed: does the work in a task of its own, and meanwhile keeps the lease, writes down how it gets on,
//! and looks whether anybody still wants it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::super::{App, Error, reports};
use super::{Attempt, Claimed, Failed};
use crate::domain::job::{JobFault, JobType};

/// How often it looks after the attempt.
const LOOK: Duration = Duration::from_secs(1);

/// How often the lease is renewed, which lasts three times as long.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How an attempt ended.
enum End {
    Over(Result<Result<(), Failed>, JoinError>),
    Lost,
    Stopped,
}

/// Runs a job to the end of the attempt, or gives it back when the process stops.
pub async fn run(app: Arc<App>, claimed: Claimed, stop: CancellationToken) {
    let attempt = Attempt::new(app, claimed);
    let mut work = tokio::spawn(perform(attempt.clone()));
    let end = look_after(&attempt, &mut work, &stop).await;
    // Writes run in tasks of their own, and end.
    work.abort();
    if let Err(error) = settle(&attempt, end).await {
        // Its lease ends by itself.
        tracing::warn!(%error, job = %attempt.job.id, "what became of an attempt was not written down");
    }
    match attempt.job.kind {
        JobType::Report => reports::tidy(&attempt).await,
    }
}

async fn perform(attempt: Attempt) -> Result<(), Failed> {
    match attempt.job.kind {
        JobType::Report => reports::make(&attempt).await,
    }
}

async fn look_after(attempt: &Attempt, work: &mut JoinHandle<Result<(), Failed>>, stop: &CancellationToken) -> End {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut renewed, mut written) = (Instant::now(), 0);
    loop {
        tokio::select! {
            biased;
            over = &mut *work => return End::Over(over),
            () = stop.cancelled() => return End::Stopped,
            _ = ticks.tick() => {}
        }
        let progress = attempt.progress();
        let held = if renewed.elapsed() >= HEARTBEAT {
            let held = attempt.renew().await;
            if held.is_ok() {
                renewed = Instant::now();
            }
            held
        } else if progress > written {
            let held = attempt.write_progress(progress).await;
            if held.is_ok() {
                written = progress;
            }
            held
        } else {
            attempt.is_held().await
        };
        match held {
            Ok(true) => {}
            Ok(false) => return End::Lost,
            // It goes on: whether it still has the job, each write finds out.
            Err(error) => tracing::debug!(%error, job = %attempt.job.id, "nobody knows whether the job is still held"),
        }
    }
}

/// Writes down how the attempt ended.
async fn settle(attempt: &Attempt, end: End) -> Result<(), Error> {
    let id = attempt.job.id;
    match end {
        End::Over(Ok(Ok(()))) => Ok(()),
        End::Lost | End::Over(Ok(Err(Failed::Lost))) => {
            tracing::info!(job = %id, "a job was lost: it was canceled, or somebody else has it");
            Ok(())
        }
        End::Stopped => attempt.give_back().await.map(|_| ()),
        End::Over(Ok(Err(error))) => {
            tracing::warn!(%error, job = %id, attempt = attempt.job.attempt, "an attempt failed");
            attempt.fail(error.fault().unwrap_or(JobFault::Internal)).await
        }
        End::Over(Err(panic)) => {
            tracing::error!(%panic, job = %id, attempt = attempt.job.attempt, "an attempt panicked");
            attempt.fail(JobFault::Internal).await
        }
    }
}
