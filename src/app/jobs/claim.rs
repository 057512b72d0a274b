//! Who gets a job: one process at a time, by the clock of the database.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::super::{App, Call, Error};
use super::failed;
use crate::domain::ids::{JobId, StockMovementId, TenantId, TypedId};
use crate::domain::job::{Job, JobFault};
use crate::store::{Scope, Tx, jobs as rows};

/// Jobs that are given up in one round; the next round takes the others.
const PER_ROUND: u64 = 100;

/// A job that this process has now.
#[derive(Debug)]
pub struct Claimed {
    pub(super) tenant: TenantId,
    pub(super) job: Job,
    pub(super) token: Uuid,
}

impl App {
    /// Runs a transaction of a worker, in a task of its own: dropped half way, it would leave its connection inside.
    pub(in crate::app) async fn work<T, F>(self: &Arc<Self>, run: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Tx) -> BoxFuture<'a, Result<T, Error>> + Send + 'static,
    {
        let app = Arc::clone(self);
        let task = self.tasks.spawn(async move {
            let tx = app.db.begin_work().await?;
            match run(&tx).await {
                Ok(done) => tx.commit().await.map(|()| done).map_err(Error::from),
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            }
        });
        task.await.unwrap_or_else(|_| Err(Error::Fault("a worker panicked in a transaction".to_owned())))
    }

    /// A name for an attempt, which no other one has.
    fn token(&self) -> Uuid {
        self.entropy.id::<StockMovementId>(self.clock.now()).uuid()
    }
}

/// The next job that may run, if there is one: nobody else has it while its lease lasts.
///
/// # Errors
/// When the database does not do it; then the jobs wait for the next time.
pub async fn claim(app: &Arc<App>) -> Result<Option<Claimed>, Error> {
    let token = app.token();
    app.work(move |tx| Box::pin(next(tx, token))).await
}

async fn next(tx: &Tx, token: Uuid) -> Result<Option<Claimed>, Error> {
    let now = tx.time().await?;
    let Some((tenant, before)) = rows::claimable(tx, now).await? else { return Ok(None) };
    let job = before.claimed(token, now);
    rows::save(tx, &Scope { tenant, customer: None }, &before, &job).await?;
    Ok(Some(Claimed { tenant, job, token }))
}

/// Gives up the jobs whose last attempt ended with its process, so that none of them runs for ever.
///
/// # Errors
/// When the database does not tell which.
pub async fn bury(app: &Arc<App>) -> Result<(), Error> {
    let found = app.work(|tx| Box::pin(async move { Ok(rows::lost(tx, tx.time().await?, PER_ROUND).await?) }));
    for (tenant, id) in found.await? {
        let done = app.by_itself(tenant, "lose-job", move |call| Box::pin(bury_one(call, id))).await;
        // One that cannot be given up keeps no other from it.
        if let Err(error) = done {
            tracing::warn!(%error, job = %id, "a job without a worker was not given up");
        }
    }
    Ok(())
}

/// Whatever happened to the job since it was found, it is given up only if its worker is gone.
async fn bury_one(call: &Call, id: JobId) -> Result<(), Error> {
    let now = call.tx.time().await?;
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    let Some(before) = found.filter(|job| job.is_lost(now)) else { return Ok(()) };
    failed(call, &before, &before.failed(JobFault::LeaseLost, now, 0)).await
}
