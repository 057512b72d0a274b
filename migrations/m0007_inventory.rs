//! Locations, stock, reservations and the ledger of movements.
//!
//! Every tenant gets its first location, whose code is `default`. Stock has no index on its counters, so that a claim touches
//! one page of its row and no index.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The first number that a counter cannot hold: every JSON client can hold all those below.
const TOO_MANY: i64 = 1 << 53;

/// The location that every tenant starts with has the UUID of the tenant: nothing else has, since ids of both kinds carry
/// their kind.
const DEFAULT_LOCATIONS: &str = "INSERT INTO locations (id, tenant_id, code, name, metadata, version, create_time, update_time) \
     SELECT id, id, 'default', 'Default', '{}', 1, create_time, create_time FROM tenants";

/// The lines of orders of which something is still to be shipped: whether a product is in use, and what orders hold of it.
const OPEN_LINES: &str = "order_items_open";

/// Every index: its table, its name and its columns.
const INDEXES: [(&str, &str, &[&str]); 18] = [
    ("locations", "locations_code", &["tenant_id", "code"]),
    ("locations", "locations_page", &["tenant_id", "create_time", "id"]),
    ("stock_levels", "stock_levels_place", &["product_id", "location_id"]),
    ("stock_levels", "stock_levels_page", &["tenant_id", "create_time", "id"]),
    ("stock_levels", "stock_levels_product_page", &["tenant_id", "product_id", "create_time", "id"]),
    ("stock_levels", "stock_levels_location_page", &["tenant_id", "location_id", "create_time", "id"]),
    ("reservations", "reservations_reference", &["tenant_id", "reference"]),
    ("reservations", "reservations_page", &["tenant_id", "create_time", "id"]),
    ("reservations", "reservations_status_page", &["tenant_id", "status", "create_time", "id"]),
    ("reservations", "reservations_due", &["status", "expire_time"]),
    ("reservation_lines", "reservation_lines_position", &["reservation_id", "position"]),
    ("reservation_lines", "reservation_lines_place", &["product_id", "location_id"]),
    (
        "reservation_lines",
        "reservation_lines_product_page",
        &["tenant_id", "product_id", "reservation_time", "reservation_id"],
    ),
    ("stock_movements", "stock_movements_page", &["tenant_id", "create_time", "id"]),
    ("stock_movements", "stock_movements_product_page", &["tenant_id", "product_id", "create_time", "id"]),
    ("stock_movements", "stock_movements_location_page", &["tenant_id", "location_id", "create_time", "id"]),
    ("stock_movements", "stock_movements_order_page", &["tenant_id", "order_id", "create_time", "id"]),
    ("stock_movements", "stock_movements_reservation_page", &["tenant_id", "reservation_id", "create_time", "id"]),
];

/// Indexes in which nothing stands twice.
const UNIQUE: [&str; 4] =
    ["locations_code", "stock_levels_place", "reservations_reference", "reservation_lines_position"];

/// Indexes of rows that have this column, and no others.
const WHERE_THERE: [(&str, &str); 3] = [
    ("reservations_reference", "reference"),
    ("stock_movements_order_page", "order_id"),
    ("stock_movements_reservation_page", "reservation_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [locations(), stock_levels(), reservations(), reservation_lines(), stock_movements()] {
            manager.create_table(table).await?;
        }
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            if UNIQUE.contains(&name) {
                index.unique();
            }
            if let Some((_, column)) = WHERE_THERE.iter().find(|(partial, _)| *partial == name) {
                index.and_where(Expr::col(*column).is_not_null());
            }
            manager.create_index(index).await?;
        }
        manager.create_index(open_lines()).await?;
        manager.get_connection().execute_unprepared(DEFAULT_LOCATIONS).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(OPEN_LINES).table("order_items").to_owned()).await?;
        for table in ["stock_movements", "reservation_lines", "reservations", "stock_levels", "locations"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn open_lines() -> IndexCreateStatement {
    let gone = Expr::col("quantity_canceled").add(Expr::col("quantity_shipped"));
    Index::create()
        .name(OPEN_LINES)
        .table("order_items")
        .col("product_id")
        .col("location_id")
        .and_where(Expr::col("quantity").gt(gone))
        .to_owned()
}

/// A count of units in a row that says how many there are: never below zero.
fn units(name: &'static str) -> ColumnDef {
    long(name).check(Expr::col(name).gte(0).and(Expr::col(name).lt(TOO_MANY))).take()
}

fn maybe_id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

fn references(table: &'static str, column: &'static str, other: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(other, "id").to_owned()
}

fn locations() -> TableCreateStatement {
    Table::create()
        .table("locations")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(text("code"))
        .col(text("name"))
        .col(json("metadata"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .foreign_key(&mut references("locations", "tenant_id", "tenants"))
        .to_owned()
}

fn stock_levels() -> TableCreateStatement {
    Table::create()
        .table("stock_levels")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("product_id"))
        .col(id("location_id"))
        .col(units("on_hand"))
        .col(units("reserved"))
        .col(long("create_time"))
        .col(long("update_time"))
        .check(Expr::col("reserved").lte(Expr::col("on_hand")))
        .foreign_key(&mut references("stock_levels", "product_id", "products"))
        .foreign_key(&mut references("stock_levels", "location_id", "locations"))
        .to_owned()
}

fn reservations() -> TableCreateStatement {
    Table::create()
        .table("reservations")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(text("status"))
        .col(maybe_id("order_id"))
        .col(ColumnDef::new("reference").text())
        .col(json("metadata"))
        .col(long("expire_time"))
        .col(maybe_time("commit_time"))
        .col(maybe_time("release_time"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"))
        .to_owned()
}

/// Lines know tenant and time of their reservation, so that the list by product reads them as it shows them.
fn reservation_lines() -> TableCreateStatement {
    Table::create()
        .table("reservation_lines")
        .col(id("id").primary_key())
        .col(id("reservation_id"))
        .col(ColumnDef::new("position").integer().not_null())
        .col(id("tenant_id"))
        .col(long("reservation_time"))
        .col(id("product_id"))
        .col(text("sku"))
        .col(id("location_id"))
        .col(ColumnDef::new("quantity").integer().not_null().check(Expr::col("quantity").gt(0)))
        .foreign_key(&mut references("reservation_lines", "reservation_id", "reservations"))
        .foreign_key(&mut references("reservation_lines", "product_id", "products"))
        .foreign_key(&mut references("reservation_lines", "location_id", "locations"))
        .to_owned()
}

fn stock_movements() -> TableCreateStatement {
    Table::create()
        .table("stock_movements")
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("product_id"))
        .col(text("sku"))
        .col(id("location_id"))
        .col(text("type"))
        .col(long("on_hand_change"))
        .col(long("reserved_change"))
        .col(text("reason"))
        .col(maybe_id("order_id"))
        .col(maybe_id("reservation_id"))
        .col(maybe_id("shipment_id"))
        .col(maybe_id("return_id"))
        .col(long("create_time"))
        .foreign_key(&mut references("stock_movements", "product_id", "products"))
        .foreign_key(&mut references("stock_movements", "location_id", "locations"))
        .to_owned()
}
