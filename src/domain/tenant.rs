//! Tenants: businesses that share an installation and never see each other.

use std::time::Duration;

use super::etag::Versioned;
use super::ids::TenantId;
use super::money::{RoundingMode, TaxMode};
use super::time::Time;

/// A tenant with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// Whether its prices are without or with tax.
    pub tax_mode: TaxMode,
    /// How its amounts are rounded.
    pub rounding_mode: RoundingMode,
    /// How long its orders may stay unpaid; `None`: for ever.
    pub unpaid_expiry: Option<Duration>,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What a new tenant is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// What people call it.
    pub name: String,
}

/// What an update makes of a tenant: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantPatch {
    /// What people call it.
    pub name: Option<String>,
    /// Whether its prices are without or with tax.
    pub tax_mode: Option<TaxMode>,
    /// How its amounts are rounded.
    pub rounding_mode: Option<RoundingMode>,
    /// How long its orders may stay unpaid; `Some(None)`: for ever, from now on.
    pub unpaid_expiry: Option<Option<Duration>>,
}

impl Tenant {
    /// A new tenant with the settings of the contract's defaults.
    #[must_use]
    pub fn new(id: TenantId, new: NewTenant, now: Time) -> Self {
        Self {
            id,
            name: new.name,
            tax_mode: TaxMode::Exclusive,
            rounding_mode: RoundingMode::HalfUp,
            unpaid_expiry: None,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The tenant after an update; the same one when the update changes nothing.
    #[must_use]
    pub fn updated(&self, patch: TenantPatch, now: Time) -> Self {
        let updated = Self {
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            tax_mode: patch.tax_mode.unwrap_or(self.tax_mode),
            rounding_mode: patch.rounding_mode.unwrap_or(self.rounding_mode),
            unpaid_expiry: patch.unpaid_expiry.unwrap_or(self.unpaid_expiry),
            ..self.clone()
        };
        if updated == *self { updated } else { Self { version: self.version + 1, update_time: now, ..updated } }
    }
}

impl Versioned for Tenant {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;
    use uuid::Uuid;

    #[test]
    fn an_update_changes_what_it_names_and_moves_the_version_once() {
        let new = NewTenant { name: "Shop".to_owned() };
        let before = Tenant::new(TenantId::from_uuid(Uuid::nil()), new, Time::from_micros(1));
        let (hour, now) = (Some(Duration::from_hours(1)), Time::from_micros(2));
        let patch = TenantPatch { tax_mode: Some(TaxMode::Inclusive), unpaid_expiry: Some(hour), ..Default::default() };
        let after = before.updated(patch, now);
        let expected = Tenant {
            tax_mode: TaxMode::Inclusive,
            unpaid_expiry: hour,
            version: 2,
            update_time: now,
            ..before.clone()
        };
        assert_eq!(after, expected);
        let cleared = after.updated(TenantPatch { unpaid_expiry: Some(None), ..Default::default() }, now);
        assert_eq!((cleared.unpaid_expiry, cleared.version), (None, 3));
        for same in [
            TenantPatch::default(),
            TenantPatch { name: Some("Shop".to_owned()), unpaid_expiry: Some(hour), ..Default::default() },
        ] {
            assert_eq!(after.updated(same, Time::from_micros(9)), after, "nothing changes");
        }
    }
}
