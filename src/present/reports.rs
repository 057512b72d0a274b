//! Reports: requests as domain values, and reports as messages.

use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ReportId;
use crate::domain::page::View;
use crate::domain::report::{NewReport, Report, ReportFilter, ReportFormat, ReportKind, ReportList, ReportStatus};
use crate::domain::time::TimeRange;
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::CreateReportRequest> for NewReport {
    type Error = Invalid;

    fn try_from(message: pb::CreateReportRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let created = parser.created(message.create_time_after, message.create_time_before);
        let kind = message.kind().as_str_name().parse().ok();
        if kind == Some(ReportKind::Stock) {
            let fields = [
                ("create_time_after", message.create_time_after.is_some()),
                ("create_time_before", message.create_time_before.is_some()),
            ];
            for (field, _) in fields.into_iter().filter(|(_, is_set)| *is_set) {
                parser.violations.push(Violation::new(field, "not_allowed", "the stock is reported as it is"));
            }
        } else if let TimeRange { after: Some(after), before: Some(before) } = created
            && after >= before
        {
            let rule = "must be after create_time_after";
            parser.violations.push(Violation::new("create_time_before", "out_of_range", rule));
        }
        let format = match message.format() {
            pb::report::Format::Ndjson => ReportFormat::Ndjson,
            pb::report::Format::Csv | pb::report::Format::Unspecified => ReportFormat::Csv,
        };
        let (reference, metadata) = (optional(message.reference), message.metadata);
        parser.finish(kind.map(|kind| Self { kind, format, created, reference, metadata }))
    }
}

impl TryFrom<pb::GetReportRequest> for ReportId {
    type Error = Invalid;

    fn try_from(message: pb::GetReportRequest) -> Result<Self, Invalid> {
        parse_id("report_id", &message.report_id)
    }
}

impl TryFrom<pb::DownloadReportRequest> for ReportId {
    type Error = Invalid;

    fn try_from(message: pb::DownloadReportRequest) -> Result<Self, Invalid> {
        parse_id("report_id", &message.report_id)
    }
}

impl TryFrom<pb::ListReportsRequest> for ReportList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListReportsRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let statuses = message.status().filter_map(|status| status.as_str_name().parse().ok()).collect();
        Ok(Self { filter: ReportFilter { statuses }, page })
    }
}

/// A report with everything.
#[must_use]
pub fn report(report: &Report) -> pb::Report {
    pb::Report { metadata: report.metadata.clone(), ..basic_report(report) }
}

/// As much of a report as a view shows.
#[must_use]
pub fn report_in(view: View) -> fn(&Report) -> pb::Report {
    match view {
        View::Basic => basic_report,
        View::Full => report,
    }
}

/// A report as lists show it: without metadata.
#[must_use]
pub fn basic_report(report: &Report) -> pb::Report {
    let file = report.file.as_ref();
    let has_file = report.status == ReportStatus::Succeeded;
    pb::Report {
        id: report.id.to_string(),
        kind: kind(report.kind).into(),
        format: format(report.format).into(),
        status: status(report.status).into(),
        job_id: report.job.to_string(),
        create_time_after: report.created.after.map(time),
        create_time_before: report.created.before.map(time),
        reference: report.reference.clone().unwrap_or_default(),
        metadata: crate::domain::Metadata::new(),
        row_count: file.map_or(0, |file| file.row_count),
        size_bytes: file.map_or(0, |file| file.size_bytes),
        download_uri: if has_file { format!("/v1/reports/{}:download", report.id) } else { String::new() },
        expire_time: report.expire_time.map(time),
        etag: etag(report.version),
        create_time: Some(time(report.create_time)),
        update_time: Some(time(report.update_time)),
    }
}

fn kind(kind: ReportKind) -> pb::report::Kind {
    use pb::report::Kind;
    match kind {
        ReportKind::Orders => Kind::Orders,
        ReportKind::SalesByDay => Kind::SalesByDay,
        ReportKind::SalesByProduct => Kind::SalesByProduct,
        ReportKind::SalesByCustomer => Kind::SalesByCustomer,
        ReportKind::Stock => Kind::Stock,
    }
}

fn format(format: ReportFormat) -> pb::report::Format {
    match format {
        ReportFormat::Csv => pb::report::Format::Csv,
        ReportFormat::Ndjson => pb::report::Format::Ndjson,
    }
}

fn status(status: ReportStatus) -> pb::report::Status {
    use pb::report::Status;
    match status {
        ReportStatus::Pending => Status::Pending,
        ReportStatus::Succeeded => Status::Succeeded,
        ReportStatus::Failed => Status::Failed,
        ReportStatus::Canceled => Status::Canceled,
        ReportStatus::Expired => Status::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_names_of_the_contract() {
        for known in ReportKind::ALL {
            assert_eq!(kind(*known).as_str_name(), known.as_str());
        }
        for known in ReportFormat::ALL {
            assert_eq!(format(*known).as_str_name(), known.as_str());
        }
        for known in ReportStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
    }
}
