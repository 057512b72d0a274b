//! Jobs: requests as domain values, and jobs as messages.

use super::parse::parse_id;
use super::shared::{page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::JobId;
use crate::domain::job::{Job, JobFilter, JobList, JobMove, JobStatus, JobType};
use crate::domain::resource::{Resource, ResourceType};
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::GetJobRequest> for JobId {
    type Error = Invalid;

    fn try_from(message: pb::GetJobRequest) -> Result<Self, Invalid> {
        parse_id("job_id", &message.job_id)
    }
}

impl TryFrom<pb::ListJobsRequest> for JobList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListJobsRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let statuses = message.status().filter_map(|status| status.as_str_name().parse().ok()).collect();
        Ok(Self { filter: JobFilter { statuses }, page })
    }
}

impl TryFrom<pb::CancelJobRequest> for JobMove {
    type Error = Invalid;

    fn try_from(message: pb::CancelJobRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("job_id", &message.job_id)?, reason: message.reason })
    }
}

/// A job.
#[must_use]
pub fn job(job: &Job) -> pb::Job {
    let error = job.error.as_ref();
    let result_uri = if job.status == JobStatus::Succeeded { result(job.resource) } else { String::new() };
    pb::Job {
        id: job.id.to_string(),
        r#type: kind(job.kind).into(),
        status: status(job.status).into(),
        progress: job.progress,
        attempt: job.attempt,
        max_attempts: job.max_attempts,
        error: error.map(|error| pb::job::Error { code: error.code.clone(), message: error.message.clone() }),
        result_uri,
        resource_type: job.resource.kind.as_str().to_owned(),
        resource_id: job.resource.to_string(),
        run_time: (job.status == JobStatus::Queued).then(|| time(job.run_time)),
        start_time: job.start_time.map(time),
        end_time: job.end_time.map(time),
        etag: etag(job.version),
        create_time: Some(time(job.create_time)),
        update_time: Some(time(job.update_time)),
    }
}

/// The path of a thing that jobs make.
fn result(resource: Resource) -> String {
    if resource.kind == ResourceType::Report { format!("/v1/reports/{resource}") } else { String::new() }
}

fn kind(kind: JobType) -> pb::job::Type {
    match kind {
        JobType::Report => pb::job::Type::Report,
    }
}

fn status(status: JobStatus) -> pb::job::Status {
    use pb::job::Status;
    match status {
        JobStatus::Queued => Status::Queued,
        JobStatus::Running => Status::Running,
        JobStatus::Succeeded => Status::Succeeded,
        JobStatus::Failed => Status::Failed,
        JobStatus::Canceled => Status::Canceled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_names_of_the_contract() {
        for known in JobStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
        for known in JobType::ALL {
            assert_eq!(kind(*known).as_str_name(), known.as_str());
        }
    }
}
