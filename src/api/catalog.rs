//! `CatalogService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::ids::ProductId;
use crate::domain::page::View;
use crate::domain::product::{NewProduct, ProductList, ProductPatch};
use crate::present::catalog as show;

pub(super) async fn create_product(call: &Call, new: NewProduct) -> Result<pb::Product, Error> {
    Ok(show::product(&app::catalog::create_product(call, new).await?))
}

pub(super) async fn get_product(call: &Read, id: ProductId) -> Result<pb::Product, Error> {
    Ok(show::product(&app::catalog::get_product(call, id).await?))
}

pub(super) async fn list_products(call: &Read, list: ProductList) -> Result<pb::ListProductsResponse, Error> {
    let page = app::catalog::list_products(call, &list).await?;
    let (products, next_page_token) = pages::fit(&page, show::product_in(list.page.view));
    Ok(pb::ListProductsResponse { products, next_page_token })
}

pub(super) async fn batch_get_products(
    call: &Read,
    (ids, view): (Vec<ProductId>, View),
) -> Result<pb::BatchGetProductsResponse, Error> {
    let products = app::catalog::batch_get_products(call, &ids).await?;
    let products = products.iter().map(show::product_in(view)).collect();
    Ok(pb::BatchGetProductsResponse { products: pages::whole(products, "product_ids")? })
}

pub(super) async fn update_product(call: &Call, update: (ProductId, ProductPatch)) -> Result<pb::Product, Error> {
    Ok(show::product(&app::catalog::update_product(call, update).await?))
}

pub(super) async fn archive_product(call: &Call, id: ProductId) -> Result<pb::Product, Error> {
    Ok(show::product(&app::catalog::archive_product(call, id).await?))
}
