//! Jobs: what callers see of them and may do, and how other use cases ask for one. What runs them is in `attempt`.

mod attempt;
mod claim;
mod run;

pub(super) use attempt::{Attempt, Failed};
pub use claim::{Claimed, bury, claim};
pub use run::run;

use super::{Call, Error, Page, Placed, Read, Thing, reports};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{JobId, ReportId, TypedId};
use crate::domain::job::{Job, JobAction, JobList, JobMove, JobType};
use crate::domain::resource::Resource;
use crate::domain::states::Machine;
use crate::store::{Position, jobs as rows};

impl Placed for Job {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Asks for work that goes on after this transaction. It begins when that is committed, and never when it is not.
pub(super) async fn enqueue(call: &Call, kind: JobType, resource: Resource) -> Result<Job, Error> {
    let job = Job::queued(call.id(), kind, resource, call.now, call.tx.time().await?);
    rows::insert(&call.tx, &call.scope(), &job).await?;
    call.tell(EventType::JobCreated, Subject::Job(&job));
    call.enqueued();
    Ok(job)
}

/// The job with this id.
pub async fn get(call: &Read, id: JobId) -> Result<Job, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Job, field: None })
}

/// A page of jobs.
pub async fn list(call: &Read, list: &JobList) -> Result<Page<Job>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Cancels a job that is not over. Doing it again changes nothing. Whoever runs it finds out soon, and can write nothing of it
/// from now on.
pub async fn cancel(call: &Call, step: JobMove) -> Result<Job, Error> {
    let before = call.expect(Thing::Job, rows::get_for_write(&call.tx, &call.scope(), step.id).await?)?;
    match before.status.asks(JobAction::Cancel) {
        Some(true) => {}
        Some(false) => return Ok(before),
        None => {
            let (from, action) = (before.status.as_str(), JobAction::Cancel.as_str());
            return Err(Error::IllegalTransition { from, action, allowed: Vec::new(), field: None });
        }
    }
    call.because(&step.reason);
    let job = before.canceled(call.tx.time().await?);
    save(call, &before, &job, EventType::JobCanceled).await?;
    match job.kind {
        JobType::Report => reports::canceled(call, ReportId::from_uuid(job.resource.id)).await?,
    }
    Ok(job)
}

/// Writes a job, and tells what became of it.
async fn save(call: &Call, before: &Job, after: &Job, event: EventType) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, after).await?;
    call.tell(event, Subject::Job(after));
    Ok(())
}

/// The last attempt failed: what the job was for fails with it.
async fn failed(call: &Call, before: &Job, after: &Job) -> Result<(), Error> {
    save(call, before, after, EventType::JobFailed).await?;
    match after.kind {
        JobType::Report => reports::failed(call, ReportId::from_uuid(after.resource.id)).await,
    }
}
