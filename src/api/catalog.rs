//! `CatalogService`.

use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::ids::ProductId;
use crate::domain::product::NewProduct;
use crate::present::catalog as show;

pub(super) async fn create_product(call: &Call, new: NewProduct) -> Result<pb::Product, Error> {
    Ok(show::product(app::catalog::create_product(call, new).await?))
}

pub(super) async fn get_product(call: &Read, id: ProductId) -> Result<pb::Product, Error> {
    Ok(show::product(app::catalog::get_product(call, id).await?))
}
