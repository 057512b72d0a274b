//! `JobService`.

use super::pages;
use crate::app::{Call, Error, Read, jobs};
use crate::contract::pb;
use crate::domain::ids::JobId;
use crate::domain::job::{JobList, JobMove};
use crate::present::jobs as show;

pub(super) async fn get_job(call: &Read, id: JobId) -> Result<pb::Job, Error> {
    Ok(show::job(&jobs::get(call, id).await?))
}

pub(super) async fn list_jobs(call: &Read, list: JobList) -> Result<pb::ListJobsResponse, Error> {
    let page = jobs::list(call, &list).await?;
    let (jobs, next_page_token) = pages::fit(&page, show::job);
    Ok(pb::ListJobsResponse { jobs, next_page_token })
}

pub(super) async fn cancel_job(call: &Call, step: JobMove) -> Result<pb::Job, Error> {
    Ok(show::job(&jobs::cancel(call, step).await?))
}
