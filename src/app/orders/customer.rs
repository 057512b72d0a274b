//! The customer of an order that is changed. It is locked before the order, as erasing does, so that the two never wait for
//! each other.

use super::super::customers::check_standing;
use super::super::{Call, Error};
use crate::domain::customer::Standing;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::order::{Order, OrderPatch};
use crate::store::orders as rows;
use crate::store::{self, customers};

/// A customer whose standing holds until the transaction is over; nothing when nobody asked.
pub(super) struct LockedCustomer {
    /// Whose the order was.
    owner: Option<CustomerId>,
    /// Who was asked about, and what was found.
    found: Option<(CustomerId, Option<Standing>)>,
}

impl LockedCustomer {
    /// Locks the customer that an order has.
    pub(super) async fn of_order(call: &Call, order: OrderId) -> Result<Self, Error> {
        Self::lock(call, order, None).await
    }

    /// Locks the customer that a patch brings, or for whom it brings addresses or lines.
    pub(super) async fn of_patch(call: &Call, order: OrderId, patch: &OrderPatch) -> Result<Self, Error> {
        if patch.customer.is_some() || patch.brings_addresses() || patch.lines.is_some() {
            Self::lock(call, order, patch.customer).await
        } else {
            Ok(Self { owner: None, found: None })
        }
    }

    async fn lock(call: &Call, order: OrderId, wanted: Option<CustomerId>) -> Result<Self, Error> {
        let owner = rows::customer_of(&call.tx, &call.scope(), order).await?;
        let found = match wanted.or(owner) {
            Some(id) => Some((id, customers::standing(&call.tx, &call.scope(), id).await?)),
            None => None,
        };
        Ok(Self { owner, found })
    }

    /// The customer may have this order. `field` is what names it in the request, when it is another one than before.
    pub(super) fn check(&self, before: &Order, field: &str) -> Result<(), Error> {
        let Some((customer, standing)) = self.found else { return Ok(()) };
        if self.owner != Some(before.head.customer) {
            // The order got another customer before it was ours.
            return Err(store::Error::Stale.into());
        }
        let field = (customer != before.head.customer).then(|| field.to_owned());
        check_standing(standing, field)
    }
}
