//! Streams go on after their caller was let in. Whether that would still be let in is asked again while they do.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{authenticate, hash};
use crate::app::{App, Error};
use crate::contract::policy::Permission;

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(1);

/// More answers than this are not kept.
const MOST: usize = 1_000;

/// What a caller was let in with: the hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credential(pub(super) Vec<u8>);

impl Credential {
    /// That of a caller who sends this secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(hash(secret))
    }
}

/// What the database last said of each key, so that many streams of one key ask once.
#[derive(Debug, Default)]
pub(in crate::app) struct Sessions(Mutex<Answers>);

/// By what a caller was let in with and what for: when it was asked, and whether it may.
type Answers = HashMap<(Credential, Option<Permission>), (Instant, bool)>;

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a caller would still be let in. The answer is a second old at most.
///
/// # Errors
/// When the database does not answer.
pub async fn is_still_allowed(
    app: &App,
    credential: &Credential,
    permission: Option<Permission>,
) -> Result<bool, Error> {
    let session = (credential.clone(), permission);
    let known = app.sessions.lock().get(&session).copied();
    if let Some((_, allowed)) = known.filter(|(asked, _)| asked.elapsed() < FRESH) {
        return Ok(allowed);
    }
    let allowed = match authenticate(app, credential).await {
        Ok(caller) => permission.is_none_or(|permission| caller.may(permission)),
        Err(Error::Unauthenticated) => false,
        Err(error) => return Err(error),
    };
    let mut sessions = app.sessions.lock();
    if sessions.len() >= MOST {
        sessions.retain(|_, (asked, _)| asked.elapsed() < FRESH);
    }
    sessions.insert(session, (Instant::now(), allowed));
    Ok(allowed)
}
