//! Postal addresses, and how they change.

/// A postal address, kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields are those of the contract's Address")]
pub struct Address {
    pub name: String,
    pub company: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country_code: String,
    pub phone: String,
}

/// Some parts of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the fields are those of Address")]
pub struct PartialAddress {
    pub name: Option<String>,
    pub company: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country_code: Option<String>,
    pub phone: Option<String>,
}

/// What becomes of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AddressChange {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this one, or none.
    Replace(Option<Address>),
    /// Some parts of it change.
    Merge(PartialAddress),
}

impl AddressChange {
    /// Whether anything is to change.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        *self != Self::Keep
    }

    /// The address after the change. Parts of an address that is not there make a new one.
    #[must_use]
    pub fn apply(self, address: Option<Address>) -> Option<Address> {
        match self {
            Self::Keep => address,
            Self::Replace(address) => address,
            Self::Merge(parts) => Some(address.unwrap_or_default().with(parts)),
        }
    }
}

impl Address {
    fn with(self, parts: PartialAddress) -> Self {
        Self {
            name: parts.name.unwrap_or(self.name),
            company: parts.company.unwrap_or(self.company),
            line1: parts.line1.unwrap_or(self.line1),
            line2: parts.line2.unwrap_or(self.line2),
            city: parts.city.unwrap_or(self.city),
            region: parts.region.unwrap_or(self.region),
            postal_code: parts.postal_code.unwrap_or(self.postal_code),
            country_code: parts.country_code.unwrap_or(self.country_code),
            phone: parts.phone.unwrap_or(self.phone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_change_by_themselves() {
        let london = Address { line1: "1 High St".to_owned(), city: "London".to_owned(), ..Address::default() };
        let parts = PartialAddress { city: Some("Leeds".to_owned()), line1: None, ..PartialAddress::default() };
        let merged = AddressChange::Merge(parts.clone()).apply(Some(london.clone()));
        assert_eq!(merged, Some(Address { city: "Leeds".to_owned(), ..london.clone() }));
        assert_eq!(AddressChange::Merge(parts).apply(None).map(|address| address.city), Some("Leeds".to_owned()));
        assert_eq!(AddressChange::Replace(None).apply(Some(london.clone())), None);
        assert_eq!(AddressChange::Keep.apply(Some(london.clone())), Some(london));
    }
}
