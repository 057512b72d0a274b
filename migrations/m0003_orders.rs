//! Orders and their lines.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Customers {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Products {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Orders {
    Table,
    Id,
    TenantId,
    CustomerId,
    CurrencyCode,
    Status,
    PaymentStatus,
    FulfillmentStatus,
    Subtotal,
    DiscountTotal,
    TaxTotal,
    Total,
    CanceledTotal,
    PaidTotal,
    RefundedTotal,
    AmountDue,
    TaxMode,
    RoundingMode,
    ShippingAddress,
    BillingAddress,
    Note,
    Reference,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
    PlaceTime,
}

#[derive(DeriveIden)]
enum OrderItems {
    Table,
    Id,
    OrderId,
    Position,
    ProductId,
    Sku,
    Name,
    Quantity,
    UnitPrice,
    Discount,
    Tax,
    Total,
    QuantityCanceled,
    QuantityShipped,
    QuantityReturned,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(orders()).await?;
        manager.create_table(order_items()).await?;
        manager.create_index(index("orders_page", &[Orders::TenantId, Orders::CreateTime, Orders::Id])).await?;
        let by_customer = [Orders::TenantId, Orders::CustomerId, Orders::CreateTime, Orders::Id];
        manager.create_index(index("orders_customer_page", &by_customer)).await?;
        let by_status = [Orders::TenantId, Orders::Status, Orders::CreateTime, Orders::Id];
        manager.create_index(index("orders_status_page", &by_status)).await?;
        let reference = [Orders::TenantId, Orders::CustomerId, Orders::Reference];
        manager.create_index(index("orders_reference", &reference).unique().to_owned()).await?;
        let position =
            Index::create().name("order_items_position").table(OrderItems::Table).col(OrderItems::OrderId).to_owned();
        manager.create_index(position.clone().col(OrderItems::Position).unique().to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(OrderItems::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Orders::Table).to_owned()).await
    }
}

fn index(name: &str, columns: &[Orders]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(Orders::Table).to_owned();
    for column in columns {
        index.col(column.to_string());
    }
    index
}

/// An amount in minor units that is never below zero.
fn amount(name: impl IntoIden) -> ColumnDef {
    let name = name.into_iden();
    long(name.clone()).check(Expr::col(name).gte(0)).take()
}

/// A count of units that is never below zero.
fn units(name: impl IntoIden) -> ColumnDef {
    let name = name.into_iden();
    ColumnDef::new(name.clone()).integer().not_null().check(Expr::col(name).gte(0)).take()
}

fn orders() -> TableCreateStatement {
    Table::create()
        .table(Orders::Table)
        .col(id(Orders::Id).primary_key())
        .col(id(Orders::TenantId))
        .col(id(Orders::CustomerId))
        .col(text(Orders::CurrencyCode))
        .col(text(Orders::Status))
        .col(text(Orders::PaymentStatus))
        .col(text(Orders::FulfillmentStatus))
        .col(amount(Orders::Subtotal))
        .col(amount(Orders::DiscountTotal))
        .col(amount(Orders::TaxTotal))
        .col(amount(Orders::Total))
        .col(amount(Orders::CanceledTotal))
        .col(amount(Orders::PaidTotal))
        .col(amount(Orders::RefundedTotal))
        .col(amount(Orders::AmountDue))
        .col(text(Orders::TaxMode))
        .col(text(Orders::RoundingMode))
        .col(ColumnDef::new(Orders::ShippingAddress).json_binary())
        .col(ColumnDef::new(Orders::BillingAddress).json_binary())
        .col(text(Orders::Note))
        .col(ColumnDef::new(Orders::Reference).text())
        .col(json(Orders::Metadata))
        .col(long(Orders::Version))
        .col(long(Orders::CreateTime))
        .col(long(Orders::UpdateTime))
        .col(maybe_time(Orders::PlaceTime))
        .foreign_key(ForeignKey::create().from(Orders::Table, Orders::CustomerId).to(Customers::Table, Customers::Id))
        .to_owned()
}

fn order_items() -> TableCreateStatement {
    Table::create()
        .table(OrderItems::Table)
        .col(id(OrderItems::Id).primary_key())
        .col(id(OrderItems::OrderId))
        .col(units(OrderItems::Position))
        .col(id(OrderItems::ProductId))
        .col(text(OrderItems::Sku))
        .col(text(OrderItems::Name))
        .col(units(OrderItems::Quantity))
        .col(amount(OrderItems::UnitPrice))
        .col(amount(OrderItems::Discount))
        .col(amount(OrderItems::Tax))
        .col(amount(OrderItems::Total))
        .col(units(OrderItems::QuantityCanceled))
        .col(units(OrderItems::QuantityShipped))
        .col(units(OrderItems::QuantityReturned))
        .foreign_key(ForeignKey::create().from(OrderItems::Table, OrderItems::OrderId).to(Orders::Table, Orders::Id))
        .foreign_key(
            ForeignKey::create().from(OrderItems::Table, OrderItems::ProductId).to(Products::Table, Products::Id),
        )
        .to_owned()
}
