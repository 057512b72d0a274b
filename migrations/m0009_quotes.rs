//! Quotes. What a quote says is kept whole: its lines are one document, which is written once, never changed by what becomes of
//! the quote, and read in the statement that reads the quote. Lists, which show no lines, do not read it.

use sea_orm_migration::prelude::*;

use super::{id, json, long, maybe_time, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const TABLE: &str = "quotes";

/// Every index: its name, its columns, and the column that its rows have. `due_time` is there while a quote runs out.
const INDEXES: [(&str, &[&str], Option<&str>); 6] = [
    ("quotes_page", &["tenant_id", "create_time", "id"], None),
    ("quotes_status_page", &["tenant_id", "status", "create_time", "id"], None),
    ("quotes_customer_page", &["tenant_id", "customer_id", "create_time", "id"], None),
    ("quotes_reference_page", &["tenant_id", "reference", "create_time", "id"], Some("reference")),
    ("quotes_due", &["due_time", "id"], Some("due_time")),
    ("quotes_tenant_due", &["tenant_id", "due_time"], Some("due_time")),
];

/// An amount in minor units that is never below zero.
fn amount(name: &'static str) -> ColumnDef {
    long(name).check(Expr::col(name).gte(0)).take()
}

fn quotes() -> TableCreateStatement {
    let bps = Expr::col("discount_bps").is_null().or(Expr::col("discount_bps").between(0, 10_000));
    let off = Expr::col("discount_amount").is_null().or(Expr::col("discount_amount").gte(0));
    // Accepted is what has become an order, and nothing else.
    let accepted = Expr::col("status").eq("ACCEPTED").eq(Expr::col("order_id").is_not_null());
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(id("id").primary_key())
        .col(id("tenant_id"))
        .col(id("customer_id"))
        .col(text("currency_code"))
        .col(text("status"))
        .col(ColumnDef::new("revision").integer().not_null().check(Expr::col("revision").gte(1)))
        .col(ColumnDef::new("revises_quote_id").uuid())
        .col(ColumnDef::new("order_id").uuid())
        .col(amount("subtotal"))
        .col(amount("discount_total"))
        .col(amount("tax_total"))
        .col(amount("total"))
        .col(text("tax_mode"))
        .col(text("rounding_mode"))
        .col(ColumnDef::new("discount_amount").big_integer().check(off))
        .col(ColumnDef::new("discount_bps").integer().check(bps))
        .col(ColumnDef::new("item_count").integer().not_null().check(Expr::col("item_count").gte(1)))
        .col(long("valid_until"))
        .col(maybe_time("due_time"))
        .col(text("note"))
        .col(ColumnDef::new("reference").text())
        .col(json("metadata"))
        .col(long("version"))
        .col(long("create_time"))
        .col(long("update_time"));
    for time in ["submit", "approve", "send", "accept", "decline", "expire", "withdraw", "revise"] {
        table.col(maybe_time(format!("{time}_time")));
    }
    table
        .check(accepted)
        .foreign_key(ForeignKey::create().from(TABLE, "customer_id").to("customers", "id"))
        .foreign_key(ForeignKey::create().from(TABLE, "order_id").to("orders", "id"))
        .to_owned()
}

fn quote_items() -> TableCreateStatement {
    Table::create()
        .table("quote_items")
        .col(id("quote_id").primary_key())
        .col(json("items"))
        .foreign_key(ForeignKey::create().from("quote_items", "quote_id").to(TABLE, "id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(quotes()).await?;
        manager.create_table(quote_items()).await?;
        for (name, columns, there) in INDEXES {
            let mut index = Index::create().name(name).table(TABLE).to_owned();
            for column in columns {
                index.col(*column);
            }
            if let Some(column) = there {
                index.and_where(Expr::col(column).is_not_null());
            }
            manager.create_index(index).await?;
        }
        // Of one reference there is one quote that is not superseded; and an order has one quote.
        let mut reference = Index::create().name("quotes_reference").table(TABLE).unique().to_owned();
        reference.col("tenant_id").col("customer_id").col("reference");
        reference.and_where(Expr::col("status").ne("SUPERSEDED"));
        manager.create_index(reference).await?;
        let order = Index::create().name("quotes_order").table(TABLE).col("order_id").unique().to_owned();
        manager.create_index(order).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("quote_items").to_owned()).await?;
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}
