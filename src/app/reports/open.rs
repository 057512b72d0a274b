//! Opens the file of a report for reading.

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _, try_unfold};
use uuid::Uuid;

use super::super::{Error, Read};
use super::get;
use crate::domain::ids::ReportId;
use crate::domain::report::{Report, ReportStatus};
use crate::store::reports as rows;

/// The file of a report.
pub struct Download {
    /// The report.
    pub report: Report,
    /// Its bytes, compressed by gzip.
    pub bytes: BoxStream<'static, Result<Bytes, Error>>,
}

/// Opens the file.
///
/// # Errors
/// `ReportNotReady`, `ReportExpired`; `Upstream` when the storage of files does not give it.
pub async fn open(call: Read, id: ReportId) -> Result<Download, Error> {
    let report = get(&call, id).await?;
    let expire_time = report.expire_time.unwrap_or(report.update_time);
    if report.status == ReportStatus::Expired || report.is_due(call.now()) {
        return Err(Error::ReportExpired { expire_time });
    }
    let file = match &report.file {
        Some(file) if report.status == ReportStatus::Succeeded => file.clone(),
        _ => return Err(Error::ReportNotReady { status: report.status.as_str() }),
    };
    let bytes = match &file.object {
        Some(key) => {
            let missing = || Error::Upstream("the storage of the file is not configured any more".to_owned());
            let objects = call.app.settings.objects.as_ref().ok_or_else(missing)?;
            objects.read(key).await.map_err(upstream)?.map_err(upstream).boxed()
        }
        None => parts(call, id, file.token, file.parts),
    };
    Ok(Download { report, bytes })
}

fn upstream(error: impl std::fmt::Display) -> Error {
    Error::Upstream(error.to_string())
}

/// The pieces of a file in the database, one after the other, each when the one before was taken.
fn parts(call: Read, id: ReportId, token: Uuid, count: i32) -> BoxStream<'static, Result<Bytes, Error>> {
    let pieces = try_unfold((call, 0), move |(call, number)| async move {
        if number == count {
            return Ok(None);
        }
        let part = rows::part(&call.reader, id, token, number).await?;
        // It expired meanwhile.
        let part = part.ok_or_else(|| Error::Fault(format!("piece {number} of report {id} is gone")))?;
        Ok(Some((Bytes::from(part), (call, number + 1))))
    });
    pieces.boxed()
}
