//! The examples of jobs and reports: the sales of February, by product.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use super::TIME;

const JOB: &str = "job_01h455vb4pex5vsknk084sn02q";
const REPORT: &str = "rep_01h455vb4pex5vsknk084sn02q";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "Job" => job(),
        "ListJobsResponse" => object! { "jobs": vec![job()], "next_page_token": "" },
        "CancelJobRequest" => object! { "reason": "asked for the wrong month" },
        "CreateReportRequest" => object! {
            "kind": "SALES_BY_PRODUCT",
            "create_time_after": "2026-01-31T23:59:59.999999Z",
            "create_time_before": "2026-03-01T00:00:00Z",
            "reference": "sales-2026-02",
        },
        "Report" => report(),
        "ListReportsResponse" => object! { "reports": vec![report()], "next_page_token": "" },
        _ => return None,
    })
}

fn job() -> Object {
    object! {
        "id": JOB,
        "type": "REPORT",
        "status": "SUCCEEDED",
        "progress": 100,
        "attempt": 1,
        "max_attempts": 5,
        "result_uri": format!("/v1/reports/{REPORT}"),
        "resource_type": "report",
        "resource_id": REPORT,
        "start_time": TIME,
        "end_time": TIME,
        "etag": "v3",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn report() -> Object {
    object! {
        "id": REPORT,
        "kind": "SALES_BY_PRODUCT",
        "format": "CSV",
        "status": "SUCCEEDED",
        "job_id": JOB,
        "create_time_after": "2026-01-31T23:59:59.999999Z",
        "create_time_before": "2026-03-01T00:00:00Z",
        "reference": "sales-2026-02",
        "metadata": Json::from(Object::new()),
        "row_count": "412",
        "size_bytes": "60518",
        "download_uri": format!("/v1/reports/{REPORT}:download"),
        "expire_time": "2026-03-08T09:30:00.123456Z",
        "etag": "v2",
        "create_time": TIME,
        "update_time": TIME,
    }
}
