//! What ends because nobody did anything in time. One process looks every second.

use std::sync::Arc;

use super::{App, Error, approvals, inventory, orders, quotes};

/// Lets everything expire that is due. What fails waits for the next round, and keeps nothing else from it.
pub async fn sweep(app: &Arc<App>) {
    tell("approvals", approvals::sweep_approvals(app).await);
    tell("reservations", inventory::sweep_reservations(app).await);
    tell("orders", orders::sweep_unpaid(app).await);
    tell("quotes", quotes::sweep_quotes(app).await);
}

fn tell(what: &str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, what, "what is due did not expire");
    }
}
