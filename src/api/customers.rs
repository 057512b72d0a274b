//! `CustomerService`.

use crate::app::{self, Call, Error};
use crate::contract::pb;
use crate::present::customers as show;

pub(super) async fn create_customer(call: &Call, message: pb::CreateCustomerRequest) -> Result<pb::Customer, Error> {
    let customer = app::customers::create(call, show::new_customer(message)).await?;
    Ok(show::customer(customer))
}
