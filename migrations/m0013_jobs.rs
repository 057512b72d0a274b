//! Jobs, reports, and the files of reports that are kept in the database.
//!
//! A job that runs has a lease and a token; a new attempt gets a new token, and whatever an attempt writes is guarded by its own.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Lists: table, name and columns.
const PAGES: [(&str, &str, &[&str]); 4] = [
    ("jobs", "jobs_page", &["tenant_id", "create_time", "id"]),
    ("jobs", "jobs_status_page", &["tenant_id", "status", "create_time", "id"]),
    ("reports", "reports_page", &["tenant_id", "create_time", "id"]),
    ("reports", "reports_status_page", &["tenant_id", "status", "create_time", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [jobs(), reports(), report_parts()] {
            manager.create_table(table).await?;
        }
        for (table, name, columns) in PAGES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let state = |state: &'static str| Expr::col("status").eq(state);
        // What workers look for, each in the order in which they take it.
        for (table, name, column, condition) in [
            ("jobs", "jobs_due", "run_time", state("QUEUED")),
            ("jobs", "jobs_leased", "lease_until", state("RUNNING")),
            ("jobs", "jobs_ended", "end_time", Expr::col("end_time").is_not_null()),
            ("reports", "reports_due", "expire_time", state("SUCCEEDED")),
        ] {
            let index = Index::create().name(name).table(table).col(column).and_where(condition).to_owned();
            manager.create_index(index).await?;
        }
        let of_job = Index::create().name("reports_job").table("reports").col("job_id").to_owned();
        manager.create_index(of_job).await?;
        let reference = Index::create()
            .name("reports_reference")
            .table("reports")
            .unique()
            .col("tenant_id")
            .col("reference")
            .and_where(Expr::col("reference").is_not_null())
            .to_owned();
        manager.create_index(reference).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["report_parts", "reports", "jobs"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn jobs() -> TableCreateStatement {
    let has_lease = Expr::col("lease_token").is_not_null().and(Expr::col("lease_until").is_not_null());
    Table::create()
        .table("jobs")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(text("type"))
        .col(text("status"))
        .col(ColumnDef::new("progress").integer().not_null())
        .col(ColumnDef::new("attempt").integer().not_null())
        .col(ColumnDef::new("max_attempts").integer().not_null())
        .col(long("run_time"))
        .col(ColumnDef::new("lease_token").uuid())
        .col(maybe_time("lease_until"))
        .col(ColumnDef::new("error_code").text())
        .col(text("error_message"))
        .col(text("resource_type"))
        .col(id("resource_id"))
        .col(maybe_time("start_time"))
        .col(maybe_time("end_time"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .check(Expr::col("attempt").lte(Expr::col("max_attempts")))
        .check(Expr::col("status").ne("RUNNING").or(has_lease))
        .to_owned()
}

fn reports() -> TableCreateStatement {
    Table::create()
        .table("reports")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("job_id"))
        .col(text("kind"))
        .col(text("format"))
        .col(text("status"))
        .col(maybe_time("create_time_after"))
        .col(maybe_time("create_time_before"))
        .col(ColumnDef::new("reference").text())
        .col(json("metadata"))
        .col(long("row_count"))
        .col(long("size_bytes"))
        .col(ColumnDef::new("file_token").uuid())
        .col(ColumnDef::new("file_parts").integer().not_null())
        .col(ColumnDef::new("file_object").text())
        .col(maybe_time("expire_time"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .foreign_key(ForeignKey::create().from("reports", "job_id").to("jobs", "id"))
        .to_owned()
}

/// A piece of a file, compressed. The attempt that made it is part of the key, so that two attempts never mix.
fn report_parts() -> TableCreateStatement {
    Table::create()
        .table("report_parts")
        .col(id("report_id"))
        .col(id("token"))
        .col(ColumnDef::new("number").integer().not_null())
        .col(ColumnDef::new("bytes").binary().not_null())
        .primary_key(Index::create().col("report_id").col("token").col("number"))
        .foreign_key(ForeignKey::create().from("report_parts", "report_id").to("reports", "id"))
        .to_owned()
}
