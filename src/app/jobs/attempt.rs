//! An attempt at a job, and everything that it may write. Each write looks in its own transaction whether the attempt still has the
//! job: a process that was frozen finds out before it does anything.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::super::{App, Call, Caller, Error, Read};
use super::{Claimed, failed, save};
use crate::domain::event::EventType;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{Job, JobFault, JobStatus, LEASE};
use crate::objects::{self, Upload};
use crate::store::{self, Scope, Tx, jobs as rows};

/// How often it is tried to end a job, and how long it waits in between.
const END_TRIES: u32 = 20;
const END_PAUSE: Duration = Duration::from_millis(500);

/// Progress before the end.
const ALMOST: i32 = 99;

/// One attempt at a job.
#[derive(Debug, Clone)]
pub(in crate::app) struct Attempt {
    /// The use cases.
    pub(in crate::app) app: Arc<App>,
    /// Whose job it is.
    pub(in crate::app) tenant: TenantId,
    /// The job, as it was when the attempt began.
    pub(in crate::app) job: Arc<Job>,
    /// What tells the attempt from all others.
    pub(in crate::app) token: Uuid,
    /// The object that it writes, for whoever ends the attempt half way.
    pub(in crate::app) upload: Arc<Mutex<Option<Upload>>>,
    progress: Arc<AtomicI32>,
}

/// Why an attempt ended without an effect.
#[derive(Debug)]
pub(in crate::app) enum Failed {
    /// Somebody else has the job, or nobody any more.
    Lost,
    /// The storage of files did not do it.
    Storage(objects::Error),
    /// Anything else.
    Fault(Error),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("the job was lost"),
            Self::Storage(error) => error.fmt(f),
            Self::Fault(error) => error.fmt(f),
        }
    }
}

impl From<objects::Error> for Failed {
    fn from(error: objects::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl Failed {
    /// What callers are told; `None`: it was not the attempt that failed.
    pub(super) fn fault(&self) -> Option<JobFault> {
        match self {
            Self::Lost => None,
            Self::Storage(_) => Some(JobFault::Storage),
            Self::Fault(Error::Store(error)) if error.is_temporary() => Some(JobFault::Unavailable),
            Self::Fault(_) => Some(JobFault::Internal),
        }
    }
}

impl Attempt {
    pub(super) fn new(app: Arc<App>, Claimed { tenant, job, token }: Claimed) -> Self {
        Self { app, tenant, job: Arc::new(job), token, upload: Arc::default(), progress: Arc::default() }
    }

    /// A read for the tenant.
    pub(in crate::app) fn read(&self) -> Read {
        self.app.read(Arc::new(Caller::service(self.tenant)))
    }

    /// Notes how much is done; it is written down from time to time.
    pub(in crate::app) fn is_at(&self, percent: i32) {
        self.progress.store(percent.clamp(0, ALMOST), Ordering::Relaxed);
    }

    pub(super) fn progress(&self) -> i32 {
        self.progress.load(Ordering::Relaxed)
    }

    pub(in crate::app) fn scope(&self) -> Scope {
        Scope { tenant: self.tenant, customer: None }
    }

    fn id(&self) -> JobId {
        self.job.id
    }

    /// Whether the attempt still has the job. That may be over at once; writes look for themselves.
    pub(in crate::app) async fn is_held(&self) -> Result<bool, Error> {
        Ok(rows::is_held(&self.app.db.reader(), self.id(), self.token).await?)
    }

    /// Writes something, as long as the attempt has the job: the row of the job is locked until it is committed.
    pub(in crate::app) async fn write<F>(&self, run: F) -> Result<(), Failed>
    where
        F: for<'a> FnOnce(&'a Tx, Job) -> BoxFuture<'a, Result<(), Error>> + Send + 'static,
    {
        let (scope, id, token) = (self.scope(), self.id(), self.token);
        let written = self.app.work(move |tx| {
            Box::pin(async move {
                let Some(job) = rows::held_for_write(tx, &scope, id, token).await? else { return Ok(false) };
                run(tx, job).await?;
                Ok(true)
            })
        });
        if written.await? { Ok(()) } else { Err(Failed::Lost) }
    }

    /// The job is done, in one transaction with its effect, which gets the time of the database's clock.
    pub(in crate::app) async fn succeed<F>(&self, effect: F) -> Result<(), Failed>
    where
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<(), Error>> + Send + Sync + 'static,
    {
        let (id, token) = (self.id(), self.token);
        let effect = Arc::new(effect);
        let mut tries = 1;
        loop {
            let effect = Arc::clone(&effect);
            let done = self.app.by_itself(self.tenant, "succeed-job", move |call| {
                let effect = Arc::clone(&effect);
                Box::pin(async move {
                    let held = rows::held_for_write(&call.tx, &call.scope(), id, token).await?;
                    let Some(before) = held else { return Ok(false) };
                    let job = before.succeeded(call.tx.time().await?);
                    save(call, &before, &job, EventType::JobSucceeded).await?;
                    effect(call).await?;
                    Ok(true)
                })
            });
            match done.await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Failed::Lost),
                // The work is done: it would be a pity to do it again because others write as well.
                Err(error) if error.is_temporary() && tries < END_TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(END_PAUSE).await;
        }
    }

    /// Writes down how much is done. `false`: the job was lost.
    pub(super) async fn write_progress(&self, percent: i32) -> Result<bool, Error> {
        let scope = self.scope();
        held_or(self.write(move |tx, before| {
            Box::pin(async move {
                let job = before.progressed(percent, tx.time().await?);
                Ok(rows::save(tx, &scope, &before, &job).await?)
            })
        }))
        .await
    }

    /// Keeps the job for another while. `false`: it was lost.
    pub(super) async fn renew(&self) -> Result<bool, Error> {
        let (id, token) = (self.id(), self.token);
        let renewed = self.app.work(move |tx| {
            Box::pin(async move { Ok(rows::renew(tx, id, token, tx.time().await?.plus(LEASE)).await?) })
        });
        renewed.await
    }

    /// Gives the job back, for whoever comes first.
    pub(super) async fn give_back(&self) -> Result<bool, Error> {
        let scope = self.scope();
        held_or(self.write(move |tx, before| {
            Box::pin(async move {
                let job = before.given_back(tx.time().await?);
                Ok(rows::save(tx, &scope, &before, &job).await?)
            })
        }))
        .await
    }

    /// The attempt failed. The job waits for the next one, or has failed.
    pub(super) async fn fail(&self, fault: JobFault) -> Result<(), Error> {
        let (id, token, more) = (self.id(), self.token, self.app.entropy.thousandths() / 4);
        let failing = self.app.by_itself(self.tenant, "fail-job", move |call| {
            Box::pin(async move {
                let held = rows::held_for_write(&call.tx, &call.scope(), id, token).await?;
                let Some(before) = held else { return Ok(()) };
                let job = before.failed(fault, call.tx.time().await?, more);
                if job.status == JobStatus::Failed {
                    return failed(call, &before, &job).await;
                }
                Ok(rows::save(&call.tx, &call.scope(), &before, &job).await?)
            })
        });
        failing.await
    }
}

/// `false` when the job was lost.
async fn held_or(written: impl Future<Output = Result<(), Failed>>) -> Result<bool, Error> {
    match written.await {
        Ok(()) => Ok(true),
        Err(Failed::Lost) => Ok(false),
        Err(Failed::Fault(error)) => Err(error),
        Err(Failed::Storage(error)) => Err(Error::Upstream(error.to_string())),
    }
}
