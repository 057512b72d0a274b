//! Jobs: work that goes on after its request was answered.
//!
//! Whoever runs a job holds a lease on it, with a token that is new for each attempt: only the holder of the token may write of it.

use std::time::Duration;

use uuid::Uuid;

use super::etag::Versioned;
use super::ids::JobId;
use super::page::PageRequest;
use super::resource::Resource;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::Time;

/// How many attempts a job gets.
const MAX_ATTEMPTS: i32 = 5;

/// How long a worker has a job before others may take it, unless it renews the lease.
pub const LEASE: Duration = Duration::from_secs(30);

/// The longest wait for the next attempt.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

text_enum! {
    /// A kind of work.
    JobType {
        /// Makes the file of a report.
        Report = "REPORT",
    }
}

text_enum! {
    /// Where a job stands.
    JobStatus {
        /// Waits for a worker, or for its next attempt.
        Queued = "QUEUED",
        /// A worker is at it.
        Running = "RUNNING",
        /// It is done.
        Succeeded = "SUCCEEDED",
        /// It failed, and is not tried again.
        Failed = "FAILED",
        /// Somebody canceled it.
        Canceled = "CANCELED",
    }
}

text_enum! {
    /// What can be done with a job. Callers may only cancel.
    JobAction {
        /// A worker takes it.
        Start = "start",
        /// It is done.
        Succeed = "succeed",
        /// The attempt failed, or its lease was lost, and there is another one.
        Retry = "retry",
        /// The last attempt failed.
        Fail = "fail",
        /// Nobody wants it any more.
        Cancel = "cancel",
    }
}

impl Machine for JobStatus {
    type Action = JobAction;

    const MOVES: &'static [Move<Self, JobAction>] = &[
        Move { from: Self::Queued, action: JobAction::Start, to: Some(Self::Running) },
        Move { from: Self::Queued, action: JobAction::Cancel, to: Some(Self::Canceled) },
        Move { from: Self::Running, action: JobAction::Succeed, to: Some(Self::Succeeded) },
        Move { from: Self::Running, action: JobAction::Retry, to: Some(Self::Queued) },
        Move { from: Self::Running, action: JobAction::Fail, to: Some(Self::Failed) },
        Move { from: Self::Running, action: JobAction::Cancel, to: Some(Self::Canceled) },
    ];

    const STARTS: &'static [Self] = &[Self::Queued];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: JobAction) -> &'static str {
        action.as_str()
    }
}

text_enum! {
    /// Why an attempt failed.
    JobFault {
        /// The storage of files did not do it.
        Storage = "storage_failed",
        /// The database did not do it.
        Unavailable = "unavailable",
        /// Nobody heard of the worker any more.
        LeaseLost = "lease_lost",
        /// A fault of ours.
        Internal = "internal",
    }
}

impl JobFault {
    /// The same for people.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Storage => "The file could not be stored.",
            Self::Unavailable => "The database could not be reached.",
            Self::LeaseLost => "The process that was at it died or froze.",
            Self::Internal => "The service has a fault. The log tells more.",
        }
    }
}

/// Why an attempt failed, as it was written down. A newer version of the service may know other codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}

impl From<JobFault> for JobError {
    fn from(fault: JobFault) -> Self {
        Self { code: fault.as_str().to_owned(), message: fault.message().to_owned() }
    }
}

/// What an attempt has of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Tells the attempt from all others.
    pub token: Uuid,
    /// Until when nobody else may take the job.
    pub until: Time,
}

/// Which jobs a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<JobStatus>,
}

/// A list of jobs, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobList {
    /// Which jobs.
    pub filter: JobFilter,
    /// Which page.
    pub page: PageRequest,
}

/// A job that is to be canceled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobMove {
    /// Which one.
    pub id: JobId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work it is.
    pub kind: JobType,
    /// Where it stands.
    pub status: JobStatus,
    /// How much of it is done, in percent.
    pub progress: i32,
    /// The number of the attempt that runs, or ran last.
    pub attempt: i32,
    /// How many it gets.
    pub max_attempts: i32,
    /// When it may run next.
    pub run_time: Time,
    /// What the attempt that runs has of it.
    pub lease: Option<Lease>,
    /// Why the last attempt failed.
    pub error: Option<JobError>,
    /// What it works for.
    pub resource: Resource,
    /// When its last attempt began.
    pub start_time: Option<Time>,
    /// When it was over.
    pub end_time: Option<Time>,
    /// Moved by every visible change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

impl Versioned for Job {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Job {
    /// A new job, which may run at `run_time`.
    #[must_use]
    pub fn queued(id: JobId, kind: JobType, resource: Resource, now: Time, run_time: Time) -> Self {
        Self {
            id,
            kind,
            status: JobStatus::Queued,
            progress: 0,
            attempt: 0,
            max_attempts: MAX_ATTEMPTS,
            run_time,
            lease: None,
            error: None,
            resource,
            start_time: None,
            end_time: None,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The next attempt begins.
    #[must_use]
    pub fn claimed(&self, token: Uuid, now: Time) -> Self {
        let lost = (self.status == JobStatus::Running).then(|| JobFault::LeaseLost.into());
        Self {
            status: JobStatus::Running,
            progress: 0,
            attempt: self.attempt + 1,
            lease: Some(Lease { token, until: now.plus(LEASE) }),
            error: lost.or_else(|| self.error.clone()),
            start_time: Some(now),
            ..self.changed(now)
        }
    }

    /// The attempt got on.
    #[must_use]
    pub fn progressed(&self, progress: i32, now: Time) -> Self {
        Self { progress, ..self.changed(now) }
    }

    /// It is done.
    #[must_use]
    pub fn succeeded(&self, now: Time) -> Self {
        Self { progress: 100, ..self.over(JobStatus::Succeeded, now) }
    }

    /// Nobody wants it any more.
    #[must_use]
    pub fn canceled(&self, now: Time) -> Self {
        self.over(JobStatus::Canceled, now)
    }

    /// The attempt failed. There may be another one, after the time that it takes by now and this part of it more, in
    /// thousandths: jobs that failed together do not come back together.
    #[must_use]
    pub fn failed(&self, fault: JobFault, now: Time, more: u32) -> Self {
        let error = Some(fault.into());
        if self.attempt >= self.max_attempts {
            return Self { error, ..self.over(JobStatus::Failed, now) };
        }
        let wait = self.wait();
        let run_time = now.plus(wait + wait * more / 1_000);
        Self { status: JobStatus::Queued, run_time, lease: None, error, ..self.changed(now) }
    }

    /// Twice as long after each attempt.
    fn wait(&self) -> Duration {
        let seconds = 1_u64.checked_shl(self.attempt.unsigned_abs()).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(LONGEST_WAIT)
    }

    /// The process stops: somebody else may have it at once, and the attempt does not count.
    #[must_use]
    pub fn given_back(&self, now: Time) -> Self {
        let attempt = self.attempt - 1;
        Self { status: JobStatus::Queued, run_time: now, lease: None, attempt, progress: 0, ..self.changed(now) }
    }

    /// Whether its worker is gone, and no attempt is left.
    #[must_use]
    pub fn is_lost(&self, now: Time) -> bool {
        self.lease.is_some_and(|lease| lease.until <= now) && self.attempt >= self.max_attempts
    }

    fn over(&self, status: JobStatus, now: Time) -> Self {
        Self { status, lease: None, end_time: Some(now), ..self.changed(now) }
    }

    fn changed(&self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;
    use crate::domain::resource::ResourceType;

    fn job() -> Job {
        let resource = Resource { kind: ResourceType::Report, id: Uuid::from_u128(2) };
        let (id, now) = (JobId::from_uuid(Uuid::from_u128(1)), Time::from_micros(0));
        Job::queued(id, JobType::Report, resource, now, now)
    }

    #[test]
    fn every_move_is_in_the_table_and_no_other() {
        use JobAction::{Cancel, Fail, Retry, Start, Succeed};
        use JobStatus::{Canceled, Failed, Queued, Running, Succeeded};
        for (status, legal, done) in [
            (Queued, vec![Start, Cancel], vec![Retry]),
            (Running, vec![Succeed, Retry, Fail, Cancel], vec![Start]),
            (Succeeded, vec![], vec![Succeed]),
            (Failed, vec![], vec![Fail]),
            (Canceled, vec![], vec![Cancel]),
        ] {
            for action in JobAction::ALL {
                let expected = if legal.contains(action) { Some(true) } else { done.contains(action).then_some(false) };
                assert_eq!(status.asks(*action), expected, "{status:?} {action:?}");
            }
        }
    }

    #[test]
    fn attempts_wait_longer_and_longer_and_end() {
        let (mut job, mut waits, now) = (job(), Vec::new(), Time::from_micros(0));
        while job.status == JobStatus::Queued {
            job = job.claimed(Uuid::from_u128(3), now).failed(JobFault::Internal, now, 0);
            waits.push(job.run_time.micros() / 1_000_000);
        }
        // The last one has no next.
        assert_eq!(waits, [2, 4, 8, 16, 16]);
        assert_eq!((job.status, job.attempt, job.lease, job.end_time), (JobStatus::Failed, 5, None, Some(now)));
        assert_eq!(job.version, 11, "every change is a version");
        let late = Job { attempt: 40, max_attempts: 50, ..super::tests::job() };
        assert_eq!(late.failed(JobFault::Internal, now, 250).run_time, now.plus(LONGEST_WAIT + LONGEST_WAIT / 4));
    }

    #[test]
    fn what_is_given_back_costs_no_attempt() {
        let now = Time::from_micros(7);
        let back = job().claimed(Uuid::from_u128(3), now).given_back(now);
        assert_eq!((back.status, back.attempt, back.run_time, back.lease), (JobStatus::Queued, 0, now, None));
    }

    #[test]
    fn whoever_takes_over_knows_why() {
        let running = job().claimed(Uuid::from_u128(3), Time::from_micros(0));
        let late = Time::from_micros(0).plus(LEASE);
        let taken = running.claimed(Uuid::from_u128(4), late);
        assert_eq!((taken.attempt, taken.error.map(|error| error.code)), (2, Some("lease_lost".to_owned())));
        assert!(!running.is_lost(late), "there are attempts left");
        assert!(Job { attempt: 5, ..running.clone() }.is_lost(late));
        assert!(!Job { attempt: 5, ..running }.is_lost(Time::from_micros(29_999_999)));
    }
}
