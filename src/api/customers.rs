//! `CustomerService`.

use crate::app::{self, Call, Error};
use crate::contract::pb;
use crate::domain::customer::NewCustomer;
use crate::present::customers as show;

pub(super) async fn create_customer(call: &Call, new: NewCustomer) -> Result<pb::Customer, Error> {
    Ok(show::customer(app::customers::create(call, new).await?))
}
