//! Reports: asked for, found, downloaded, and gone in time. What makes their files is in `make` and `file`.

mod expiry;
mod file;
mod make;
mod open;

pub use expiry::sweep_reports;
pub(super) use make::{make, tidy};
pub use open::{Download, open};

use super::{Call, Error, Page, Placed, Read, Thing, Unique, jobs};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{ReportId, TypedId};
use crate::domain::job::JobType;
use crate::domain::report::{NewReport, Report, ReportAction, ReportList, ReportStatus};
use crate::domain::resource::{Resource, ResourceType};
use crate::domain::states::Machine;
use crate::store::{Position, reports as rows};

impl Placed for Report {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Asks for a report, and for the job that makes it.
pub async fn create(call: &Call, new: NewReport) -> Result<Report, Error> {
    check_reference(call, new.reference.as_deref()).await?;
    let id: ReportId = call.id();
    let job = jobs::enqueue(call, JobType::Report, Resource { kind: ResourceType::Report, id: id.uuid() }).await?;
    let report = Report::new(id, job.id, new, call.now);
    rows::insert(&call.tx, &call.scope(), &report).await?;
    call.tell(EventType::ReportCreated, Subject::Report(&report));
    Ok(report)
}

async fn check_reference(call: &Call, reference: Option<&str>) -> Result<(), Error> {
    let Some(reference) = reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), reference).await? {
        Some(existing) => Err(Error::Duplicate {
            unique: Unique::Reference,
            existing: existing.to_string(),
            field: "reference".to_owned(),
        }),
        None => Ok(()),
    }
}

/// The report with this id.
pub async fn get(call: &Read, id: ReportId) -> Result<Report, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Report, field: None })
}

/// A page of reports.
pub async fn list(call: &Read, list: &ReportList) -> Result<Page<Report>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Its job was canceled.
pub(super) async fn canceled(call: &Call, id: ReportId) -> Result<(), Error> {
    end(call, id, ReportAction::Cancel, ReportStatus::Canceled, EventType::ReportCanceled).await
}

/// Its job failed.
pub(super) async fn failed(call: &Call, id: ReportId) -> Result<(), Error> {
    end(call, id, ReportAction::Fail, ReportStatus::Failed, EventType::ReportFailed).await
}

/// There is no file, and will be none: what was stored of it goes.
async fn end(call: &Call, id: ReportId, action: ReportAction, to: ReportStatus, event: EventType) -> Result<(), Error> {
    let Some(before) = rows::get_for_write(&call.tx, &call.scope(), id).await? else { return Ok(()) };
    if before.status.asks(action) != Some(true) {
        return Ok(());
    }
    rows::delete_parts(&call.tx, id).await?;
    save(call, &before, &before.moved(to, call.now), event).await
}

/// Writes a report, and tells what became of it.
async fn save(call: &Call, before: &Report, after: &Report, event: EventType) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, after).await?;
    call.tell(event, Subject::Report(after));
    Ok(())
}
