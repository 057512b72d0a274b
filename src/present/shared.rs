//! Shapes that several messages share.

use super::mask::Mask;
use super::parse::binding;
use crate::contract::conventions::PageMessage;
use crate::contract::{self, pb};
use crate::domain::discount::Discount;
use crate::domain::ids::{ApiKeyId, TypedId};
use crate::domain::money::{Money, RoundingMode, TaxMode};
use crate::domain::page::{PageRequest, Sort, View};
use crate::domain::time::Time;
use crate::domain::{Address, AddressChange, PartialAddress};

/// An amount.
pub(super) fn money(money: Money) -> pb::Money {
    pb::Money { currency_code: money.currency().to_string(), minor_units: money.minor_units() }
}

/// A discount.
pub(super) fn discount(discount: Discount) -> pb::Discount {
    match discount {
        Discount::Amount(amount) => pb::Discount { amount: Some(money(amount)), percent_bps: None },
        Discount::Percent(bps) => pb::Discount { amount: None, percent_bps: Some(bps) },
    }
}

/// A point in time.
pub(super) fn time(time: Time) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.micros().div_euclid(1_000_000),
        nanos: i32::try_from(time.micros().rem_euclid(1_000_000) * 1_000).unwrap_or(0),
    }
}

/// A point in time as JSON has it (RFC 3339).
pub(crate) fn rfc3339(at: Time) -> String {
    contract::to_json(&time(at)).as_str().unwrap_or_default().to_owned()
}

/// Who did something: a key, or nobody when the service did it by itself.
pub(super) fn actor(key: ApiKeyId) -> String {
    if key.uuid().is_nil() { String::new() } else { key.to_string() }
}

/// The way that a list runs when it is told to.
const OLDEST_FIRST: &str = "create_time";

/// Which page a list request wants. What stays in the message are its filters: the token is bound to them, so filters
/// that mean the same must have been brought into one spelling before.
pub(super) fn page_request<M: PageMessage>(message: &mut M) -> PageRequest {
    let fields = message.take_page();
    let (sort, mark) = if fields.order_by == OLDEST_FIRST { (Sort::OldestFirst, 1) } else { (Sort::NewestFirst, 0) };
    let mut binding = binding(message);
    binding.push(mark);
    let view = if fields.view == i32::from(pb::View::Full) { View::Full } else { View::Basic };
    PageRequest { size: fields.page_size, token: fields.page_token, sort, view, binding }
}

/// A view that was asked for by itself; BASIC when nobody says.
pub(super) fn view(view: pb::View) -> View {
    match view {
        pb::View::Full => View::Full,
        pb::View::Basic | pb::View::Unspecified => View::Basic,
    }
}

/// An optional text of a message: empty means none.
pub(super) fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A tax mode.
pub(super) fn tax_mode(mode: TaxMode) -> pb::tenant::TaxMode {
    match mode {
        TaxMode::Exclusive => pb::tenant::TaxMode::Exclusive,
        TaxMode::Inclusive => pb::tenant::TaxMode::Inclusive,
    }
}

/// A rounding mode.
pub(super) fn rounding_mode(mode: RoundingMode) -> pb::tenant::RoundingMode {
    match mode {
        RoundingMode::HalfUp => pb::tenant::RoundingMode::HalfUp,
        RoundingMode::HalfEven => pb::tenant::RoundingMode::HalfEven,
    }
}

impl From<Address> for pb::Address {
    fn from(address: Address) -> Self {
        Self {
            name: address.name,
            company: address.company,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country_code: address.country_code,
            phone: address.phone,
        }
    }
}

impl From<pb::Address> for Address {
    fn from(address: pb::Address) -> Self {
        Self {
            name: address.name,
            company: address.company,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country_code: address.country_code,
            phone: address.phone,
        }
    }
}

/// What becomes of an address: of the whole, or of the parts that the mask names.
pub(super) fn address_change(mask: &Mask, field: &str, address: Option<pb::Address>) -> AddressChange {
    let parts = mask.parts(field);
    if parts.is_empty() {
        return if mask.names(field) { AddressChange::Replace(address.map(Into::into)) } else { AddressChange::Keep };
    }
    let address = address.unwrap_or_default();
    let part = |name: &str, text: String| parts.contains(&name).then_some(text);
    AddressChange::Merge(PartialAddress {
        name: part("name", address.name),
        company: part("company", address.company),
        line1: part("line1", address.line1),
        line2: part("line2", address.line2),
        city: part("city", address.city),
        region: part("region", address.region),
        postal_code: part("postal_code", address.postal_code),
        country_code: part("country_code", address.country_code),
        phone: part("phone", address.phone),
    })
}
