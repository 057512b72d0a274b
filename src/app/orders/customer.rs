//! The customer of an order or a quote that is changed. It is locked before the order or the quote, as erasing does, so that the two never wait for
//! each other.

use super::super::customers::check_standing;
use super::super::{Call, Error};
use crate::domain::customer::Standing;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::order::{Order, OrderPatch};
use crate::store::orders as rows;
use crate::store::{self, customers};

/// A customer whose standing holds until the transaction is over; nothing when nobody asked.
pub(in crate::app) struct LockedCustomer {
    /// Whose the order or the quote was.
    owner: Option<CustomerId>,
    /// Who was asked about, and what was found.
    found: Option<(CustomerId, Option<Standing>)>,
}

impl LockedCustomer {
    /// Locks the customer that an order has.
    pub(super) async fn of_order(call: &Call, order: OrderId) -> Result<Self, Error> {
        Self::lock(call, rows::customer_of(&call.tx, &call.scope(), order).await?, None).await
    }

    /// Locks the customer that a patch brings, or for whom it brings addresses or lines.
    pub(super) async fn of_patch(call: &Call, order: OrderId, patch: &OrderPatch) -> Result<Self, Error> {
        if patch.customer.is_some() || patch.brings_addresses() || patch.lines.is_some() {
            Self::lock(call, rows::customer_of(&call.tx, &call.scope(), order).await?, patch.customer).await
        } else {
            Ok(Self { owner: None, found: None })
        }
    }

    /// Locks the customer that is wanted, or else the owner.
    pub(in crate::app) async fn lock(
        call: &Call,
        owner: Option<CustomerId>,
        wanted: Option<CustomerId>,
    ) -> Result<Self, Error> {
        let found = match wanted.or(owner) {
            Some(id) => Some((id, customers::standing(&call.tx, &call.scope(), id).await?)),
            None => None,
        };
        Ok(Self { owner, found })
    }

    /// The customer may have this order. `field` is what names it in the request, when it is another one than before.
    pub(super) fn check(&self, before: &Order, field: &str) -> Result<(), Error> {
        self.check_of(before.head.customer, field)
    }

    /// The same of whatever has this customer, now that it is locked.
    pub(in crate::app) fn check_of(&self, owner: CustomerId, field: &str) -> Result<(), Error> {
        let Some((customer, standing)) = self.found else { return Ok(()) };
        if self.owner != Some(owner) {
            // It got another customer before it was ours.
            return Err(store::Error::Stale.into());
        }
        let field = (customer != owner).then(|| field.to_owned());
        check_standing(standing, field)
    }
}
