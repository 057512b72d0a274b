//! Webhook endpoints, their deliveries and every attempt; and the key that seals secrets where none was set.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// How many bytes a sealing key has.
const KEY_BYTES: usize = 32;

/// The key that seals secrets, among the secrets of the installation.
const SEALING_KEY: &str = "sealing_key";

const ENDPOINTS: &str = "webhook_endpoints";
const DELIVERIES: &str = "webhook_deliveries";
const ATTEMPTS: &str = "webhook_attempts";

/// The indexes that lists read along: the table, the name and the columns.
const INDEXES: [(&str, &str, &[&str]); 5] = [
    (ENDPOINTS, "webhook_endpoints_page", &["tenant_id", "create_time", "id"]),
    (DELIVERIES, "webhook_deliveries_page", &["tenant_id", "create_time", "id"]),
    (DELIVERIES, "webhook_deliveries_status_page", &["tenant_id", "status", "create_time", "id"]),
    (DELIVERIES, "webhook_deliveries_endpoint_page", &["tenant_id", "endpoint_id", "create_time", "id"]),
    (DELIVERIES, "webhook_deliveries_event_page", &["tenant_id", "event_id", "create_time", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(endpoints()).await?;
        manager.create_table(deliveries()).await?;
        manager.create_table(attempts()).await?;
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        for index in [reference(), once_an_event(), due(), in_order()] {
            manager.create_index(index).await?;
        }
        manager.execute(sealing_key()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [ATTEMPTS, DELIVERIES, ENDPOINTS] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let key = Query::delete().from_table("server_secrets").and_where(Expr::col("name").eq(SEALING_KEY)).to_owned();
        manager.execute(key).await
    }
}

/// `cursor` is how far events were assigned. The lease says which process sends: its token grows with each holder, so that one
/// that lost it writes nothing any more.
fn endpoints() -> TableCreateStatement {
    Table::create()
        .table(ENDPOINTS)
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(text("url"))
        .col(json("event_types"))
        .col(text("description"))
        .col(text("status"))
        .col(ColumnDef::new("disable_reason").text())
        .col(text("secret"))
        .col(ColumnDef::new("previous_secret").text())
        .col(maybe_time("previous_secret_expire_time"))
        .col(maybe_time("failing_since"))
        .col(ColumnDef::new("reference").text())
        .col(json("metadata"))
        .col(long("cursor"))
        .col(ColumnDef::new("lease_holder").uuid())
        .col(long("lease_token").default(0))
        .col(long("lease_until").default(0))
        .col(ColumnDef::new("is_deleted").boolean().not_null().default(false))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .foreign_key(ForeignKey::create().from(ENDPOINTS, "tenant_id").to("tenants", "id"))
        .to_owned()
}

/// `next_attempt_time` is when it is tried, `scheduled_time` when the schedule wants it: a receiver that is well again may be
/// tried earlier, and that counts for nothing if it fails.
fn deliveries() -> TableCreateStatement {
    Table::create()
        .table(DELIVERIES)
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("endpoint_id"))
        .col(id("event_id"))
        .col(text("event_type"))
        .col(id("resource_id"))
        .col(long("resource_sequence"))
        .col(text("status"))
        .col(ColumnDef::new("attempt_count").integer().not_null())
        .col(ColumnDef::new("step").integer().not_null())
        .col(maybe_time("next_attempt_time"))
        .col(maybe_time("scheduled_time"))
        .col(maybe_time("deliver_time"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .foreign_key(
            ForeignKey::create()
                .from(DELIVERIES, "endpoint_id")
                .to(ENDPOINTS, "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn attempts() -> TableCreateStatement {
    Table::create()
        .table(ATTEMPTS)
        .col(id("delivery_id"))
        .col(ColumnDef::new("number").integer().not_null())
        .col(text("url"))
        .col(ColumnDef::new("response_status").integer().not_null())
        .col(text("response_body"))
        .col(text("error"))
        .col(long("duration"))
        .col(long("create_time"))
        .primary_key(Index::create().col("delivery_id").col("number"))
        .foreign_key(
            ForeignKey::create()
                .from(ATTEMPTS, "delivery_id")
                .to(DELIVERIES, "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn reference() -> IndexCreateStatement {
    let index = Index::create().name("webhook_endpoints_reference").table(ENDPOINTS).unique().to_owned();
    index.clone().col("tenant_id").col("reference").to_owned()
}

fn once_an_event() -> IndexCreateStatement {
    let index = Index::create().name("webhook_deliveries_once").table(DELIVERIES).unique().to_owned();
    index.clone().col("endpoint_id").col("event_id").to_owned()
}

/// What waits to be sent, by the time that it is due.
fn due() -> IndexCreateStatement {
    let index = Index::create().name("webhook_deliveries_due").table(DELIVERIES).to_owned();
    index.clone().col("endpoint_id").col("next_attempt_time").and_where(Expr::col("status").eq("PENDING")).to_owned()
}

/// What waits to be sent of one thing, in the order of its changes.
fn in_order() -> IndexCreateStatement {
    let index = Index::create().name("webhook_deliveries_order").table(DELIVERIES).to_owned();
    let index = index.clone().col("endpoint_id").col("resource_id").col("resource_sequence").to_owned();
    index.clone().and_where(Expr::col("status").eq("PENDING")).to_owned()
}

/// Made here, so that every replica on this database opens what the others have sealed.
#[allow(clippy::disallowed_methods, reason = "a migration is handed nothing but the database")]
fn sealing_key() -> Result<InsertStatement, DbErr> {
    let mut key = vec![0_u8; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| DbErr::Migration(error.to_string()))?;
    let mut insert = Query::insert().into_table("server_secrets").columns(["name", "value"]).to_owned();
    let values = [Expr::val(SEALING_KEY), Expr::val(key)];
    insert.values(values).map_err(|error| DbErr::Migration(error.to_string()))?;
    Ok(insert)
}
