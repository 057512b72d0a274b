//! Use cases of the catalog.

use super::{Call, Error, Read, Thing};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::ProductId;
use crate::domain::product::{NewProduct, Product};
use crate::store::catalog as rows;

/// Creates a product.
pub async fn create_product(call: &Call, new: NewProduct) -> Result<Product, Error> {
    let product = Product::new(call.id(), new, call.now);
    if let Some(existing) = rows::id_by_sku(&call.tx, &call.scope(), &product.sku).await? {
        return Err(Error::DuplicateSku { existing: existing.to_string() });
    }
    rows::insert(&call.tx, &call.scope(), &product).await?;
    call.tell(EventType::ProductCreated, Subject::Product(&product));
    Ok(product)
}

/// The product with this id.
pub async fn get_product(call: &Read, id: ProductId) -> Result<Product, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Product, field: None })
}
