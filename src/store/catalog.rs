//! Products and their prices.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select, Set,
};
use uuid::Uuid;

use super::entities::{product_prices, products};
use super::pages::{Position, created_in, merged};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{ProductId, TypedId};
use crate::domain::money::Money;
use crate::domain::page::Sort;
use crate::domain::product::{Product, ProductFilter, ProductStatus};
use crate::domain::time::Time;

/// SKUs asked for in one statement. SQLite takes at most 32,766 parameters, and plans stay small.
const SKUS_PER_QUERY: usize = 500;

/// Adds a product with its prices.
///
/// # Errors
/// `Duplicate` when the SKU is taken.
pub async fn insert(tx: &Tx, scope: &Scope, product: &Product) -> Result<(), Error> {
    products::Entity::insert(product_row(scope, product)?).exec_without_returning(&tx.executor()).await?;
    insert_prices(tx, product).await
}

/// Replaces a product that was read in this transaction, and its prices when they change.
///
/// # Errors
/// `Stale` when it is no longer as it was; `Duplicate` when its new SKU is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &Product, product: &Product) -> Result<(), Error> {
    let written = products::Entity::update_many()
        .set(product_row(scope, product)?)
        .filter(products::Column::TenantId.eq(scope.tenant.uuid()))
        .filter(products::Column::Id.eq(before.id.uuid()))
        .filter(products::Column::Version.eq(before.version))
        .exec(&tx.executor())
        .await?;
    hit(&written)?;
    if product.prices == before.prices {
        return Ok(());
    }
    let old = product_prices::Entity::delete_many().filter(product_prices::Column::ProductId.eq(before.id.uuid()));
    old.exec(&tx.executor()).await?;
    insert_prices(tx, product).await
}

async fn insert_prices(tx: &Tx, product: &Product) -> Result<(), Error> {
    let prices: Vec<_> =
        (0..).zip(&product.prices).map(|(place, price)| price_row(product.id, place, *price)).collect();
    if !prices.is_empty() {
        product_prices::Entity::insert_many(prices).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

fn product_row(scope: &Scope, product: &Product) -> Result<products::ActiveModel, CorruptRow> {
    Ok(products::ActiveModel {
        id: Set(product.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        sku: Set(product.sku.clone()),
        name: Set(product.name.clone()),
        description: Set(product.description.clone()),
        tax_rate_bps: Set(product.tax_rate_bps),
        track_inventory: Set(product.track_inventory),
        status: Set(product.status.as_str().to_owned()),
        metadata: Set(to_json(&product.metadata)?),
        version: Set(product.version),
        create_time: Set(product.create_time.micros()),
        update_time: Set(product.update_time.micros()),
        archive_time: Set(product.archive_time.map(Time::micros)),
    })
}

fn price_row(product: ProductId, position: i32, price: Money) -> product_prices::ActiveModel {
    product_prices::ActiveModel {
        product_id: Set(product.uuid()),
        currency_code: Set(price.currency().to_string()),
        position: Set(position),
        minor_units: Set(price.minor_units()),
    }
}

/// The product with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: ProductId) -> Result<Option<Product>, Error> {
    Ok(whole(from, scoped(scope).filter(products::Column::Id.eq(id.uuid()))).await?.pop())
}

/// The product with this id, which nobody else changes until the transaction is over. SQLite has one writer anyway.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ProductId) -> Result<Option<Product>, Error> {
    let locked = scoped(scope).filter(products::Column::Id.eq(id.uuid())).lock_exclusive();
    let ids: Vec<Uuid> = locked.select_only().column(products::Column::Id).into_tuple().all(&tx.executor()).await?;
    if ids.is_empty() { Ok(None) } else { get(tx, scope, id).await }
}

/// The product with this SKU, which nobody changes until the transaction is over, though others may hold on to it too.
pub async fn by_sku_shared(tx: &Tx, scope: &Scope, sku: &str) -> Result<Option<Product>, Error> {
    let locked = scoped(scope).filter(products::Column::Sku.eq(sku)).lock_shared();
    let ids: Vec<Uuid> = locked.select_only().column(products::Column::Id).into_tuple().all(&tx.executor()).await?;
    let Some(id) = ids.first() else { return Ok(None) };
    get(tx, scope, ProductId::from_uuid(*id)).await
}

/// The products with these ids, in no order; those that do not exist are missing.
pub async fn by_ids(from: &impl Source, scope: &Scope, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
    whole(from, scoped(scope).filter(products::Column::Id.is_in(ids.iter().map(|id| id.uuid())))).await
}

/// At most `limit` products after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ProductFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Product>, Error> {
    let mut query = created_in(scoped(scope), products::Column::CreateTime, filter.created);
    if let Some(sku) = &filter.sku {
        query = query.filter(products::Column::Sku.eq(sku.as_str()));
    }
    let of = |status: &ProductStatus| query.clone().filter(products::Column::Status.eq(status.as_str()));
    let each = filter.statuses.iter().map(of).collect();
    let page = merged(query, each, (products::Column::CreateTime, products::Column::Id), sort, after, limit);
    let ids = page.select_only().column(products::Column::Id).into_query();
    // The ids are in scope. Asked for the tenant again, SQLite reads all of its products to look for them.
    let mut found = whole(from, products::Entity::find().filter(products::Column::Id.in_subquery(ids))).await?;
    found.sort_by_key(|product| (product.create_time, product.id));
    if sort == Sort::NewestFirst {
        found.reverse();
    }
    Ok(found)
}

/// The products with these SKUs; those that do not exist are missing.
pub async fn by_skus(from: &impl Source, scope: &Scope, skus: &[&str]) -> Result<HashMap<String, Product>, Error> {
    let mut found = HashMap::with_capacity(skus.len());
    for some in skus.chunks(SKUS_PER_QUERY) {
        let query = scoped(scope).filter(products::Column::Sku.is_in(some.iter().copied()));
        found.extend(whole(from, query).await?.into_iter().map(|product| (product.sku.clone(), product)));
    }
    Ok(found)
}

/// The same, none of which anybody changes until the transaction is over: whether their stock is counted holds. References from
/// lines of orders take nearly the same lock, so that it costs nothing more.
pub async fn by_skus_shared(tx: &Tx, scope: &Scope, skus: &[&str]) -> Result<HashMap<String, Product>, Error> {
    for some in skus.chunks(SKUS_PER_QUERY) {
        let query = scoped(scope).filter(products::Column::Sku.is_in(some.iter().copied())).lock_shared();
        let locked = query.order_by_asc(products::Column::Id).select_only().column(products::Column::Id);
        let _: Vec<Uuid> = locked.into_tuple().all(&tx.executor()).await?;
    }
    by_skus(tx, scope, skus).await
}

/// The product that has this SKU.
pub async fn id_by_sku(from: &impl Source, scope: &Scope, sku: &str) -> Result<Option<ProductId>, Error> {
    let found = scoped(scope).filter(products::Column::Sku.eq(sku));
    let ids: Vec<Uuid> = found.select_only().column(products::Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(ProductId::from_uuid))
}

/// The catalog is the tenant's: whoever may read it reads all of it.
fn scoped(scope: &Scope) -> Select<products::Entity> {
    products::Entity::find().filter(products::Column::TenantId.eq(scope.tenant.uuid()))
}

/// A product with one of its prices, if it has any.
#[derive(FromQueryResult)]
struct PricedRow {
    #[sea_orm(nested)]
    product: products::Model,
    price_currency: Option<String>,
    price_minor_units: Option<i64>,
}

/// The products that a query finds, in no order, with their prices. In one statement: between two of them a product may
/// change, and prices must not be shown under the etag of others.
async fn whole(from: &impl Source, query: Select<products::Entity>) -> Result<Vec<Product>, Error> {
    let rows = query
        .join_rev(JoinType::LeftJoin, product_prices::Relation::Product.def())
        .column_as(product_prices::Column::CurrencyCode, "price_currency")
        .column_as(product_prices::Column::MinorUnits, "price_minor_units")
        .order_by_asc(products::Column::Id)
        .order_by_asc(product_prices::Column::Position)
        .into_model::<PricedRow>()
        .all(&from.executor())
        .await?;
    let mut found: Vec<Product> = Vec::new();
    for row in rows {
        let price = match (row.price_currency, row.price_minor_units) {
            (Some(code), Some(minor_units)) => Some(money(currency(&code)?, minor_units)?),
            _ => None,
        };
        match found.last_mut().filter(|last| last.id.uuid() == row.product.id) {
            Some(last) => last.prices.extend(price),
            None => found.push(product(row.product, price.into_iter().collect())?),
        }
    }
    Ok(found)
}

fn product(row: products::Model, prices: Vec<Money>) -> Result<Product, CorruptRow> {
    Ok(Product {
        id: ProductId::from_uuid(row.id),
        sku: row.sku,
        name: row.name,
        description: row.description,
        prices,
        tax_rate_bps: row.tax_rate_bps,
        track_inventory: row.track_inventory,
        status: named(&row.status)?,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        archive_time: row.archive_time.map(Time::from_micros),
    })
}
