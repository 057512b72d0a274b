//! Use cases of the catalog.

use std::collections::HashMap;

use super::{Call, Error, Page, Placed, Read, Thing, Unique};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{ProductId, TypedId};
use crate::domain::product::{NewProduct, Product, ProductList, ProductPatch};
use crate::store::{Position, catalog as rows, stock};

impl Placed for Product {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates a product.
pub async fn create_product(call: &Call, new: NewProduct) -> Result<Product, Error> {
    let product = Product::new(call.id(), new, call.now);
    check_sku(call, &product, "sku").await?;
    rows::insert(&call.tx, &call.scope(), &product).await?;
    call.tell(EventType::ProductCreated, Subject::Product(&product));
    Ok(product)
}

/// The product with this id.
pub async fn get_product(call: &Read, id: ProductId) -> Result<Product, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Product, field: None })
}

/// A page of products.
pub async fn list_products(call: &Read, list: &ProductList) -> Result<Page<Product>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// The products with these ids, in the order asked for; all of them, or none.
pub async fn batch_get_products(call: &Read, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
    let found = rows::by_ids(&call.reader, &call.scope(), ids).await?;
    let found: HashMap<_, _> = found.into_iter().map(|product| (product.id, product)).collect();
    let wanted = ids.iter().enumerate().map(|(place, id)| {
        let missing = || Error::NotFound { thing: Thing::Product, field: Some(format!("product_ids[{place}]")) };
        found.get(id).cloned().ok_or_else(missing)
    });
    wanted.collect()
}

/// Changes a product. An update that changes nothing leaves no trace.
pub async fn update_product(call: &Call, (id, patch): (ProductId, ProductPatch)) -> Result<Product, Error> {
    let before = call.expect(Thing::Product, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    let product = before.updated(patch, call.now);
    if product.track_inventory != before.track_inventory && stock::is_in_use(&call.tx, &call.scope(), id).await? {
        return Err(Error::ProductInUse { field: "product.track_inventory".to_owned() });
    }
    if product.sku != before.sku {
        check_sku(call, &product, "product.sku").await?;
    }
    save(call, &before, &product, EventType::ProductUpdated).await?;
    Ok(product)
}

/// Takes a product off the market. Doing it again changes nothing.
pub async fn archive_product(call: &Call, id: ProductId) -> Result<Product, Error> {
    let before = call.expect(Thing::Product, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    let product = before.archived(call.now);
    save(call, &before, &product, EventType::ProductArchived).await?;
    Ok(product)
}

async fn save(call: &Call, before: &Product, product: &Product, event: EventType) -> Result<(), Error> {
    if product == before {
        return Ok(());
    }
    rows::save(&call.tx, &call.scope(), before, product).await?;
    call.tell(event, Subject::Product(product));
    Ok(())
}

async fn check_sku(call: &Call, product: &Product, field: &str) -> Result<(), Error> {
    match rows::id_by_sku(&call.tx, &call.scope(), &product.sku).await? {
        Some(existing) => {
            Err(Error::Duplicate { unique: Unique::Sku, existing: existing.to_string(), field: field.to_owned() })
        }
        None => Ok(()),
    }
}
