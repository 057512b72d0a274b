//! What events carry: the resource, as lists show it over REST.

use serde_json::{Value, json};

use super::catalog::basic_product;
use super::orders::basic_order;
use crate::contract::{self, pb};
use crate::domain::event::Subject;

/// The data of an event. Of a customer only id and reference: personal data never enters events.
#[must_use]
pub fn snapshot(subject: Subject<'_>) -> Value {
    match subject {
        Subject::Order(order) => contract::to_json(&basic_order(order)),
        Subject::Product(product) => contract::to_json(&basic_product(product)),
        Subject::Customer(customer) => contract::to_json(&pb::Customer {
            id: customer.id.to_string(),
            reference: customer.reference.clone().unwrap_or_default(),
            ..Default::default()
        }),
        Subject::Tenant(tenant) => json!({"id": tenant.id.to_string()}),
        Subject::ApiKey(key) => json!({"id": key.to_string()}),
    }
}
