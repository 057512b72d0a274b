//! Tenants, API keys, and the secrets that all replicas share.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

/// Length of the key that authenticates page tokens.
const PAGE_TOKEN_KEY_BYTES: usize = 32;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Tenants {
    Table,
    Id,
    Name,
    TaxMode,
    RoundingMode,
    UnpaidExpiry,
    Version,
    CreateTime,
    UpdateTime,
}

#[derive(DeriveIden)]
enum ApiKeys {
    Table,
    Id,
    TenantId,
    Name,
    Role,
    Permissions,
    CustomerId,
    Owner,
    SecretHash,
    ExpireTime,
    RevokeTime,
    LastUsedTime,
    Version,
    CreateTime,
    UpdateTime,
}

#[derive(DeriveIden)]
enum ServerSecrets {
    Table,
    Name,
    Value,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tenants()).await?;
        manager.create_table(api_keys()).await?;
        manager.create_table(server_secrets()).await?;
        manager.execute(page_token_key()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ServerSecrets::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ApiKeys::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Tenants::Table).to_owned()).await
    }
}

fn tenants() -> TableCreateStatement {
    Table::create()
        .table(Tenants::Table)
        .col(id(Tenants::Id).primary_key())
        .col(text(Tenants::Name))
        .col(text(Tenants::TaxMode))
        .col(text(Tenants::RoundingMode))
        .col(maybe_time(Tenants::UnpaidExpiry))
        .col(long(Tenants::Version))
        .col(long(Tenants::CreateTime))
        .col(long(Tenants::UpdateTime))
        .to_owned()
}

fn api_keys() -> TableCreateStatement {
    Table::create()
        .table(ApiKeys::Table)
        .col(id(ApiKeys::Id).primary_key())
        .col(id(ApiKeys::TenantId))
        .col(text(ApiKeys::Name))
        .col(text(ApiKeys::Role))
        .col(json(ApiKeys::Permissions))
        .col(ColumnDef::new(ApiKeys::CustomerId).uuid())
        .col(text(ApiKeys::Owner))
        .col(ColumnDef::new(ApiKeys::SecretHash).binary().not_null().unique_key())
        .col(maybe_time(ApiKeys::ExpireTime))
        .col(maybe_time(ApiKeys::RevokeTime))
        .col(maybe_time(ApiKeys::LastUsedTime))
        .col(long(ApiKeys::Version))
        .col(long(ApiKeys::CreateTime))
        .col(long(ApiKeys::UpdateTime))
        .foreign_key(ForeignKey::create().from(ApiKeys::Table, ApiKeys::TenantId).to(Tenants::Table, Tenants::Id))
        .to_owned()
}

fn server_secrets() -> TableCreateStatement {
    Table::create()
        .table(ServerSecrets::Table)
        .col(text(ServerSecrets::Name).primary_key())
        .col(ColumnDef::new(ServerSecrets::Value).binary().not_null())
        .to_owned()
}

/// Made here, so that every replica on this database accepts the page tokens of the others.
#[allow(clippy::disallowed_methods, reason = "a migration is handed nothing but the database")]
fn page_token_key() -> Result<InsertStatement, DbErr> {
    let mut key = vec![0; PAGE_TOKEN_KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| DbErr::Migration(error.to_string()))?;
    let mut insert = Query::insert();
    insert.into_table(ServerSecrets::Table).columns([ServerSecrets::Name, ServerSecrets::Value]);
    insert.values([Expr::val("page_token"), Expr::val(key)]).map_err(|error| DbErr::Migration(error.to_string()))?;
    Ok(insert)
}
