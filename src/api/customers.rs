//! `CustomerService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::customer::{CustomerList, CustomerPatch, NewCustomer};
use crate::domain::ids::CustomerId;
use crate::present::customers as show;

pub(super) async fn create_customer(call: &Call, new: NewCustomer) -> Result<pb::Customer, Error> {
    Ok(show::customer(&app::customers::create(call, new).await?))
}

pub(super) async fn get_customer(call: &Read, id: CustomerId) -> Result<pb::Customer, Error> {
    Ok(show::customer(&app::customers::get(call, id).await?))
}

pub(super) async fn list_customers(call: &Read, list: CustomerList) -> Result<pb::ListCustomersResponse, Error> {
    let page = app::customers::list(call, &list).await?;
    let (customers, next_page_token) = pages::fit(&page, show::customer_in(list.page.view));
    Ok(pb::ListCustomersResponse { customers, next_page_token })
}

pub(super) async fn update_customer(call: &Call, update: (CustomerId, CustomerPatch)) -> Result<pb::Customer, Error> {
    Ok(show::customer(&app::customers::update(call, update).await?))
}

pub(super) async fn delete_customer(call: &Call, id: CustomerId) -> Result<(), Error> {
    app::customers::delete(call, id).await
}

pub(super) async fn erase_customer(call: &Call, id: CustomerId) -> Result<pb::Customer, Error> {
    Ok(show::customer(&app::customers::erase(call, id).await?))
}
