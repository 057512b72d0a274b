//! What is refused or breaks off that outlives a request: streams and reports.

use super::Failure;
use crate::app;
use crate::contract::pb::ErrorCode;
use crate::present::shared::rfc3339;

pub(super) fn failure(error: app::Error) -> Failure {
    use app::Error;
    match error {
        Error::ReportNotReady { status } => Failure::from(ErrorCode::ReportNotReady).with("status", status),
        Error::ReportExpired { expire_time } => {
            Failure::from(ErrorCode::ReportExpired).with("expire_time", rfc3339(expire_time))
        }
        Error::SequenceExpired { oldest } => {
            Failure::from(ErrorCode::SequenceExpired).with("oldest", oldest.to_string())
        }
        Error::NotAcceptable { offered } => {
            Failure::from(ErrorCode::NotAcceptable).message(format!("This can be had as {offered} only."))
        }
        Error::Upstream(fault) => {
            tracing::warn!(%fault, "a service that this one depends on failed");
            ErrorCode::UpstreamFailed.into()
        }
        Error::Stopping => Failure::from(ErrorCode::Unavailable)
            .message("The service is stopping. Begin again where the stream ended."),
        Error::DeadlineExceeded => ErrorCode::DeadlineExceeded.into(),
        other => Failure::internal(&other),
    }
}
