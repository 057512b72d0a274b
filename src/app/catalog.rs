//! Use cases of the catalog.

use super::{Call, Error, Read, Thing};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::ProductId;
use crate::domain::product::{NewProduct, Product, ProductError};
use crate::domain::violation::Violation;
use crate::store::catalog as rows;

/// Creates a product.
pub async fn create_product(call: &Call, new: NewProduct) -> Result<Product, Error> {
    let product = Product::new(call.id(), new, call.now).map_err(invalid_prices)?;
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

fn invalid_prices(errors: Vec<ProductError>) -> Error {
    let violations = errors.into_iter().map(|error| match error {
        ProductError::NegativePrice(place) => {
            Violation::new(format!("prices[{place}].minor_units"), "out_of_range", "must not be negative")
        }
        ProductError::DuplicateCurrency(place) => Violation::new(
            format!("prices[{place}].currency_code"),
            "not_unique",
            "there is a price in this currency already",
        ),
    });
    Error::Invalid(violations.collect())
}
