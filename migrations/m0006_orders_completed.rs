//! What orders need beside prices: holds, the quote they came from, where their units are taken from, how many hold stock or are
//! in returns, and what was given back. Ceilings that a row can break by itself are CHECKs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Every column that is added: its table and its definition. SQLite adds one at a time.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    let count = |name: &'static str, most: Expr| {
        let within = Expr::col(name).gte(0).and(Expr::col(name).lte(most));
        ColumnDef::new(name).integer().not_null().default(0).check(within).take()
    };
    let open = || Expr::col("quantity").sub(Expr::col("quantity_canceled")).sub(Expr::col("quantity_shipped"));
    let claims = Expr::col("refund_claims").gte(0).and(Expr::col("refund_claims").lte(Expr::col("paid_total")));
    vec![
        ("orders", ColumnDef::new("holds").json_binary().not_null().default("[]").take()),
        ("orders", ColumnDef::new("is_held").boolean().not_null().default(false).take()),
        ("orders", ColumnDef::new("quote_id").uuid().take()),
        ("orders", ColumnDef::new("refund_claims").big_integer().not_null().default(0).check(claims).take()),
        ("order_items", ColumnDef::new("location_id").uuid().take()),
        ("order_items", count("quantity_reserved", open())),
        ("order_items", count("quantity_in_returns", Expr::col("quantity_shipped"))),
    ]
}

/// What the sweep of unpaid orders looks for. The states stand in the index and not in a condition of it, since the planner of a
/// prepared statement does not see what is asked for.
const UNPAID: (&str, &[&str]) = ("orders_unpaid", &["tenant_id", "status", "payment_status", "place_time"]);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        let (name, columns) = UNPAID;
        let mut index = Index::create().name(name).table("orders").to_owned();
        for column in columns {
            index.col(*column);
        }
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(UNPAID.0).table("orders").to_owned()).await?;
        for (table, column) in columns().into_iter().rev() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table(table).drop_column(Alias::new(name)).to_owned()).await?;
        }
        Ok(())
    }
}
