//! Tenants: businesses that share an installation and never see each other.

use std::time::Duration;

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
}
