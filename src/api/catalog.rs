//! `CatalogService`.

use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::present::{self, catalog as show};

pub(super) async fn create_product(call: &Call, message: pb::CreateProductRequest) -> Result<pb::Product, Error> {
    let product = app::catalog::create_product(call, show::new_product(message)?).await?;
    Ok(show::product(product))
}

pub(super) async fn get_product(call: &Read, message: pb::GetProductRequest) -> Result<pb::Product, Error> {
    let id = present::parse_id("product_id", &message.product_id)?;
    Ok(show::product(app::catalog::get_product(call, id).await?))
}
