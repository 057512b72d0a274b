//! Approval policies, and the approvals that they ask for. A subject waits for one approval at a time.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Tenants {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum ApprovalPolicies {
    Table,
    Id,
    TenantId,
    Name,
    Subject,
    Tiers,
    ExpiresAfter,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
}

#[derive(DeriveIden)]
enum Approvals {
    Table,
    Id,
    TenantId,
    CustomerId,
    Subject,
    SubjectId,
    Status,
    CurrencyCode,
    Amount,
    DiscountBps,
    Role,
    PolicyIds,
    RequestedBy,
    RequesterId,
    Authors,
    Reason,
    DecidedBy,
    DeciderId,
    DecideTime,
    ExpireTime,
    Version,
    CreateTime,
    UpdateTime,
}

/// The indexes that lists, erasing and the sweep read along: the table, the name and the columns.
const INDEXES: [(&str, &str, &[&str]); 7] = [
    ("approval_policies", "approval_policies_page", &["tenant_id", "create_time", "id"]),
    ("approval_policies", "approval_policies_subject_page", &["tenant_id", "subject", "create_time", "id"]),
    ("approvals", "approvals_page", &["tenant_id", "create_time", "id"]),
    ("approvals", "approvals_status_page", &["tenant_id", "status", "create_time", "id"]),
    ("approvals", "approvals_subject_page", &["tenant_id", "subject_id", "create_time", "id"]),
    ("approvals", "approvals_customer", &["tenant_id", "customer_id"]),
    ("approvals", "approvals_due", &["status", "expire_time"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(policies()).await?;
        manager.create_table(approvals()).await?;
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.create_index(one_pending()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Approvals::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ApprovalPolicies::Table).to_owned()).await
    }
}

fn policies() -> TableCreateStatement {
    use ApprovalPolicies as Column;
    Table::create()
        .table(Column::Table)
        .col(id(Column::Id).primary_key())
        .col(id(Column::TenantId))
        .col(text(Column::Name))
        .col(text(Column::Subject))
        .col(json(Column::Tiers))
        .col(long(Column::ExpiresAfter).check(Expr::col(Column::ExpiresAfter).gt(0)))
        .col(json(Column::Metadata))
        .col(long(Column::Version))
        .col(long(Column::CreateTime))
        .col(long(Column::UpdateTime))
        .foreign_key(ForeignKey::create().from(Column::Table, Column::TenantId).to(Tenants::Table, Tenants::Id))
        .to_owned()
}

/// The customer is that of the subject, which names it by a foreign key. A second one here would lock the customer after the
/// subject, in the order that others do not.
fn approvals() -> TableCreateStatement {
    use Approvals as Column;
    Table::create()
        .table(Column::Table)
        .col(id(Column::Id).primary_key())
        .col(id(Column::TenantId))
        .col(id(Column::CustomerId))
        .col(text(Column::Subject))
        .col(id(Column::SubjectId))
        .col(text(Column::Status))
        .col(text(Column::CurrencyCode))
        .col(long(Column::Amount).check(Expr::col(Column::Amount).gte(0)))
        .col(
            ColumnDef::new(Column::DiscountBps)
                .integer()
                .not_null()
                .check(Expr::col(Column::DiscountBps).between(0, 10_000)),
        )
        .col(text(Column::Role))
        .col(json(Column::PolicyIds))
        .col(text(Column::RequestedBy))
        .col(id(Column::RequesterId))
        .col(json(Column::Authors))
        .col(text(Column::Reason))
        .col(text(Column::DecidedBy))
        .col(ColumnDef::new(Column::DeciderId).uuid())
        .col(maybe_time(Column::DecideTime))
        .col(long(Column::ExpireTime))
        .col(long(Column::Version))
        .col(long(Column::CreateTime))
        .col(long(Column::UpdateTime))
        .foreign_key(ForeignKey::create().from(Column::Table, Column::TenantId).to(Tenants::Table, Tenants::Id))
        .to_owned()
}

fn one_pending() -> IndexCreateStatement {
    Index::create()
        .name("approvals_pending")
        .table(Approvals::Table)
        .col(Approvals::Subject)
        .col(Approvals::SubjectId)
        .unique()
        .and_where(Expr::col(Approvals::Status).eq("PENDING"))
        .to_owned()
}
