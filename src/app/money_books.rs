//! Proving the books of money: orders and payments keep what their payments and refunds sum to. What differs is told, and mended
//! by nobody but people: a program cannot know which of the two is wrong.

use super::{App, Error};
use crate::domain::ids::TenantId;
use crate::store::money_drifts::{self, Kept};

/// Things told at once: who has more has other worries.
const MOST: u64 = 1_000;

/// Everything that differs, a line each; of this tenant, or of all.
///
/// # Errors
/// When the database cannot be read.
pub async fn money_drifts(app: &App, tenant: Option<TenantId>) -> Result<Vec<String>, Error> {
    let reader = app.db.reader();
    let is_asked = |of: TenantId| tenant.is_none_or(|wanted| wanted == of);
    let mut lines = Vec::new();
    for drift in money_drifts::orders(&reader, MOST).await?.into_iter().filter(|drift| is_asked(drift.tenant)) {
        let parts = [("paid", drift.paid), ("refunded", drift.refunded), ("claimed by refunds", drift.claims)];
        lines.push(format!("{} {}: {}", drift.tenant, drift.order, parts.map(told).concat()));
    }
    let payments = money_drifts::payments_of_refunds(&reader, MOST).await?;
    for drift in payments.into_iter().filter(|drift| is_asked(drift.tenant)) {
        let part = told(("claimed by refunds", drift.claims));
        lines.push(format!("{} {}: {part}", drift.tenant, drift.payment));
    }
    Ok(lines.into_iter().map(|line| line.trim_end_matches("; ").to_owned()).collect())
}

/// What is kept and what the rows sum to, where the two differ.
fn told((name, Kept { kept, found }): (&str, Kept)) -> String {
    if kept == found { String::new() } else { format!("{name} {kept}, and the rows sum to {found}; ") }
}
