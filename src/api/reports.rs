//! `ReportService`.

use super::files::File;
use super::pages;
use crate::app::{Call, Error, Read, reports};
use crate::contract::pb;
use crate::domain::ids::ReportId;
use crate::domain::report::{NewReport, Report, ReportFormat, ReportList};
use crate::present::reports as show;

pub(super) async fn create_report(call: &Call, new: NewReport) -> Result<pb::Report, Error> {
    let report = show::report(&reports::create(call, new).await?);
    // Of a dry run there is no job either.
    let job_id = if call.dry_run { String::new() } else { report.job_id };
    Ok(pb::Report { job_id, ..report })
}

pub(super) async fn get_report(call: &Read, id: ReportId) -> Result<pb::Report, Error> {
    Ok(show::report(&reports::get(call, id).await?))
}

pub(super) async fn list_reports(call: &Read, list: ReportList) -> Result<pb::ListReportsResponse, Error> {
    let page = reports::list(call, &list).await?;
    let (reports, next_page_token) = pages::fit(&page, show::report_in(list.page.view));
    Ok(pb::ListReportsResponse { reports, next_page_token })
}

pub(super) async fn download_report(call: Read, id: ReportId) -> Result<File, Error> {
    let download = reports::open(call, id).await?;
    let (media_type, parameters, ending) = match download.report.format {
        ReportFormat::Csv => ("text/csv", "; charset=utf-8; header=present", "csv"),
        ReportFormat::Ndjson => ("application/x-ndjson", "", "ndjson"),
    };
    let name = name(&download.report, ending);
    Ok(File { media_type, parameters, name, gzip: download.bytes })
}

/// What a browser calls the file.
fn name(report: &Report, ending: &str) -> String {
    format!("{}-{}.{ending}", report.kind.as_str().to_lowercase(), report.id)
}
