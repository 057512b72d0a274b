//! What the rules of the desk refuse: stock, quotes, approvals, money, shipments, returns.

use super::Failure;
use crate::app::{self, Excess, Shortage};
use crate::contract::pb::ErrorCode;

/// What the rules of the desk refuse.
pub(super) fn failure(error: app::Error) -> Failure {
    use app::Error;
    match error {
        Error::InsufficientStock(shortages) => short_of_stock(shortages),
        Error::StockChanged { on_hand } => Failure::from(ErrorCode::StockChanged)
            .with("on_hand", on_hand.to_string())
            .at("expected_on_hand", "is not what there is"),
        Error::InventoryNotTracked { field } => {
            Failure::from(ErrorCode::InventoryNotTracked).at(field, "names a product whose stock is not counted")
        }
        Error::ReservationExpired { field } => Failure::from(ErrorCode::ReservationExpired).at_some(field, "expired"),
        Error::ProductInUse { field } => {
            Failure::from(ErrorCode::ProductInUse).at(field, "cannot be changed while units are open")
        }
        Error::QuoteExpired => ErrorCode::QuoteExpired.into(),
        Error::RefundExceedsRemaining { maximum, field } => Failure::from(ErrorCode::RefundExceedsRemaining)
            .with("maximum", maximum.minor_units().to_string())
            .with("currency_code", maximum.currency().to_string())
            .at(field, "is more than can be given back"),
        Error::PaymentInUse => ErrorCode::PaymentInUse.into(),
        Error::TooMany { excess, item, maximum, field } => Failure::from(match excess {
            Excess::Shipment => ErrorCode::OverShipment,
            Excess::Return => ErrorCode::OverReturn,
            Excess::Cancellation => ErrorCode::OverCancellation,
        })
        .with("item_id", item.to_string())
        .with("maximum", maximum.to_string())
        .at(field, format!("may be {maximum} at most")),
        Error::OrderOnHold => ErrorCode::OrderOnHold.into(),
        Error::PolicyUnsatisfiable { role } => {
            Failure::from(ErrorCode::PolicyUnsatisfiable).with("role", role.as_str())
        }
        other => Failure::internal(&other),
    }
}

/// The first product decides what the metadata say; the details list every one.
fn short_of_stock(shortages: Vec<Shortage>) -> Failure {
    let mut failure = Failure::from(ErrorCode::InsufficientStock);
    if let Some(first) = shortages.first() {
        failure = failure.message(format!("There is not enough of {:?} in stock.", first.sku)).with("sku", &first.sku);
        if let Some(available) = first.available {
            failure = failure.with("available", available.to_string());
        }
    }
    let details = shortages.into_iter().take(transcode::MAX_VIOLATIONS);
    details.fold(failure, |failure, shortage| failure.at_some(shortage.field, "is more than is available"))
}
