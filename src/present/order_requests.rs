//! Requests about orders, as domain values.

use super::mask::Mask;
use super::parse::{Parser, binding, parse_id};
use super::shared::{address_change, optional, page_request, view};
use crate::contract::pb;
use crate::domain::ids::OrderId;
use crate::domain::money::Money;
use crate::domain::order::{
    Cancellation, HoldRelease, NewLine, NewOrder, OrderBatch, OrderContent, OrderExport, OrderFilter, OrderList,
    OrderMove, OrderPatch, OrderReplacement, OrderSelection, OrderUpdate, Placement, Units,
};
use crate::domain::page::View;
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

/// Lines in one batch of orders.
const MAX_BATCH_ITEMS: usize = 5_000;

impl TryFrom<pb::CreateOrderRequest> for NewOrder {
    type Error = Invalid;

    fn try_from(message: pb::CreateOrderRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let expected_total = expected_total(&mut parser, message.expected_total.as_ref());
        let reservation = parser.maybe_id("reservation_id", &message.reservation_id);
        let content = content(
            &mut parser,
            pb::ReplaceOrderRequest {
                customer_id: message.customer_id,
                currency_code: message.currency_code,
                items: message.items,
                discount: message.discount,
                shipping_address: message.shipping_address,
                billing_address: message.billing_address,
                note: message.note,
                reference: message.reference,
                metadata: message.metadata,
                ..Default::default()
            },
        );
        if message.draft && !message.reservation_id.is_empty() {
            let violation = Violation::new("reservation_id", "not_for_drafts", "a draft takes no stock");
            parser.violations.push(violation);
        }
        let is_draft = message.draft;
        parser.finish(content.map(|content| Self { content, is_draft, expected_total, reservation }))
    }
}

impl TryFrom<pb::BatchCreateOrdersRequest> for OrderBatch {
    type Error = Invalid;

    fn try_from(message: pb::BatchCreateOrdersRequest) -> Result<Self, Invalid> {
        let per_item = message.on_error() == pb::batch_create_orders_request::OnError::PerItem;
        let (mut parser, mut orders) = (Parser::default(), Vec::with_capacity(message.orders.len()));
        if message.orders.iter().map(|order| order.items.len()).sum::<usize>() > MAX_BATCH_ITEMS {
            let text = format!("may have {MAX_BATCH_ITEMS} lines in all");
            parser.violations.push(Violation::new("orders", "too_many", text));
        }
        for (place, order) in message.orders.into_iter().enumerate() {
            if order.validate_only {
                let field = format!("orders[{place}].validate_only");
                parser.violations.push(Violation::new(field, "not_alone", "counts for the request as a whole"));
            }
            let at =
                |violation: Violation| Violation { field: format!("orders[{place}].{}", violation.field), ..violation };
            match NewOrder::try_from(order) {
                Ok(order) => orders.push(order),
                Err(violations) => parser.violations.extend(violations.into_iter().map(at)),
            }
        }
        parser.finish(Some(Self { orders, per_item }))
    }
}

impl TryFrom<pb::ReplaceOrderRequest> for OrderReplacement {
    type Error = Invalid;

    fn try_from(message: pb::ReplaceOrderRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("order_id", &message.order_id);
        let expected_total = expected_total(&mut parser, message.expected_total.as_ref());
        let content = content(&mut parser, message);
        parser.finish(id.zip(content).map(|(id, content)| Self { id, content, expected_total }))
    }
}

/// What create and replace say alike.
fn content(parser: &mut Parser, message: pb::ReplaceOrderRequest) -> Option<OrderContent> {
    let customer = parser.id("customer_id", &message.customer_id);
    let currency = parser.currency("currency_code", &message.currency_code);
    let lines = lines(parser, message.items, "");
    let discount = parser.discount("discount", message.discount.as_ref());
    Some(OrderContent {
        customer: customer?,
        currency: currency?,
        lines,
        discount,
        shipping_address: message.shipping_address.map(Into::into),
        billing_address: message.billing_address.map(Into::into),
        note: message.note,
        reference: optional(message.reference),
        metadata: message.metadata,
    })
}

fn expected_total(parser: &mut Parser, total: Option<&pb::Money>) -> Option<Money> {
    total.and_then(|total| parser.money("expected_total", total))
}

pub(super) fn lines(parser: &mut Parser, items: Vec<pb::create_order_request::Item>, at: &str) -> Vec<NewLine> {
    let lines = items.into_iter().enumerate().map(|(place, item)| {
        let field = format!("{at}items[{place}]");
        NewLine {
            unit_price: item.unit_price.and_then(|price| parser.price(&format!("{field}.unit_price"), &price)),
            discount: parser.discount(&format!("{field}.discount"), item.discount.as_ref()),
            location: parser.maybe_id(&format!("{field}.location_id"), &item.location_id),
            sku: item.sku,
            quantity: item.quantity,
        }
    });
    lines.collect()
}

impl TryFrom<pb::UpdateOrderRequest> for OrderUpdate {
    type Error = Invalid;

    fn try_from(message: pb::UpdateOrderRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("order_id", &message.order_id);
        let patch = patch(&mut parser, &message.update_mask.into(), message.order.unwrap_or_default());
        parser.finish(id.map(|id| Self { id, patch }))
    }
}

fn patch(parser: &mut Parser, mask: &Mask, order: pb::OrderPatch) -> OrderPatch {
    let customer = mask.required(parser, "order.customer_id", order.customer_id);
    let currency = mask.required(parser, "order.currency_code", order.currency_code);
    let items = (!order.items.is_empty()).then_some(order.items);
    let items = mask.required(parser, "order.items", items);
    OrderPatch {
        customer: customer.and_then(|id| parser.id("order.customer_id", &id)),
        currency: currency.and_then(|code| parser.currency("order.currency_code", &code)),
        lines: items.map(|items| lines(parser, items, "order.")),
        discount: mask.value("discount", parser.discount("order.discount", order.discount.as_ref())),
        shipping_address: address_change(mask, "shipping_address", order.shipping_address),
        billing_address: address_change(mask, "billing_address", order.billing_address),
        note: mask.value("note", order.note.unwrap_or_default()),
        reference: mask.value("reference", order.reference.and_then(optional)),
        metadata: mask.value("metadata", order.metadata),
    }
}

impl TryFrom<pb::PlaceOrderRequest> for Placement {
    type Error = Invalid;

    fn try_from(message: pb::PlaceOrderRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("order_id", &message.order_id);
        let expected_total = expected_total(&mut parser, message.expected_total.as_ref());
        let reservation = parser.maybe_id("reservation_id", &message.reservation_id);
        parser.finish(id.map(|id| Self { id, reason: message.reason, expected_total, reservation }))
    }
}

impl TryFrom<pb::ConfirmOrderRequest> for OrderMove {
    type Error = Invalid;

    fn try_from(message: pb::ConfirmOrderRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("order_id", &message.order_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::CancelOrderRequest> for Cancellation {
    type Error = Invalid;

    fn try_from(message: pb::CancelOrderRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("order_id", &message.order_id);
        let units = message.items.iter().enumerate().filter_map(|(place, units)| {
            let item = parser.id(&format!("items[{place}].item_id"), &units.item_id)?;
            Some(Units { item, quantity: units.quantity })
        });
        let units = units.collect();
        parser.finish(id.map(|id| Self { id, units, reason: message.reason }))
    }
}

impl TryFrom<pb::HoldOrderRequest> for OrderMove {
    type Error = Invalid;

    fn try_from(message: pb::HoldOrderRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("order_id", &message.order_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::ReleaseOrderHoldRequest> for HoldRelease {
    type Error = Invalid;

    fn try_from(message: pb::ReleaseOrderHoldRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("order_id", &message.order_id);
        let hold = parser.maybe_id("hold_id", &message.hold_id);
        parser.finish(id.map(|id| Self { id, hold, reason: message.reason }))
    }
}

impl TryFrom<pb::CompleteOrderRequest> for OrderMove {
    type Error = Invalid;

    fn try_from(message: pb::CompleteOrderRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("order_id", &message.order_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::DeleteOrderRequest> for OrderId {
    type Error = Invalid;

    fn try_from(message: pb::DeleteOrderRequest) -> Result<Self, Invalid> {
        parse_id("order_id", &message.order_id)
    }
}

impl TryFrom<pb::GetOrderRequest> for OrderId {
    type Error = Invalid;

    fn try_from(message: pb::GetOrderRequest) -> Result<Self, Invalid> {
        parse_id("order_id", &message.order_id)
    }
}

impl TryFrom<pb::BatchGetOrdersRequest> for OrderSelection {
    type Error = Invalid;

    fn try_from(message: pb::BatchGetOrdersRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let view = view(message.view());
        let ids = parser.ids("order_ids", &message.order_ids);
        parser.finish(Some(Self { ids, view }))
    }
}

impl TryFrom<pb::ExportOrdersRequest> for OrderExport {
    type Error = Invalid;

    fn try_from(mut message: pb::ExportOrdersRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let resume_token = std::mem::take(&mut message.resume_token);
        let view = match message.view() {
            pb::View::Basic => View::Basic,
            pb::View::Full | pb::View::Unspecified => View::Full,
        };
        message.view = 0;
        let binding = binding(&message);
        let mut parser = Parser::default();
        let filter = OrderFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            reference: optional(message.reference),
            sku: optional(message.sku),
        };
        parser.finish(Some(Self { filter, view, resume_token, binding }))
    }
}

impl TryFrom<pb::ListOrdersRequest> for OrderList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListOrdersRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let filter = OrderFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            reference: optional(message.reference),
            sku: optional(message.sku),
        };
        parser.finish(Some(Self { filter, page }))
    }
}
