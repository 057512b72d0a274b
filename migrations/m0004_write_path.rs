//! What every write leaves beside its effect: its key, its events, its audit row.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdempotencyKeys {
    Table,
    TenantId,
    PrincipalId,
    Method,
    Key,
    Fingerprint,
    Reply,
    CreateTime,
}

#[derive(DeriveIden)]
enum Events {
    Table,
    Id,
    TenantId,
    CustomerId,
    Type,
    ResourceType,
    ResourceId,
    ResourceSequence,
    Data,
    ActorId,
    CreateTime,
}

#[derive(DeriveIden)]
enum AuditEvents {
    Table,
    Id,
    TenantId,
    ActorId,
    Owner,
    Method,
    ResourceType,
    ResourceId,
    RequestId,
    CreateTime,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(idempotency_keys()).await?;
        manager.create_table(events()).await?;
        manager.create_table(audit_events()).await?;
        let expiry = Index::create().name("idempotency_keys_expiry").table(IdempotencyKeys::Table).to_owned();
        manager.create_index(expiry.clone().col(IdempotencyKeys::CreateTime).to_owned()).await?;
        let sequence = Index::create().name("events_resource").table(Events::Table).unique().to_owned();
        let sequence = sequence.clone().col(Events::ResourceId).col(Events::ResourceSequence).to_owned();
        manager.create_index(sequence).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(AuditEvents::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Events::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(IdempotencyKeys::Table).to_owned()).await
    }
}

fn idempotency_keys() -> TableCreateStatement {
    Table::create()
        .table(IdempotencyKeys::Table)
        .col(id(IdempotencyKeys::TenantId))
        .col(id(IdempotencyKeys::PrincipalId))
        .col(text(IdempotencyKeys::Method))
        .col(text(IdempotencyKeys::Key))
        .col(ColumnDef::new(IdempotencyKeys::Fingerprint).binary().not_null())
        .col(ColumnDef::new(IdempotencyKeys::Reply).binary())
        .col(maybe_time(IdempotencyKeys::CreateTime).not_null())
        .primary_key(
            Index::create()
                .col(IdempotencyKeys::TenantId)
                .col(IdempotencyKeys::PrincipalId)
                .col(IdempotencyKeys::Method)
                .col(IdempotencyKeys::Key),
        )
        .to_owned()
}

fn events() -> TableCreateStatement {
    Table::create()
        .table(Events::Table)
        .col(id(Events::Id).primary_key())
        .col(id(Events::TenantId))
        .col(ColumnDef::new(Events::CustomerId).uuid())
        .col(text(Events::Type))
        .col(text(Events::ResourceType))
        .col(id(Events::ResourceId))
        .col(long(Events::ResourceSequence))
        .col(json(Events::Data))
        .col(id(Events::ActorId))
        .col(long(Events::CreateTime))
        .to_owned()
}

fn audit_events() -> TableCreateStatement {
    Table::create()
        .table(AuditEvents::Table)
        .col(id(AuditEvents::Id).primary_key())
        .col(id(AuditEvents::TenantId))
        .col(id(AuditEvents::ActorId))
        .col(text(AuditEvents::Owner))
        .col(text(AuditEvents::Method))
        .col(text(AuditEvents::ResourceType))
        .col(id(AuditEvents::ResourceId))
        .col(text(AuditEvents::RequestId))
        .col(long(AuditEvents::CreateTime))
        .to_owned()
}
