//! Shipments and returns, with their lines. How many units of an order's line they may have together, that line says: it is
//! theirs to count there.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Only of shipments that have a number.
const BY_TRACKING: &str = "shipments_tracking_page";

/// Every index: its table, its name and its columns.
const INDEXES: [(&str, &str, &[&str]); 9] = [
    ("shipments", "shipments_page", &["tenant_id", "create_time", "id"]),
    ("shipments", "shipments_order_page", &["tenant_id", "order_id", "create_time", "id"]),
    ("shipments", "shipments_customer_page", &["tenant_id", "customer_id", "create_time", "id"]),
    ("shipments", "shipments_status_page", &["tenant_id", "status", "create_time", "id"]),
    ("shipments", BY_TRACKING, &["tenant_id", "tracking_number", "create_time", "id"]),
    ("returns", "returns_page", &["tenant_id", "create_time", "id"]),
    ("returns", "returns_order_page", &["tenant_id", "order_id", "create_time", "id"]),
    ("returns", "returns_customer_page", &["tenant_id", "customer_id", "create_time", "id"]),
    ("returns", "returns_status_page", &["tenant_id", "status", "create_time", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [shipments(), shipment_items(), returns(), return_items()] {
            manager.create_table(table).await?;
        }
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            if name == BY_TRACKING {
                index.and_where(Expr::col("tracking_number").is_not_null());
            }
            manager.create_index(index).await?;
        }
        for (table, name) in [("shipments", "shipments_reference"), ("returns", "returns_reference")] {
            let mut index = Index::create().name(name).table(table).unique().to_owned();
            index.col("tenant_id").col("customer_id").col("reference");
            index.and_where(Expr::col("reference").is_not_null());
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["return_items", "returns", "shipment_items", "shipments"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// What shipments and returns have alike. The customer is that of the order, which has the foreign key: one of their own would
/// lock the customer after the order, and erasing locks them the other way round.
fn head(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("order_id"))
        .col(id("customer_id"))
        .col(text("status"))
        .col(ColumnDef::new("reference").text())
        .col(json("metadata"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .foreign_key(ForeignKey::create().from(table, "order_id").to("orders", "id"))
        .to_owned()
}

/// What the lines of both have alike. Lines of orders are written anew by edits, so that no foreign key can name them.
fn lines(table: &'static str, head: &'static str, of: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(id(of))
        .col(id("item_id"))
        .col(units("position"))
        .col(id("product_id"))
        .col(text("sku"))
        .col(ColumnDef::new("quantity").integer().not_null().check(Expr::col("quantity").gte(1)))
        .primary_key(Index::create().col(of).col("item_id"))
        .foreign_key(ForeignKey::create().from(table, of).to(head, "id"))
        .to_owned()
}

fn shipments() -> TableCreateStatement {
    head("shipments")
        .col(ColumnDef::new("location_id").uuid())
        .col(text("carrier"))
        .col(ColumnDef::new("tracking_number").text())
        .col(text("tracking_url"))
        .col(maybe_time("deliver_time"))
        .col(maybe_time("cancel_time"))
        .col(text("cancel_reason"))
        .to_owned()
}

fn shipment_items() -> TableCreateStatement {
    lines("shipment_items", "shipments", "shipment_id")
        .col(ColumnDef::new("is_counted").boolean().not_null())
        .to_owned()
}

fn returns() -> TableCreateStatement {
    head("returns")
        .col(text("reason"))
        .col(text("reject_reason"))
        .col(maybe_time("authorize_time"))
        .col(maybe_time("receive_time"))
        .col(maybe_time("inspect_time"))
        .col(maybe_time("reject_time"))
        .col(maybe_time("close_time"))
        .to_owned()
}

fn return_items() -> TableCreateStatement {
    let decided =
        Expr::col("quantity_restocked").add(Expr::col("quantity_scrapped")).add(Expr::col("quantity_sent_back"));
    lines("return_items", "returns", "return_id")
        .col(units("quantity_received"))
        .col(units("quantity_restocked"))
        .col(units("quantity_scrapped"))
        .col(units("quantity_sent_back"))
        .check(Expr::col("quantity_received").lte(Expr::col("quantity")))
        .check(decided.lte(Expr::col("quantity_received")))
        .to_owned()
}

/// A count of units that is never below zero.
fn units(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().check(Expr::col(name).gte(0)).take()
}
