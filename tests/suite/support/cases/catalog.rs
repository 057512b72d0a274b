//! Calls of `CatalogService` and `CustomerService`.

use tradepost::contract::pb;

use super::super::world::product;
use super::{Case, Hidden, Things};

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("product_not_found");
    let product_id = things.product.clone();
    let case = match name {
        "CreateProduct" => Case::new(product(&things.new_name, &[("GBP", 1)], 0), Hidden::Nothing),
        "GetProduct" => Case::new(pb::GetProductRequest { product_id }, hidden),
        "ListProducts" => Case::new(pb::ListProductsRequest::default(), Hidden::Empty("products")),
        "BatchGetProducts" => {
            Case::new(pb::BatchGetProductsRequest { product_ids: vec![product_id], ..Default::default() }, hidden)
        }
        "UpdateProduct" => {
            let patch = pb::ProductPatch { name: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateProductRequest { product_id, product: Some(patch), ..Default::default() }, hidden)
        }
        "ArchiveProduct" => Case::new(pb::ArchiveProductRequest { product_id, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    };
    case.open_to_customers()
}

pub(super) fn customers(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("customer_not_found");
    let customer_id = things.customer.clone();
    match name {
        "CreateCustomer" => {
            let request = pb::CreateCustomerRequest { name: things.new_name.clone(), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "GetCustomer" => Case::new(pb::GetCustomerRequest { customer_id }, hidden),
        "ListCustomers" => Case::new(pb::ListCustomersRequest::default(), Hidden::Empty("customers")),
        "UpdateCustomer" => {
            let patch = pb::CustomerPatch { name: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateCustomerRequest { customer_id, customer: Some(patch), ..Default::default() }, hidden)
        }
        "DeleteCustomer" => {
            let request = pb::DeleteCustomerRequest { customer_id: things.idle_customer.clone(), ..Default::default() };
            Case::new(request, hidden)
        }
        "EraseCustomer" => Case::new(pb::EraseCustomerRequest { customer_id, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
