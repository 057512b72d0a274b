//! What every write that touches prices needs: who may choose them, and the products and settings they come from.

use std::collections::HashMap;

use super::super::{Call, Error};
use super::allowed_actions;
use crate::contract::policy::Permission;
use crate::domain::ids::OrderItemId;
use crate::domain::money::Money;
use crate::domain::order::{
    IllegalMove, LineError, LineProblem, NewLine, Order, OrderError, OrderStatus, Rights, Settings,
};
use crate::domain::product::Product;
use crate::store::{access, catalog};

/// Products by their SKU.
pub(in crate::app) type Products = HashMap<String, Product>;

/// Prices and discounts of the client's own need permissions of their own. `at` is what stands before `items` in the request.
pub(in crate::app) fn check_chosen(call: &Call, lines: &[NewLine], has_discount: bool, at: &str) -> Result<(), Error> {
    let line = |find: fn(&NewLine) -> bool| lines.iter().position(find);
    let price = line(|line| line.unit_price.is_some()).map(|place| format!("{at}items[{place}].unit_price"));
    let discount = line(|line| line.discount.is_some()).map(|place| format!("{at}items[{place}].discount"));
    let discount = discount.or(has_discount.then(|| format!("{at}discount")));
    for (field, permission) in [(price, Permission::OrdersOverridePrice), (discount, Permission::OrdersDiscount)] {
        if field.is_some() && !call.caller.may(permission) {
            return Err(Error::PermissionDenied { permission, field });
        }
    }
    Ok(())
}

/// Gives the order these lines at the prices of the catalog, and computes every amount. A draft follows the settings of the
/// tenant; a placed order keeps those it was placed with.
pub(in crate::app) async fn price(
    call: &Call,
    order: &mut Order,
    lines: Vec<NewLine>,
    at: &str,
) -> Result<Products, Error> {
    if order.head.status == OrderStatus::Draft {
        order.follow(settings(call).await?);
    }
    let mut skus: Vec<_> = lines.iter().map(|line| line.sku.as_str()).collect();
    skus.sort_unstable();
    skus.dedup();
    let products = catalog::by_skus_shared(&call.tx, &call.scope(), &skus).await?;
    let rights = Rights {
        prices: call.caller.may(Permission::OrdersOverridePrice),
        discounts: call.caller.may(Permission::OrdersDiscount),
    };
    order.set_lines(lines, &products, || call.id::<OrderItemId>(), rights, at)?;
    Ok(products)
}

/// How the tenant computes amounts.
pub(in crate::app) async fn settings(call: &Call) -> Result<Settings, Error> {
    let tenant = access::tenant(&call.tx, call.caller.tenant).await?;
    let tenant = tenant.ok_or_else(|| Error::Fault(format!("{} has no row", call.caller.tenant)))?;
    Ok(Settings { tax_mode: tenant.tax_mode, rounding_mode: tenant.rounding_mode })
}

/// The order costs what the client expects, when it expects something. `at` is what stands before the fields of the order.
pub(super) fn check_total(order: &Order, expected: Option<Money>, at: &str) -> Result<(), Error> {
    let total = order.head.totals.total;
    match expected {
        Some(expected) if expected.currency() != total.currency() => {
            Err(Error::CurrencyMismatch { field: format!("{at}expected_total.currency_code") })
        }
        Some(expected) if expected != total => Err(Error::PriceChanged { total, field: format!("{at}expected_total") }),
        _ => Ok(()),
    }
}

/// A line that only somebody else may order.
fn denied(line: &LineError) -> Option<Error> {
    let permission = match line.problem {
        LineProblem::ChosenPrice => Permission::OrdersOverridePrice,
        LineProblem::GivenDiscount => Permission::OrdersDiscount,
        LineProblem::ProductNotFound
        | LineProblem::ProductArchived
        | LineProblem::PriceNotFound(_)
        | LineProblem::CurrencyMismatch(_)
        | LineProblem::BelowCanceled(..)
        | LineProblem::DroppedCanceled => return None,
    };
    Some(Error::PermissionDenied { permission, field: Some(format!("{}.quantity", line.field)) })
}

impl From<OrderError> for Error {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Lines(lines) => match lines.iter().find_map(denied) {
                Some(denied) => denied,
                None => Self::Lines(lines),
            },
            OrderError::Invalid(violation) => Self::Invalid(vec![violation]),
            OrderError::DiscountCurrency(field) => Self::CurrencyMismatch { field },
            OrderError::Corrupt(fault) => Self::Fault(fault),
        }
    }
}

/// A move that is not legal, with those that are, for this caller.
pub(super) fn illegal(call: &Call, order: &Order, illegal: IllegalMove) -> Error {
    Error::IllegalTransition {
        from: illegal.from.as_str(),
        action: illegal.action.as_str(),
        allowed: allowed_actions(&call.caller, order).iter().map(|action| action.as_str()).collect(),
        field: illegal.field,
    }
}
