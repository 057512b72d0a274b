//! Customers: who orders.

use super::etag::Versioned;
use super::ids::CustomerId;
use super::page::PageRequest;
use super::time::{Time, TimeRange};
use super::{Address, Metadata};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// What people call it.
    pub name: String,
    /// Where mail goes; empty: unknown.
    pub email: String,
    /// The company; empty: none.
    pub company: String,
    /// Known addresses.
    pub addresses: Vec<Address>,
    /// The client's own id, unique in the tenant.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When its personal data was erased.
    pub erase_time: Option<Time>,
}

/// What a new customer is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Customer")]
pub struct NewCustomer {
    pub name: String,
    pub email: String,
    pub company: String,
    pub addresses: Vec<Address>,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// What an update makes of a customer: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Customer")]
pub struct CustomerPatch {
    pub name: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
    pub addresses: Option<Vec<Address>>,
    /// Empty: none from now on.
    pub reference: Option<String>,
    pub metadata: Option<Metadata>,
}

/// Which customers a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Only the one with this reference.
    pub reference: Option<String>,
    /// Only those with exactly this email.
    pub email: Option<String>,
    /// Only those created in this time.
    pub created: TimeRange,
}

/// A list of customers, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerList {
    /// Which customers.
    pub filter: CustomerFilter,
    /// Which page.
    pub page: PageRequest,
}

/// Whether a customer can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Good,
    /// It was erased, and orders nothing any more.
    Erased,
}

impl Customer {
    /// A new customer.
    #[must_use]
    pub fn new(id: CustomerId, new: NewCustomer, now: Time) -> Self {
        Self {
            id,
            name: new.name,
            email: new.email,
            company: new.company,
            addresses: new.addresses,
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            erase_time: None,
        }
    }

    /// The customer after an update; the same one when the update changes nothing.
    #[must_use]
    pub fn updated(&self, patch: CustomerPatch, now: Time) -> Self {
        let reference = patch.reference.map(|reference| (!reference.is_empty()).then_some(reference));
        let updated = Self {
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            email: patch.email.unwrap_or_else(|| self.email.clone()),
            company: patch.company.unwrap_or_else(|| self.company.clone()),
            addresses: patch.addresses.unwrap_or_else(|| self.addresses.clone()),
            reference: reference.unwrap_or_else(|| self.reference.clone()),
            metadata: patch.metadata.unwrap_or_else(|| self.metadata.clone()),
            ..self.clone()
        };
        if updated == *self { updated } else { updated.moved(now) }
    }

    /// The customer without anything that says who it is; the same one when it is erased already.
    #[must_use]
    pub fn erased(&self, now: Time) -> Self {
        if self.erase_time.is_some() {
            return self.clone();
        }
        let erased = Self {
            name: String::new(),
            email: String::new(),
            company: String::new(),
            addresses: Vec::new(),
            erase_time: Some(now),
            ..self.clone()
        };
        erased.moved(now)
    }

    /// The customer as it is told of after its end: its end is a change too.
    #[must_use]
    pub fn deleted(&self, now: Time) -> Self {
        self.clone().moved(now)
    }

    /// Whether it can order.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if self.erase_time.is_some() { Standing::Erased } else { Standing::Good }
    }

    /// Every visible change moves the version by one.
    fn moved(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }
}

impl Versioned for Customer {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;

    fn ada() -> Customer {
        let new = NewCustomer {
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
            company: "Engines".to_owned(),
            addresses: vec![Address::default()],
            reference: Some("C-1".to_owned()),
            metadata: [("tier".to_owned(), "gold".to_owned())].into(),
        };
        Customer::new(CustomerId::from_uuid(uuid::Uuid::nil()), new, Time::from_micros(1))
    }

    #[test]
    fn an_update_changes_what_it_names_and_moves_the_version_once() {
        let (before, now) = (ada(), Time::from_micros(2));
        let patch = CustomerPatch {
            name: Some("Grace".to_owned()),
            addresses: Some(Vec::new()),
            reference: Some(String::new()),
            ..Default::default()
        };
        let expected = Customer {
            name: "Grace".to_owned(),
            addresses: Vec::new(),
            reference: None,
            version: 2,
            update_time: now,
            ..before.clone()
        };
        assert_eq!(before.updated(patch, now), expected);
        for patch in [
            CustomerPatch::default(),
            CustomerPatch { reference: before.reference.clone(), ..Default::default() },
            CustomerPatch { name: Some("Ada".to_owned()), ..Default::default() },
        ] {
            assert_eq!(before.updated(patch, now), before, "nothing changes");
        }
    }

    #[test]
    fn erasing_keeps_only_what_the_books_need() {
        let (before, now) = (ada(), Time::from_micros(2));
        let erased = before.erased(now);
        let expected = Customer {
            name: String::new(),
            email: String::new(),
            company: String::new(),
            addresses: Vec::new(),
            version: 2,
            update_time: now,
            erase_time: Some(now),
            ..before.clone()
        };
        assert_eq!(erased, expected);
        assert_eq!((before.standing(), erased.standing()), (Standing::Good, Standing::Erased));
        assert_eq!(erased.erased(Time::from_micros(3)), erased, "once is enough");
        assert_eq!(erased.deleted(Time::from_micros(3)).version, 3);
    }
}
