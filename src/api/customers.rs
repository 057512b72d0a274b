//! `CustomerService`.

use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::customer::NewCustomer;
use crate::present::customers as show;

pub(super) async fn create_customer(call: &Call, new: NewCustomer) -> Result<pb::Customer, Error> {
    Ok(show::customer(app::customers::create(call, new).await?))
}

pub(super) async fn get_customer(
    _call: &Read,
    _request: super::stubs::Stub<pb::GetCustomerRequest>,
) -> Result<pb::Customer, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_customers(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListCustomersRequest>,
) -> Result<pb::ListCustomersResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn update_customer(
    _call: &Call,
    _request: super::stubs::Stub<pb::UpdateCustomerRequest>,
) -> Result<pb::Customer, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn delete_customer(
    _call: &Call,
    _request: super::stubs::Stub<pb::DeleteCustomerRequest>,
) -> Result<(), Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn erase_customer(
    _call: &Call,
    _request: super::stubs::Stub<pb::EraseCustomerRequest>,
) -> Result<pb::Customer, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}
