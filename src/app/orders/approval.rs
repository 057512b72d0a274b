//! What approvals have to do with orders: when one is needed, and what becomes of the order when it is decided.

use super::super::{Call, Error};
use crate::domain::order::Order;

/// Whether a policy wants somebody to approve the order as it is; then an approval waits for a decision.
#[allow(clippy::unused_async, reason = "for now")]
pub(super) async fn needs_approval(_call: &Call, _order: &Order) -> Result<bool, Error> {
    Ok(false)
}

/// The order needs no approval any more: it has changed, or is gone.
#[allow(clippy::unused_async, reason = "for now")]
pub(super) async fn void_approval(_call: &Call, _order: &Order) -> Result<(), Error> {
    Ok(())
}
