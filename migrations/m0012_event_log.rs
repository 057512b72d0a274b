//! The order of events, and who of several processes does what one of them has to do.
//!
//! A row of the log is written with its event and gets its sequence when both are committed, so that no event ever appears
//! behind one that somebody has read. Rows are narrow: numbering writes them once more. The database writes them itself: so do
//! events get into the log that the release before tells while processes are replaced one by one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::{id, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Events that are there already, in the order in which they were told.
const NUMBER_ALL: [&str; 2] = [
    "INSERT INTO event_log (event_id, tenant_id) SELECT id, tenant_id FROM events ORDER BY create_time, resource_sequence, id",
    "UPDATE event_log SET sequence = number",
];

/// On SQLite, which has one writer, the next sequence is known at once.
const LOG_SQLITE: &str = "CREATE TRIGGER events_are_logged AFTER INSERT ON events BEGIN \
     INSERT INTO event_log (event_id, tenant_id, sequence) \
     VALUES (NEW.id, NEW.tenant_id, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM event_log)); END";

const LOG_POSTGRES: [&str; 2] = [
    "CREATE FUNCTION log_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO event_log (event_id, tenant_id) VALUES (NEW.id, NEW.tenant_id); RETURN NULL; END $$",
    "CREATE TRIGGER events_are_logged AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION log_event()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(event_log()).await?;
        let index = |name: &str| Index::create().name(name).table("event_log").to_owned();
        manager.create_index(index("event_log_event").unique().col("event_id").to_owned()).await?;
        manager.create_index(index("event_log_sequence").unique().col("sequence").to_owned()).await?;
        manager.create_index(index("event_log_tenant").col("tenant_id").col("sequence").to_owned()).await?;
        let waiting = index("event_log_waiting").col("number").and_where(Expr::col("sequence").is_null()).to_owned();
        manager.create_index(waiting).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Sqlite => &[LOG_SQLITE][..],
            _ => &LOG_POSTGRES[..],
        };
        // The trigger first: from then on whoever tells an event waits until the copy below is committed, and is logged.
        for statement in triggers.iter().chain(&NUMBER_ALL) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.create_table(leases()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("leases").to_owned()).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Sqlite => "DROP TRIGGER events_are_logged",
            _ => "DROP TRIGGER events_are_logged ON events; DROP FUNCTION log_event",
        };
        manager.get_connection().execute_unprepared(triggers).await?;
        manager.drop_table(Table::drop().table("event_log").to_owned()).await
    }
}

fn event_log() -> TableCreateStatement {
    Table::create()
        .table("event_log")
        .col(ColumnDef::new("number").big_integer().not_null().auto_increment().primary_key())
        .col(id("event_id"))
        .col(id("tenant_id"))
        .col(ColumnDef::new("sequence").big_integer())
        .to_owned()
}

fn leases() -> TableCreateStatement {
    Table::create()
        .table("leases")
        .col(text("name").primary_key())
        .col(id("holder"))
        .col(ColumnDef::new("until").big_integer().not_null())
        .to_owned()
}
