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
        ("order_items", ColumnDef::new("tenant_id").uuid().take()),
        ("order_items", ColumnDef::new("order_time").big_integer().take()),
        ("audit_events", text("reason")),
        ("idempotency_keys", ColumnDef::new("customer_id").uuid().take()),
    ]
}

/// Every index that is added: its table, its name and its columns. What a list filters by stands first, the tenant before all;
/// then its order, so that a page reads as many rows as it shows. SQLite has no statistics: of two indexes it takes the one
/// with more columns that are given.
const INDEXES: [(&str, &str, &[&str]); 17] = [
    ("tenants", "tenants_page", &["create_time", "id"]),
    ("api_keys", "api_keys_page", &["tenant_id", "create_time", "id"]),
    ("api_keys", "api_keys_customer_page", &["tenant_id", "customer_id", "create_time", "id"]),
    ("products", "products_page", &["tenant_id", "create_time", "id"]),
    ("products", "products_status_page", &["tenant_id", "status", "create_time", "id"]),
    ("customers", "customers_page", &["tenant_id", "create_time", "id"]),
    ("customers", "customers_email_page", &["tenant_id", "email", "create_time", "id"]),
    ("orders", "orders_reference_page", &["tenant_id", "reference", "create_time", "id"]),
    ("order_items", "order_items_sku_page", &["tenant_id", "sku", "order_time", "order_id"]),
    ("events", "events_page", &["tenant_id", "create_time", "id"]),
    ("events", "events_customer_page", &["tenant_id", "customer_id", "create_time", "id"]),
    ("events", "events_resource_page", &["tenant_id", "resource_id", "create_time", "id"]),
    ("events", "events_type_page", &["tenant_id", "type", "create_time", "id"]),
    ("audit_events", "audit_events_page", &["tenant_id", "create_time", "id"]),
    ("audit_events", "audit_events_resource_page", &["tenant_id", "resource_id", "create_time", "id"]),
    ("audit_events", "audit_events_actor_page", &["tenant_id", "actor_id", "create_time", "id"]),
    ("idempotency_keys", "idempotency_keys_customer", &["tenant_id", "customer_id"]),
];

/// Indexes of rows that have this column, and no others: most have none, and need not pay for it.
const WHERE_THERE: [(&str, &str); 3] = [
    ("api_keys_customer_page", "customer_id"),
    ("orders_reference_page", "reference"),
    ("idempotency_keys_customer", "customer_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        manager.execute(tax_rates_of_lines()).await?;
        manager.execute(orders_of_lines()).await?;
        manager.execute(replies_of_nobody()).await?;
        for (table, name, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            if let Some((_, column)) = WHERE_THERE.iter().find(|(partial, _)| *partial == name) {
                index.and_where(Expr::col(*column).is_not_null());
            }
            manager.create_index(index).await?;
        }
        Ok(())
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

/// Nobody noted at what rate the lines were taxed that are there already. The rate that their product has today is the best
/// that is known: it is wrong for those whose product got another one since. Their amounts stay as they were.
fn tax_rates_of_lines() -> UpdateStatement {
    let rate = Query::select()
        .column("tax_rate_bps")
        .from("products")
        .and_where(Expr::col(("products", "id")).equals(("order_items", "product_id")))
        .to_owned();
    Query::update().table("order_items").value("tax_rate_bps", Expr::SubQuery(None, Box::new(rate.into()))).to_owned()
}

/// The list of orders by SKU reads lines as the order of that list has them: they know the tenant and the time of their order.
fn orders_of_lines() -> UpdateStatement {
    let of_order = |column: &'static str| {
        let select = Query::select()
            .column(column)
            .from("orders")
            .and_where(Expr::col(("orders", "id")).equals(("order_items", "order_id")))
            .to_owned();
        Expr::SubQuery(None, Box::new(select.into()))
    };
    let lines = [("tenant_id", of_order("tenant_id")), ("order_time", of_order("create_time"))];
    Query::update().table("order_items").values(lines).to_owned()
}

/// Replies that are there already do not say whose personal data they hold, so that erasing would pass them by. They count for
/// a day only; whoever repeats such a call within this day, over the upgrade, does it again.
fn replies_of_nobody() -> DeleteStatement {
    let methods = ["/tradepost.v1.OrderService/CreateOrder", "/tradepost.v1.CustomerService/CreateCustomer"];
    Query::delete().from_table("idempotency_keys").and_where(Expr::col("method").is_in(methods)).to_owned()
}
