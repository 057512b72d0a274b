//! Payments and refunds. That refunds stay within what was paid is a CHECK of the order; here they stay within their payment.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Orders {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Payments {
    Table,
    Id,
    TenantId,
    OrderId,
    CustomerId,
    CurrencyCode,
    Amount,
    Provider,
    ProviderReference,
    Status,
    RefundClaims,
    Reference,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
    VoidTime,
}

#[derive(DeriveIden)]
enum Refunds {
    Table,
    Id,
    TenantId,
    OrderId,
    CustomerId,
    PaymentId,
    CurrencyCode,
    Amount,
    Status,
    Reason,
    FailureReason,
    Reference,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
    SucceedTime,
    FailTime,
    CancelTime,
}

#[derive(DeriveIden)]
enum RefundItems {
    Table,
    RefundId,
    ItemId,
    Position,
    Quantity,
    Amount,
}

/// Every index: its table, its name, its columns, whether it is unique, and the column without which a row is not in it.
type IndexOf = (&'static str, &'static str, &'static [&'static str], bool, Option<&'static str>);

const INDEXES: [IndexOf; 13] = [
    ("payments", "payments_page", &["tenant_id", "create_time", "id"], false, None),
    ("payments", "payments_order_page", &["tenant_id", "order_id", "create_time", "id"], false, None),
    ("payments", "payments_customer_page", &["tenant_id", "customer_id", "create_time", "id"], false, None),
    ("payments", "payments_status_page", &["tenant_id", "status", "create_time", "id"], false, None),
    ("payments", "payments_provider_page", &["tenant_id", "provider", "create_time", "id"], false, None),
    ("payments", "payments_provider_reference", &["tenant_id", "provider", "provider_reference"], true, None),
    ("payments", "payments_reference", &["tenant_id", "customer_id", "reference"], true, Some("reference")),
    ("refunds", "refunds_page", &["tenant_id", "create_time", "id"], false, None),
    ("refunds", "refunds_order_page", &["tenant_id", "order_id", "create_time", "id"], false, None),
    ("refunds", "refunds_customer_page", &["tenant_id", "customer_id", "create_time", "id"], false, None),
    ("refunds", "refunds_payment_page", &["tenant_id", "payment_id", "create_time", "id"], false, Some("payment_id")),
    ("refunds", "refunds_status_page", &["tenant_id", "status", "create_time", "id"], false, None),
    ("refunds", "refunds_reference", &["tenant_id", "customer_id", "reference"], true, Some("reference")),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [payments(), refunds(), refund_items()] {
            manager.create_table(table).await?;
        }
        for (table, name, columns, is_unique, present) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            if is_unique {
                index.unique();
            }
            if let Some(column) = present {
                index.and_where(Expr::col(column).is_not_null());
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["refund_items", "refunds", "payments"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// An amount in minor units above zero.
fn amount(name: impl IntoIden) -> ColumnDef {
    let name = name.into_iden();
    long(name.clone()).check(Expr::col(name).gt(0)).take()
}

fn payments() -> TableCreateStatement {
    let claims = Expr::col(Payments::RefundClaims)
        .gte(0)
        .and(Expr::col(Payments::RefundClaims).lte(Expr::col(Payments::Amount)));
    let is_free = Expr::col(Payments::Status).ne("VOIDED").or(Expr::col(Payments::RefundClaims).eq(0));
    Table::create()
        .table(Payments::Table)
        .col(id(Payments::Id).primary_key())
        .col(id(Payments::TenantId))
        .col(id(Payments::OrderId))
        .col(id(Payments::CustomerId))
        .col(text(Payments::CurrencyCode))
        .col(amount(Payments::Amount))
        .col(text(Payments::Provider))
        .col(text(Payments::ProviderReference))
        .col(text(Payments::Status))
        .col(long(Payments::RefundClaims))
        .col(ColumnDef::new(Payments::Reference).text())
        .col(json(Payments::Metadata))
        .col(long(Payments::Version))
        .col(long(Payments::CreateTime))
        .col(long(Payments::UpdateTime))
        .col(maybe_time(Payments::VoidTime))
        .check(claims)
        .check(is_free)
        .foreign_key(ForeignKey::create().from(Payments::Table, Payments::OrderId).to(Orders::Table, Orders::Id))
        .to_owned()
}

fn refunds() -> TableCreateStatement {
    Table::create()
        .table(Refunds::Table)
        .col(id(Refunds::Id).primary_key())
        .col(id(Refunds::TenantId))
        .col(id(Refunds::OrderId))
        .col(id(Refunds::CustomerId))
        .col(ColumnDef::new(Refunds::PaymentId).uuid())
        .col(text(Refunds::CurrencyCode))
        .col(amount(Refunds::Amount))
        .col(text(Refunds::Status))
        .col(text(Refunds::Reason))
        .col(text(Refunds::FailureReason))
        .col(ColumnDef::new(Refunds::Reference).text())
        .col(json(Refunds::Metadata))
        .col(long(Refunds::Version))
        .col(long(Refunds::CreateTime))
        .col(long(Refunds::UpdateTime))
        .col(maybe_time(Refunds::SucceedTime))
        .col(maybe_time(Refunds::FailTime))
        .col(maybe_time(Refunds::CancelTime))
        .foreign_key(ForeignKey::create().from(Refunds::Table, Refunds::OrderId).to(Orders::Table, Orders::Id))
        .foreign_key(ForeignKey::create().from(Refunds::Table, Refunds::PaymentId).to(Payments::Table, Payments::Id))
        .to_owned()
}

fn refund_items() -> TableCreateStatement {
    let integer = |name| ColumnDef::new(name).integer().not_null().take();
    Table::create()
        .table(RefundItems::Table)
        .col(id(RefundItems::RefundId))
        .col(id(RefundItems::ItemId))
        .col(integer(RefundItems::Position))
        .col(integer(RefundItems::Quantity).check(Expr::col(RefundItems::Quantity).gt(0)).take())
        .col(long(RefundItems::Amount).check(Expr::col(RefundItems::Amount).gte(0)).take())
        .primary_key(Index::create().col(RefundItems::RefundId).col(RefundItems::ItemId))
        .foreign_key(
            ForeignKey::create().from(RefundItems::Table, RefundItems::RefundId).to(Refunds::Table, Refunds::Id),
        )
        .to_owned()
}
