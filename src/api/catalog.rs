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

pub(super) async fn list_products(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListProductsRequest>,
) -> Result<pb::ListProductsResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn batch_get_products(
    _call: &Read,
    _request: super::stubs::Stub<pb::BatchGetProductsRequest>,
) -> Result<pb::BatchGetProductsResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn update_product(
    _call: &Call,
    _request: super::stubs::Stub<pb::UpdateProductRequest>,
) -> Result<pb::Product, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn archive_product(
    _call: &Call,
    _request: super::stubs::Stub<pb::ArchiveProductRequest>,
) -> Result<pb::Product, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}
