//! Approvals that nobody decided on in time. Readers see at once that they have expired; here it is written down, and their
//! subjects move on.

use std::sync::Arc;

use super::{save, subjects};
use crate::app::expiry::each;
use crate::app::{App, Call, Error};
use crate::domain::event::EventType;
use crate::domain::ids::ApprovalId;
use crate::store::approvals as rows;

/// Lets approvals expire whose time is over. One that cannot is left for the next round, and keeps no other.
///
/// # Errors
/// When the database does not tell which are due.
pub async fn sweep_approvals(app: &Arc<App>) -> Result<(), Error> {
    let due = rows::due(&app.db.reader(), app.clock.now(), app.failing.room()).await?;
    each(app, "approval", due, |tenant, id| {
        app.by_itself(tenant, "expire-approval", move |call| Box::pin(expire(call, id)))
    })
    .await;
    Ok(())
}

/// Whatever happened to the approval since it was found, it expires only when it is pending still.
async fn expire(call: &Call, id: ApprovalId) -> Result<(), Error> {
    let Some(found) = rows::get(&call.tx, &call.scope(), id).await? else { return Ok(()) };
    subjects::lock(call, found.subject, found.subject_id).await?;
    let Some(before) = rows::get_for_write(&call.tx, &call.scope(), id).await? else { return Ok(()) };
    if !before.is_due(call.now) {
        return Ok(());
    }
    let version = before.version;
    let approval = before.at(call.now);
    save(call, version, &approval, EventType::ApprovalExpired).await?;
    subjects::expired(call, approval.subject, approval.subject_id).await
}
