//! Products with their prices, and customers.

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
enum Products {
    Table,
    Id,
    TenantId,
    Sku,
    Name,
    Description,
    TaxRateBps,
    TrackInventory,
    Status,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
    ArchiveTime,
}

#[derive(DeriveIden)]
enum ProductPrices {
    Table,
    ProductId,
    CurrencyCode,
    Position,
    MinorUnits,
}

#[derive(DeriveIden)]
enum Customers {
    Table,
    Id,
    TenantId,
    Name,
    Email,
    Company,
    Addresses,
    Reference,
    Metadata,
    Version,
    CreateTime,
    UpdateTime,
    EraseTime,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(products()).await?;
        manager.create_table(product_prices()).await?;
        manager.create_table(customers()).await?;
        manager.create_index(unique_sku()).await?;
        manager.create_index(unique_customer_reference()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Customers::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ProductPrices::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Products::Table).to_owned()).await
    }
}

fn products() -> TableCreateStatement {
    Table::create()
        .table(Products::Table)
        .col(id(Products::Id).primary_key())
        .col(id(Products::TenantId))
        .col(text(Products::Sku))
        .col(text(Products::Name))
        .col(text(Products::Description))
        .col(
            ColumnDef::new(Products::TaxRateBps)
                .integer()
                .not_null()
                .check(Expr::col(Products::TaxRateBps).between(0, 10_000)),
        )
        .col(ColumnDef::new(Products::TrackInventory).boolean().not_null())
        .col(text(Products::Status))
        .col(json(Products::Metadata))
        .col(long(Products::Version))
        .col(long(Products::CreateTime))
        .col(long(Products::UpdateTime))
        .col(maybe_time(Products::ArchiveTime))
        .foreign_key(ForeignKey::create().from(Products::Table, Products::TenantId).to(Tenants::Table, Tenants::Id))
        .to_owned()
}

fn product_prices() -> TableCreateStatement {
    Table::create()
        .table(ProductPrices::Table)
        .col(id(ProductPrices::ProductId))
        .col(text(ProductPrices::CurrencyCode))
        .col(ColumnDef::new(ProductPrices::Position).integer().not_null())
        .col(long(ProductPrices::MinorUnits).check(Expr::col(ProductPrices::MinorUnits).gte(0)))
        .primary_key(Index::create().col(ProductPrices::ProductId).col(ProductPrices::CurrencyCode))
        .foreign_key(
            ForeignKey::create().from(ProductPrices::Table, ProductPrices::ProductId).to(Products::Table, Products::Id),
        )
        .to_owned()
}

fn customers() -> TableCreateStatement {
    Table::create()
        .table(Customers::Table)
        .col(id(Customers::Id).primary_key())
        .col(id(Customers::TenantId))
        .col(text(Customers::Name))
        .col(text(Customers::Email))
        .col(text(Customers::Company))
        .col(json(Customers::Addresses))
        .col(ColumnDef::new(Customers::Reference).text())
        .col(json(Customers::Metadata))
        .col(long(Customers::Version))
        .col(long(Customers::CreateTime))
        .col(long(Customers::UpdateTime))
        .col(maybe_time(Customers::EraseTime))
        .foreign_key(ForeignKey::create().from(Customers::Table, Customers::TenantId).to(Tenants::Table, Tenants::Id))
        .to_owned()
}

fn unique_sku() -> IndexCreateStatement {
    Index::create()
        .name("products_sku")
        .table(Products::Table)
        .col(Products::TenantId)
        .col(Products::Sku)
        .unique()
        .to_owned()
}

fn unique_customer_reference() -> IndexCreateStatement {
    Index::create()
        .name("customers_reference")
        .table(Customers::Table)
        .col(Customers::TenantId)
        .col(Customers::Reference)
        .unique()
        .to_owned()
}
