//! What every row conversion needs: ids, enums and amounts that may not be what they should.

use std::fmt;
use std::str::FromStr;

use sea_orm::JsonValue;
use serde::de::DeserializeOwned;

use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::text_enum::UnknownName;

/// A row that does not fit the domain: somebody else wrote it, or we have a bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorruptRow(String);

impl CorruptRow {
    /// A row that is wrong in this way.
    pub(super) fn new(fault: &str) -> Self {
        Self(fault.to_owned())
    }
}

impl fmt::Display for CorruptRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CorruptRow {}

impl From<UnknownName> for CorruptRow {
    fn from(name: UnknownName) -> Self {
        Self(name.to_string())
    }
}

impl From<MoneyError> for CorruptRow {
    fn from(error: MoneyError) -> Self {
        Self(error.to_string())
    }
}

/// Reads an enum by its name.
pub(super) fn named<T: FromStr<Err = UnknownName>>(name: &str) -> Result<T, CorruptRow> {
    Ok(name.parse()?)
}

/// Reads a currency.
pub(super) fn currency(code: &str) -> Result<Currency, CorruptRow> {
    Currency::parse(code).ok_or_else(|| CorruptRow(format!("{code:?} is no currency")))
}

/// Reads an amount.
pub(super) fn money(currency: Currency, minor_units: i64) -> Result<Money, CorruptRow> {
    Ok(Money::new(currency, minor_units)?)
}

/// Reads a JSON column.
pub(super) fn from_json<T: DeserializeOwned>(value: JsonValue) -> Result<T, CorruptRow> {
    serde_json::from_value(value).map_err(|error| CorruptRow(error.to_string()))
}

/// Writes a JSON column.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<JsonValue, CorruptRow> {
    serde_json::to_value(value).map_err(|error| CorruptRow(error.to_string()))
}
