//! The books of stock: what the counters say, what the ledger says, and what reservations and orders hold, each place read in
//! one statement, so that no claim gets in between.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{Error, Source};
use crate::domain::books::Books;
use crate::domain::ids::{LocationId, ProductId, TenantId, TypedId};
use crate::domain::stock::{Counters, Place};

const LEVEL: &str = "level";
const PRODUCT: &str = "product";
const LOCATION: &str = "location";

/// What the ledger of a product comes to. The location is no condition: it would lead databases to its index, which has all
/// movements where there is one location, and to read them for every product.
const OF_PRODUCT: &str = "FROM stock_movements movement WHERE movement.tenant_id = level.tenant_id \
     AND movement.product_id = level.product_id";

/// What reservations hold, and the open lines of orders.
const HELD: &str = "(SELECT CAST(COALESCE(SUM(line.quantity), 0) AS BIGINT) FROM reservation_lines line \
     JOIN reservations ON reservations.id = line.reservation_id WHERE reservations.status = 'HELD' \
     AND line.product_id = level.product_id AND line.location_id = level.location_id) + \
     (SELECT CAST(COALESCE(SUM(quantity_reserved), 0) AS BIGINT) FROM order_items \
     WHERE quantity > quantity_canceled + quantity_shipped \
     AND order_items.product_id = level.product_id AND order_items.location_id = level.location_id)";

/// Places where something moved or is held, though nothing says how many there are.
const UNCOUNTED: &str = "SELECT tenant_id, product_id, location_id FROM (\
     SELECT tenant_id, product_id, location_id FROM stock_movements UNION \
     SELECT line.tenant_id, product_id, location_id FROM reservation_lines line \
     JOIN reservations ON reservations.id = line.reservation_id WHERE reservations.status = 'HELD' UNION \
     SELECT orders.tenant_id, product_id, location_id FROM order_items JOIN orders ON orders.id = order_items.order_id \
     WHERE quantity > quantity_canceled + quantity_shipped AND quantity_reserved > 0) place \
     WHERE NOT EXISTS (SELECT 1 FROM stock_levels level \
     WHERE level.product_id = place.product_id AND level.location_id = place.location_id) LIMIT 1000";

/// Which books are read.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// At most so many, of all tenants or of one, beginning after a place.
    Page(Option<TenantId>, Option<Place>, u64),
    /// Those of one place.
    Of(Place),
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    product_id: Uuid,
    location_id: Uuid,
    sku: String,
    code: String,
    on_hand: i64,
    reserved: i64,
    ledger_on_hand: i64,
    ledger_reserved: i64,
    held: i64,
}

/// Books, sorted by their places.
pub async fn read(from: &impl Source, which: Which) -> Result<Vec<Books>, Error> {
    let rows = from.executor().query_all(&statement(which)).await?;
    let rows = rows.iter().map(|row| Row::from_query_result(row, "").map(books));
    Ok(rows.collect::<Result<_, _>>()?)
}

fn statement(which: Which) -> SelectStatement {
    let of_level = |column: &'static str| Expr::col((LEVEL, column));
    let here = "movement.location_id = level.location_id";
    let ledger = |column: &str| {
        let sum = format!("SUM(CASE WHEN {here} THEN {column} ELSE 0 END)");
        Expr::cust(format!("(SELECT CAST(COALESCE({sum}, 0) AS BIGINT) {OF_PRODUCT})"))
    };
    let mut query = Query::select();
    query
        .columns(["tenant_id", "product_id", "location_id", "on_hand", "reserved"].map(|column| (LEVEL, column)))
        .column((PRODUCT, "sku"))
        .column((LOCATION, "code"))
        .expr_as(ledger("on_hand_change"), "ledger_on_hand")
        .expr_as(ledger("reserved_change"), "ledger_reserved")
        .expr_as(Expr::cust(HELD), "held")
        .from_as("stock_levels", LEVEL)
        .join_as(
            sea_orm::JoinType::InnerJoin,
            "products",
            PRODUCT,
            Expr::col((PRODUCT, "id")).equals((LEVEL, "product_id")),
        )
        .join_as(
            sea_orm::JoinType::InnerJoin,
            "locations",
            LOCATION,
            Expr::col((LOCATION, "id")).equals((LEVEL, "location_id")),
        );
    let key = || Expr::tuple([of_level("product_id"), of_level("location_id")]);
    let place = |place: Place| Expr::tuple([Expr::val(place.product.uuid()), Expr::val(place.location.uuid())]);
    match which {
        Which::Of(one) => {
            query.and_where(of_level("product_id").eq(one.product.uuid()));
            query.and_where(of_level("location_id").eq(one.location.uuid()));
        }
        Which::Page(tenant, after, limit) => {
            query.and_where_option(tenant.map(|tenant| of_level("tenant_id").eq(tenant.uuid())));
            query.and_where_option(after.map(|after| key().gt(place(after))));
            query.limit(limit);
        }
    }
    query.order_by((LEVEL, "product_id"), sea_orm::Order::Asc);
    query.order_by((LEVEL, "location_id"), sea_orm::Order::Asc).to_owned()
}

fn books(row: Row) -> Books {
    Books {
        tenant: TenantId::from_uuid(row.tenant_id),
        place: place(row.product_id, row.location_id),
        sku: row.sku,
        location: row.code,
        counters: Counters { on_hand: row.on_hand, reserved: row.reserved },
        ledger: Counters { on_hand: row.ledger_on_hand, reserved: row.ledger_reserved },
        held: row.held,
    }
}

fn place(product: Uuid, location: Uuid) -> Place {
    Place { product: ProductId::from_uuid(product), location: LocationId::from_uuid(location) }
}

/// Some of the places, with their tenants, where something moved or is held, though nothing says how many there are.
pub async fn uncounted(from: &impl Source) -> Result<Vec<(TenantId, Place)>, Error> {
    let executor = from.executor();
    let statement = sea_orm::Statement::from_string(executor.get_database_backend(), UNCOUNTED);
    let rows = executor.query_all_raw(statement).await?;
    let rows = rows.iter().map(|row| {
        let id = |column: &str| row.try_get::<Uuid>("", column);
        Ok((TenantId::from_uuid(id("tenant_id")?), place(id("product_id")?, id("location_id")?)))
    });
    Ok(rows.collect::<Result<_, sea_orm::DbErr>>()?)
}
