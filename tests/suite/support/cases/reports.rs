//! Jobs and reports: the things that a tenant has of them, and a valid call of each method.

use std::time::{Duration, Instant};

use tradepost::contract::pb;
use tradepost::contract::pb::report::Kind;

use super::{Case, Hidden, Things};
use crate::support::client::{Answer, Client};
use crate::support::world::World;

/// What a tenant has of jobs and reports.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reported {
    /// A report with a file.
    pub(crate) report: String,
    /// A job that waits, and will for long.
    pub(crate) job: String,
}

impl Reported {
    pub(super) async fn new(world: &World, owner: &Client, name: &str) -> Self {
        let report = made(owner, report(Kind::Orders)).await.id();
        let waiting = pb::CreateReportRequest { reference: name.to_owned(), ..report_of_stock() };
        let waiting = made(owner, waiting).await;
        let of_it = format!("(SELECT job_id FROM reports WHERE reference = '{name}')");
        for sql in [
            format!("UPDATE jobs SET status = 'QUEUED', run_time = {FAR}, end_time = NULL WHERE id = {of_it}"),
            format!("UPDATE reports SET status = 'PENDING', expire_time = NULL WHERE reference = '{name}'"),
        ] {
            world.database.execute(&sql).await;
        }
        Self { report, job: waiting.text("/job_id") }
    }

    pub(super) fn ids(&self) -> [&str; 2] {
        [&self.report, &self.job]
    }

    pub(super) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self { report: sibling(&self.report), job: sibling(&self.job) }
    }
}

/// A time in the year 2255, in microseconds.
pub(crate) const FAR: i64 = 9_007_199_254_740_991;

/// Longer than any small report takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What asks for a report.
pub(crate) fn report(kind: Kind) -> pb::CreateReportRequest {
    pb::CreateReportRequest { kind: kind.into(), ..Default::default() }
}

fn report_of_stock() -> pb::CreateReportRequest {
    report(Kind::Stock)
}

/// Asks for a report, and waits until it is there.
pub(crate) async fn made(client: &Client, request: pb::CreateReportRequest) -> Answer {
    let asked = client.call(request).await.expect("a report");
    ended(client, &asked.text("/job_id")).await;
    let made = client.call(pb::GetReportRequest { report_id: asked.id() }).await.expect("the report");
    assert_eq!(made.text("/status"), "SUCCEEDED");
    made
}

/// Waits until a job is over.
pub(crate) async fn ended(client: &Client, job: &str) -> Answer {
    job_in(client, job, &["SUCCEEDED", "FAILED", "CANCELED"], PATIENCE).await
}

/// Waits until a job is in one of these states.
pub(crate) async fn job_in(client: &Client, job: &str, states: &[&str], patience: Duration) -> Answer {
    let begun = Instant::now();
    loop {
        let found = client.call(pb::GetJobRequest { job_id: job.to_owned() }).await.expect("the job");
        if states.contains(&found.text("/status").as_str()) {
            return found;
        }
        assert!(begun.elapsed() < patience, "not {states:?} but {}", found.json);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let (of_job, of_report) = (Hidden::NotFound("job_not_found"), Hidden::NotFound("report_not_found"));
    let Reported { report: report_id, job: job_id } = things.reported.clone();
    match name {
        "GetJob" => Case::new(pb::GetJobRequest { job_id }, of_job),
        "ListJobs" => Case::new(pb::ListJobsRequest::default(), Hidden::Empty("jobs")),
        "CancelJob" => Case::new(pb::CancelJobRequest { job_id, ..Default::default() }, of_job),
        "CreateReport" => Case::new(
            pb::CreateReportRequest { metadata: [("k".into(), "v".into())].into(), ..report_of_stock() },
            Hidden::Nothing,
        ),
        "GetReport" => Case::new(pb::GetReportRequest { report_id }, of_report),
        "ListReports" => Case::new(pb::ListReportsRequest::default(), Hidden::Empty("reports")),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
