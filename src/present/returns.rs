//! Returns: requests as domain values, and returns as messages.

use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ReturnId;
use crate::domain::returns::{
    Decision, Disposition, Inspection, NewReturn, Receipt, Return, ReturnAction, ReturnFilter, ReturnHead, ReturnItem,
    ReturnList, ReturnMove, ReturnStatus,
};
use crate::domain::units::LineUnits;
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::CreateReturnRequest> for NewReturn {
    type Error = Invalid;

    fn try_from(message: pb::CreateReturnRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let order = parser.id("order_id", &message.order_id);
        let units = units(&mut parser, &message.items);
        parser.finish(order.map(|order| Self {
            order,
            units,
            reason: message.reason,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

fn units(parser: &mut Parser, items: &[pb::create_return_request::Item]) -> Vec<LineUnits> {
    let units = items.iter().enumerate().filter_map(|(place, item)| {
        let id = parser.id(&format!("items[{place}].item_id"), &item.item_id);
        id.map(|id| LineUnits { item: id, quantity: item.quantity })
    });
    units.collect()
}

impl TryFrom<pb::GetReturnRequest> for ReturnId {
    type Error = Invalid;

    fn try_from(message: pb::GetReturnRequest) -> Result<Self, Invalid> {
        parse_id("return_id", &message.return_id)
    }
}

impl TryFrom<pb::ListReturnsRequest> for ReturnList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListReturnsRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let filter = ReturnFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            order: parser.maybe_id("order_id", &message.order_id),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::AuthorizeReturnRequest> for ReturnMove {
    type Error = Invalid;

    fn try_from(message: pb::AuthorizeReturnRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("return_id", &message.return_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::ReceiveReturnRequest> for Receipt {
    type Error = Invalid;

    fn try_from(message: pb::ReceiveReturnRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("return_id", &message.return_id);
        let came = units(&mut parser, &message.items);
        let came = (!came.is_empty()).then_some(came);
        parser.finish(id.map(|id| Self { step: ReturnMove { id, reason: message.reason }, units: came }))
    }
}

impl TryFrom<pb::InspectReturnRequest> for Inspection {
    type Error = Invalid;

    fn try_from(message: pb::InspectReturnRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("return_id", &message.return_id);
        let location = parser.maybe_id("location_id", &message.location_id);
        let decisions = message.items.iter().enumerate().filter_map(|(place, item)| {
            let id = parser.id(&format!("items[{place}].item_id"), &item.item_id);
            let units = id.map(|id| LineUnits { item: id, quantity: item.quantity });
            units.zip(disposition(item.disposition())).map(|(units, disposition)| Decision { units, disposition })
        });
        let decisions = decisions.collect();
        parser.finish(id.map(|id| Self { step: ReturnMove { id, reason: message.reason }, decisions, location }))
    }
}

/// The contract sees to it that there is one.
fn disposition(disposition: pb::r#return::Disposition) -> Option<Disposition> {
    disposition.as_str_name().parse().ok()
}

impl TryFrom<pb::RejectReturnRequest> for ReturnMove {
    type Error = Invalid;

    fn try_from(message: pb::RejectReturnRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("return_id", &message.return_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::CloseReturnRequest> for ReturnMove {
    type Error = Invalid;

    fn try_from(message: pb::CloseReturnRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("return_id", &message.return_id)?, reason: message.reason })
    }
}

/// A return with everything, and the moves that are legal for the caller.
#[must_use]
pub fn full_return(found: &Return, actions: &[ReturnAction]) -> pb::Return {
    pb::Return {
        items: found.items.iter().map(item).collect(),
        metadata: found.head.metadata.clone(),
        allowed_actions: actions.iter().map(|action| action.as_str().to_owned()).collect(),
        ..basic_return(&found.head)
    }
}

/// A return as lists show it: without lines, metadata and moves.
#[must_use]
pub fn basic_return(head: &ReturnHead) -> pb::Return {
    pb::Return {
        id: head.id.to_string(),
        order_id: head.order.to_string(),
        customer_id: head.customer.to_string(),
        status: status(head.status).into(),
        reason: head.reason.clone(),
        reject_reason: head.reject_reason.clone(),
        reference: head.reference.clone().unwrap_or_default(),
        etag: etag(head.version),
        create_time: Some(time(head.create_time)),
        update_time: Some(time(head.update_time)),
        authorize_time: head.authorize_time.map(time),
        receive_time: head.receive_time.map(time),
        inspect_time: head.inspect_time.map(time),
        reject_time: head.reject_time.map(time),
        close_time: head.close_time.map(time),
        ..Default::default()
    }
}

fn item(item: &ReturnItem) -> pb::r#return::Item {
    pb::r#return::Item {
        item_id: item.item.to_string(),
        sku: item.sku.clone(),
        quantity: item.quantity,
        quantity_received: item.quantity_received,
        quantity_restocked: item.quantity_restocked,
        quantity_scrapped: item.quantity_scrapped,
        quantity_sent_back: item.quantity_sent_back,
    }
}

fn status(status: ReturnStatus) -> pb::r#return::Status {
    use pb::r#return::Status;
    match status {
        ReturnStatus::Requested => Status::Requested,
        ReturnStatus::Authorized => Status::Authorized,
        ReturnStatus::Received => Status::Received,
        ReturnStatus::Inspected => Status::Inspected,
        ReturnStatus::Closed => Status::Closed,
        ReturnStatus::Rejected => Status::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_names_of_the_contract() {
        for known in ReturnStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
        for known in Disposition::ALL {
            let shown = pb::r#return::Disposition::from_str_name(known.as_str()).expect("a value of the contract");
            assert_eq!(disposition(shown), Some(*known));
        }
    }
}
