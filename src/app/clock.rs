//! The one place where the program reads the time of day.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::time::Time;

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl Clock {
    /// The time, to the microsecond, as the databases keep it.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}
