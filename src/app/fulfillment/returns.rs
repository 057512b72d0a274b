//! Returns: asked for, agreed to, taken in, inspected, closed, or refused.

use super::super::{Call, Caller, Error, Excess, Page, Placed, Read, Thing, Unique, inventory, orders};
use super::{fitting, illegal, refused, save_order, tracked};
use crate::contract::policy;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{ReturnId, TypedId};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::page::View;
use crate::domain::returns::{
    self, Inspection, InspectionError, NewReturn, Receipt, Return, ReturnAction, ReturnHead, ReturnList, ReturnMove,
    ReturnStatus,
};
use crate::domain::states::Machine;
use crate::domain::stock::StockChange;
use crate::store::{Position, returns as rows};

impl Placed for ReturnHead {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

impl Placed for Return {
    fn position(&self) -> Position {
        self.head.position()
    }
}

/// Asks to send units back.
pub async fn create_return(call: &Call, new: NewReturn) -> Result<Return, Error> {
    let before = orders::lock(call, new.order, Some("order_id")).await?;
    if !matches!(before.head.status, OrderStatus::Confirmed | OrderStatus::Completed) {
        return Err(illegal(call, &before, "return"));
    }
    let units = returns::check_units(&before, &new.units).map_err(|error| refused(error, Excess::Return))?;
    check_reference(call, &before, new.reference.as_deref()).await?;
    call.because(&new.reason);
    let mut order = before.clone();
    let asked = Return::request(call.id(), &mut order, new, &units, call.now);
    rows::insert(&call.tx, &call.scope(), &asked).await?;
    save_order(call, &before, order).await?;
    call.tell(EventType::ReturnRequested, Subject::Return(&asked.head));
    Ok(asked)
}

async fn check_reference(call: &Call, order: &Order, reference: Option<&str>) -> Result<(), Error> {
    let Some(reference) = reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), order.head.customer, reference).await? {
        Some(existing) => Err(Error::Duplicate {
            unique: Unique::Reference,
            existing: existing.to_string(),
            field: "reference".to_owned(),
        }),
        None => Ok(()),
    }
}

/// The return with this id.
pub async fn get_return(call: &Read, id: ReturnId) -> Result<Return, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Return, field: None })
}

/// A page of returns; in the view BASIC without their lines.
pub async fn list_returns(call: &Read, list: &ReturnList) -> Result<Page<Return>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    let heads = std::mem::take(&mut page.items);
    let (page, shown) = match list.page.view {
        View::Basic => (page, heads.into_iter().map(|head| Return { head, items: Vec::new() }).collect()),
        View::Full => {
            let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
            let counts = rows::item_counts(&call.reader, &ids).await?;
            let (page, heads) = fitting(page, heads, |head| counts.get(&head.id).copied().unwrap_or(0));
            (page, rows::with_items(&call.reader, &call.scope(), heads).await?)
        }
    };
    let next = page.next;
    Ok(page.with(shown, next))
}

/// Agrees to a return. Doing it again changes nothing.
pub async fn authorize_return(call: &Call, step: ReturnMove) -> Result<Return, Error> {
    let Open { order, before, due } = load(call, step.id, ReturnAction::Authorize).await?;
    if !due {
        return Ok(before);
    }
    let mut after = before.clone();
    after.authorize(call.now);
    let made = Made { order: order.clone(), after, event: EventType::ReturnAuthorized };
    save(call, (&order, &before), made, &step.reason).await
}

/// Takes in what came. Doing it again changes nothing.
pub async fn receive_return(call: &Call, receipt: Receipt) -> Result<Return, Error> {
    let Open { order, before, due } = load(call, receipt.step.id, ReturnAction::Receive).await?;
    if !due {
        return Ok(before);
    }
    let (mut counted, mut after) = (order.clone(), before.clone());
    let received = after.receive(&mut counted, receipt.units.as_deref(), call.now);
    received.map_err(|error| refused(error, Excess::Return))?;
    let made = Made { order: counted, after, event: EventType::ReturnReceived };
    save(call, (&order, &before), made, &receipt.step.reason).await
}

/// Decides what becomes of what came; what is stocked again is in stock at once. Doing it again changes nothing.
pub async fn inspect_return(call: &Call, inspection: Inspection) -> Result<Return, Error> {
    let Open { order, before, due } = load(call, inspection.step.id, ReturnAction::Inspect).await?;
    if !due {
        return Ok(before);
    }
    let (mut counted, mut after) = (order.clone(), before.clone());
    after.inspect(&mut counted, &inspection.decisions, call.now).map_err(incomplete)?;
    let changes = restocked(call, &counted, &after, &inspection).await?;
    let made = Made { order: counted, after, event: EventType::ReturnInspected };
    let after = save(call, (&order, &before), made, &inspection.step.reason).await?;
    inventory::apply(call, changes).await?;
    Ok(after)
}

fn incomplete(error: InspectionError) -> Error {
    match error {
        InspectionError::Units(error) => refused(error, Excess::Return),
        InspectionError::Left { item, quantity } => {
            let message = format!("must say what becomes of every unit that came: {quantity} of {item} are left");
            Error::invalid("items", "incomplete", message)
        }
    }
}

/// What an inspection does to stock.
async fn restocked(
    call: &Call,
    order: &Order,
    after: &Return,
    inspection: &Inspection,
) -> Result<Vec<StockChange>, Error> {
    let tracked = tracked(call, after.items.iter().map(|item| item.product)).await?;
    let is_tracked = |product| tracked.contains(&product);
    if inspection.location.is_none() && !after.restocks(is_tracked) {
        return Ok(Vec::new());
    }
    let default = inventory::location_or_default(call, inspection.location, "location_id").await?;
    Ok(after.restock(order, is_tracked, inspection.location, default))
}

/// Refuses a return. Doing it again changes nothing.
pub async fn reject_return(call: &Call, step: ReturnMove) -> Result<Return, Error> {
    let Open { order, before, due } = load(call, step.id, ReturnAction::Reject).await?;
    if !due {
        return Ok(before);
    }
    let (mut counted, mut after) = (order.clone(), before.clone());
    after.reject(&mut counted, step.reason.clone(), call.now);
    let made = Made { order: counted, after, event: EventType::ReturnRejected };
    save(call, (&order, &before), made, &step.reason).await
}

/// Ends a return. Doing it again changes nothing.
pub async fn close_return(call: &Call, step: ReturnMove) -> Result<Return, Error> {
    let Open { order, before, due } = load(call, step.id, ReturnAction::Close).await?;
    if !due {
        return Ok(before);
    }
    let (mut counted, mut after) = (order.clone(), before.clone());
    after.close(&mut counted, call.now);
    let made = Made { order: counted, after, event: EventType::ReturnClosed };
    save(call, (&order, &before), made, &step.reason).await
}

/// A return that a write is about, and its order, both ours until the transaction is over.
struct Open {
    order: Order,
    before: Return,
    /// Whether the move is still to be made.
    due: bool,
}

async fn load(call: &Call, id: ReturnId, action: ReturnAction) -> Result<Open, Error> {
    let order = rows::order_of(&call.tx, &call.scope(), id).await?;
    let order = order.ok_or(Error::NotFound { thing: Thing::Return, field: None })?;
    let order = orders::lock(call, order, None).await?;
    let before = call.expect(Thing::Return, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    let status = before.head.status;
    let due = status.asks(action).ok_or_else(|| {
        let allowed = allowed_actions(&call.caller, status).into_iter().map(ReturnAction::as_str).collect();
        Error::IllegalTransition { from: status.as_str(), action: action.as_str(), allowed, field: None }
    })?;
    Ok(Open { order, before, due })
}

/// What a move has made of a return and its order.
struct Made {
    order: Order,
    after: Return,
    event: EventType,
}

/// Writes a move. An order whose counts stay is left alone.
async fn save(call: &Call, (order, before): (&Order, &Return), made: Made, reason: &str) -> Result<Return, Error> {
    rows::save(&call.tx, &call.scope(), before, &made.after).await?;
    if made.order != *order {
        save_order(call, order, made.order).await?;
    }
    call.because(reason);
    call.tell(made.event, Subject::Return(&made.after.head));
    Ok(made.after)
}

/// The moves of a return that are legal in a state for this caller.
#[must_use]
pub fn allowed_actions(caller: &Caller, status: ReturnStatus) -> Vec<ReturnAction> {
    let permission = |action| match action {
        ReturnAction::Authorize => policy::AUTHORIZE_RETURN.permission,
        ReturnAction::Receive => policy::RECEIVE_RETURN.permission,
        ReturnAction::Inspect => policy::INSPECT_RETURN.permission,
        ReturnAction::Reject => policy::REJECT_RETURN.permission,
        ReturnAction::Close => policy::CLOSE_RETURN.permission,
    };
    let legal = status.legal().into_iter();
    legal.filter(|action| permission(*action).is_none_or(|needed| caller.may(needed))).collect()
}
