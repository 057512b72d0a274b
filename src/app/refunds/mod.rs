//! Use cases of refunds: reading them. Creating and moving them have files of their own, as has what an order has left to give.

mod books;
mod create;
mod moves;

pub use create::create;
pub(in crate::app) use moves::{approval_expired, approved, lock, rejected};
pub use moves::{cancel, mark_failed, mark_succeeded, retry};

use super::{Caller, Error, Page, Placed, Read, Thing};
use crate::contract::policy;
use crate::domain::ids::{RefundId, TypedId};
use crate::domain::page::View;
use crate::domain::refund::{Refund, RefundAction, RefundList};
use crate::domain::states::Machine;
use crate::store::{Position, Scope, Source, refunds as rows};

/// Lines read for one answer: more would pass 4 MiB as JSON.
const MAX_ITEMS: usize = 16_000;

/// A refund, and what its caller may do with it now.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The refund. In a list of the view BASIC it has no lines.
    pub refund: Refund,
    /// The moves; none in a list of the view BASIC.
    pub actions: Vec<RefundAction>,
}

impl Placed for Refund {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

impl Placed for Shown {
    fn position(&self) -> Position {
        self.refund.position()
    }
}

/// The refund with this id.
pub async fn get(call: &Read, id: RefundId) -> Result<Shown, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    let refund = found.ok_or(Error::NotFound { thing: Thing::Refund, field: None })?;
    shown(&call.reader, &call.scope(), &call.caller, refund).await
}

/// A page of refunds.
pub async fn list(call: &Read, list: &RefundList) -> Result<Page<Shown>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    let mut refunds = std::mem::take(&mut page.items);
    if list.page.view == View::Basic {
        let (next, basic) = (page.next, refunds.into_iter().map(|refund| Shown { refund, actions: Vec::new() }));
        return Ok(page.with(basic.collect(), next));
    }
    let fitting = fitting(call, &refunds).await?;
    let next = if fitting < refunds.len() { refunds.get(fitting - 1).map(Placed::position) } else { page.next };
    refunds.truncate(fitting);
    let mut full = Vec::with_capacity(fitting);
    for refund in rows::with_items(&call.reader, refunds).await? {
        full.push(shown(&call.reader, &call.scope(), &call.caller, refund).await?);
    }
    Ok(page.with(full, next))
}

/// How many of these refunds can be shown with their lines, at least one.
async fn fitting(call: &Read, refunds: &[Refund]) -> Result<usize, Error> {
    let ids: Vec<_> = refunds.iter().map(|refund| refund.id).collect();
    let counts = rows::item_counts(&call.reader, &ids).await?;
    let mut items = 0;
    let fits = |id: &&RefundId| {
        items += counts.get(*id).copied().unwrap_or(0);
        items <= MAX_ITEMS
    };
    Ok(ids.iter().take_while(fits).count().max(1).min(ids.len()))
}

/// A refund with the moves that are legal now for this caller. A refund that failed can be tried again only while its money and
/// units are there.
async fn shown(from: &impl Source, scope: &Scope, caller: &Caller, refund: Refund) -> Result<Shown, Error> {
    let permission = |action| match action {
        RefundAction::MarkSucceeded => policy::MARK_REFUND_SUCCEEDED.permission,
        RefundAction::MarkFailed => policy::MARK_REFUND_FAILED.permission,
        RefundAction::Retry => policy::RETRY_REFUND.permission,
        RefundAction::Cancel => policy::CANCEL_REFUND.permission,
        // The service's own: no caller may.
        RefundAction::Approve | RefundAction::Reject | RefundAction::Expire => None,
    };
    let mut actions = refund.status.legal();
    actions.retain(|action| permission(*action).is_some_and(|needed| caller.may(needed)));
    if actions.contains(&RefundAction::Retry) && !books::can_retry(from, scope, &refund).await? {
        actions.retain(|action| *action != RefundAction::Retry);
    }
    Ok(Shown { refund, actions })
}
