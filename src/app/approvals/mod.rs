//! Approvals: somebody else's yes to an order, a quote or a refund.
//!
//! What needs one calls [`require`] while it holds its own row, and waits in a pending state; when it changes or goes, it
//! calls [`void`]. What becomes of it after a decision, it is told through `subjects`.

mod ask;
mod subjects;

pub use ask::{Ask, require, void};
