//! Use cases: load, decide, save, tell. Wires and tables are elsewhere.

pub mod access;
pub mod approvals;
pub mod audit;
mod call;
pub mod catalog;
pub mod clock;
pub mod customers;
pub mod entropy;
mod error;
pub mod events;
pub mod expiry;
pub mod fulfillment;
mod gate;
pub mod history;
pub mod inventory;
pub mod jobs;
pub mod money_books;
pub mod orders;
mod page;
pub mod payments;
pub mod quotes;
pub mod refunds;
pub mod replies;
pub mod reports;
pub mod seals;
pub mod signals;
mod transact;
mod turn;
pub mod webhooks;

pub use call::{Call, Read};
pub use error::{Error, Excess, Shortage, Thing, Unique};
pub use page::{Page, Placed};
pub use transact::{Key, Outcome, Ticket};
pub use turn::Turn;

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::contract::policy::{Permission, Role};
use crate::domain::event::{Event, Subject};
use crate::domain::ids::{ApiKeyId, CustomerId, TenantId, TypedId as _};
use crate::domain::webhook::TargetRules;
use crate::objects::Objects;
use crate::store::{Db, Scope, secrets};
use clock::Clock;
use entropy::Entropy;
use expiry::Failing;
use gate::Gate;
use page::PageTokens;
use seals::{SealingKey, Seals};
use signals::Signals;
use uuid::Uuid;

/// Writes that may run or wait at the same time; more are turned away.
const MAX_WRITES: usize = 1024;

/// Reads of streams that may run at the same time.
const MAX_STREAM_READS: usize = 2;

/// How long a worker waits for the database, before it takes the connection for dead.
const WORK_TIMEOUT: Duration = Duration::from_secs(15);

/// Who acts when nobody asked.
const SERVICE: &str = "tradepost";

/// What only the presentation knows, since it alone knows what the contract shows. Given by whoever composes the program.
#[derive(Debug, Clone, Copy)]
pub struct Presentation {
    /// Turns the subject of an event into the data clients read.
    pub snapshot: fn(Subject<'_>) -> serde_json::Value,
    /// Takes personal data out of stored replies.
    pub without_personal_data: Redact,
    /// Turns an event into what webhooks send.
    pub delivery: fn(&Event) -> Vec<u8>,
}

/// Makes of a method's stored reply one without personal data; `None` when its replies hold none.
pub type Redact = fn(&str, &[u8]) -> Result<Option<Vec<u8>>, String>;

/// What the operator decides of use cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where files of reports are kept; `None`: in the database.
    pub objects: Option<Objects>,
    /// How long they are kept.
    pub report_retention: Duration,
    /// How long it is kept that something happened; `None`: for ever.
    pub history_retention: Option<Duration>,
    /// What secrets are sealed with; the first one seals.
    pub sealing_keys: Vec<SealingKey>,
    /// Where webhooks may be sent to.
    pub targets: TargetRules,
}

/// Everything a use case needs.
#[derive(Debug)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids and secrets.
    pub entropy: Entropy,
    pages: PageTokens,
    presentation: Presentation,
    settings: Settings,
    failing: Failing,
    gate: Gate,
    writes: Semaphore,
    /// Reads of streams that may run at the same time: fewer than there are connections.
    stream_reads: Semaphore,
    tasks: TaskTracker,
    uses: access::Uses,
    sessions: access::Sessions,
    /// What wakes those who wait.
    pub signals: Signals,
    /// This process among those that share a database.
    pub process: Uuid,
    seals: Seals,
}

/// Who calls, as the key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The key, and so the principal.
    pub key: ApiKeyId,
    /// What the key is for.
    pub name: String,
    /// The key's role; `None` when its permissions were given one by one.
    pub role: Option<Role>,
    /// What the key may do.
    pub permissions: Vec<Permission>,
    /// The only customer it may see.
    pub customer: Option<CustomerId>,
    /// The person behind the key.
    pub owner: String,
}

impl Caller {
    /// The service itself, at work for a tenant without being asked. It is no key, and events and audit name none.
    #[must_use]
    pub fn service(tenant: TenantId) -> Self {
        Self {
            tenant,
            key: ApiKeyId::from_uuid(Uuid::nil()),
            name: SERVICE.to_owned(),
            role: None,
            permissions: Vec::new(),
            customer: None,
            owner: SERVICE.to_owned(),
        }
    }

    /// What the caller's queries may touch.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { tenant: self.tenant, customer: self.customer }
    }

    /// Whether the caller may do this.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the database has no page token key, because its schema is missing; or when a sealing key is none.
    pub async fn new(
        db: Db,
        clock: Clock,
        entropy: Entropy,
        presentation: Presentation,
        settings: Settings,
    ) -> Result<Self, Error> {
        let key = secrets::page_token_key(&db.reader()).await?;
        let key = key.ok_or_else(|| Error::Fault("the database has no page token key".to_owned()))?;
        let sealing_key = secrets::sealing_key(&db.reader()).await?;
        let sealing_key = sealing_key.ok_or_else(|| Error::Fault("the database has no sealing key".to_owned()))?;
        Ok(Self {
            db,
            clock,
            pages: PageTokens::new(&key),
            presentation,
            seals: Seals::new(&settings.sealing_keys, &sealing_key)?,
            settings,
            failing: Failing::default(),
            gate: Gate::default(),
            writes: Semaphore::new(MAX_WRITES),
            stream_reads: Semaphore::new(MAX_STREAM_READS),
            tasks: TaskTracker::new(),
            uses: access::Uses::default(),
            sessions: access::Sessions::default(),
            signals: Signals::default(),
            process: entropy.process(),
            entropy,
        })
    }

    /// Waits until every write that has begun is over. The caller sees to it that no new one begins.
    pub async fn finish_writes(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A worker's piece of work with the database. A peer that vanished without a word would keep it waiting for ever.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(WORK_TIMEOUT, work).await.unwrap_or(Err(Error::Overloaded))
}
