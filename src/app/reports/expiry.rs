//! Files that were kept long enough.

use std::sync::Arc;

use super::super::expiry::each;
use super::super::{App, Call, Error};
use super::file::name;
use super::save;
use crate::domain::event::EventType;
use crate::domain::ids::ReportId;
use crate::domain::report::ReportStatus;
use crate::store::reports as rows;

/// Removes files that were kept long enough, those of all tenants.
///
/// # Errors
/// When the database does not tell which; then they wait for the next time.
pub async fn sweep_reports(app: &Arc<App>) -> Result<(), Error> {
    let found = app.work(|tx| Box::pin(async move { Ok(tx.time().await?) }));
    let now = found.await?;
    let due = rows::due(&app.db.reader(), now, app.failing.room()).await?;
    each(app, "report", due, |tenant, id| async move {
        remove_objects(app, id).await?;
        app.by_itself(tenant, "expire-report", move |call| Box::pin(expire(call, id))).await
    })
    .await;
    Ok(())
}

/// First the file: of a report whose file could not be removed nobody is told that it is without.
async fn remove_objects(app: &App, report: ReportId) -> Result<(), Error> {
    let Some(objects) = &app.settings.objects else { return Ok(()) };
    let removed = objects.delete_below(&objects.key(&name(report, None))).await;
    removed.map_err(|error| Error::Upstream(error.to_string()))
}

/// Whatever happened to the report since it was found, it expires only if it is still due.
async fn expire(call: &Call, id: ReportId) -> Result<(), Error> {
    let now = call.tx.time().await?;
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    let Some(before) = found.filter(|report| report.is_due(now)) else { return Ok(()) };
    rows::delete_parts(&call.tx, id).await?;
    save(call, &before, &before.moved(ReportStatus::Expired, call.now), EventType::ReportExpired).await
}
