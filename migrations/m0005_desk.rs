//! What the order desk needs beside creating orders: discounts and how prices came about, the moves of an order, why things
//! were done, and an index for every list.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Every column that is added: its table and its definition. SQLite adds one at a time.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    let long = |name: &'static str| ColumnDef::new(name).big_integer().take();
    let text = |name: &'static str| ColumnDef::new(name).text().not_null().default("").take();
    let bps = |name: &'static str| {
        ColumnDef::new(name).integer().check(Expr::col(name).is_null().or(Expr::col(name).between(0, 10_000))).take()
    };
    let amount = |name: &'static str| long(name).check(Expr::col(name).is_null().or(Expr::col(name).gte(0))).take();
    vec![
        ("orders", amount("discount_amount")),
        ("orders", bps("discount_bps")),
        ("orders", long("confirm_time")),
        ("orders", long("complete_time")),
        ("orders", long("cancel_time")),
        ("orders", text("cancel_reason")),
        ("order_items", amount("discount_amount")),
        ("order_items", bps("discount_bps")),
        ("order_items", bps("tax_rate_bps").not_null().default(0).take()),
        ("order_items", ColumnDef::new("price_is_own").boolean().not_null().default(false).take()),
        ("audit_events", text("reason")),
        ("idempotency_keys", ColumnDef::new("customer_id").uuid().take()),
    ]
}

/// Every index that is added: its table, its name and its columns.
const INDEXES: [(&str, &str, &[&str]); 14] = [
    ("tenants", "tenants_page", &["create_time", "id"]),
    ("api_keys", "api_keys_page", &["tenant_id", "create_time", "id"]),
    ("api_keys", "api_keys_customer", &["customer_id"]),
    ("products", "products_page", &["tenant_id", "create_time", "id"]),
    ("customers", "customers_page", &["tenant_id", "create_time", "id"]),
    ("customers", "customers_email", &["tenant_id", "email"]),
    ("orders", "orders_by_reference", &["tenant_id", "reference"]),
    ("order_items", "order_items_sku", &["sku", "order_id"]),
    ("order_items", "order_items_product", &["product_id"]),
    ("events", "events_page", &["tenant_id", "create_time", "id"]),
    ("events", "events_customer_page", &["customer_id", "create_time", "id"]),
    ("audit_events", "audit_events_page", &["tenant_id", "create_time", "id"]),
    ("audit_events", "audit_events_resource", &["resource_id", "create_time", "id"]),
    ("idempotency_keys", "idempotency_keys_customer", &["customer_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.execute(tax_rates_of_lines()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        for (table, column) in columns() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table(table).drop_column(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}

/// Lines that are there already were taxed at the rate of their product.
fn tax_rates_of_lines() -> UpdateStatement {
    let rate = Query::select()
        .column("tax_rate_bps")
        .from("products")
        .and_where(Expr::col(("products", "id")).equals(("order_items", "product_id")))
        .to_owned();
    Query::update().table("order_items").value("tax_rate_bps", Expr::SubQuery(None, Box::new(rate.into()))).to_owned()
}
