//! Editing an order: which fields may change in which state.

use super::{IllegalMove, NewLine, Order, OrderAction, OrderContent, OrderStatus};
use crate::domain::discount::Discount;
use crate::domain::ids::CustomerId;
use crate::domain::money::Currency;
use crate::domain::{AddressChange, Metadata};

/// What changes; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of OrderContent")]
pub struct OrderPatch {
    pub customer: Option<CustomerId>,
    pub currency: Option<Currency>,
    pub lines: Option<Vec<NewLine>>,
    pub discount: Option<Option<Discount>>,
    pub shipping_address: AddressChange,
    pub billing_address: AddressChange,
    pub note: Option<String>,
    pub reference: Option<Option<String>>,
    pub metadata: Option<Metadata>,
}

impl OrderPatch {
    /// Everything is written anew.
    #[must_use]
    pub fn replacing(content: OrderContent) -> Self {
        Self {
            customer: Some(content.customer),
            currency: Some(content.currency),
            lines: Some(content.lines),
            discount: Some(content.discount),
            shipping_address: AddressChange::Replace(content.shipping_address),
            billing_address: AddressChange::Replace(content.billing_address),
            note: Some(content.note),
            reference: Some(content.reference),
            metadata: Some(content.metadata),
        }
    }

    /// Whether the amounts of the order must be computed again.
    #[must_use]
    pub fn moves_amounts(&self) -> bool {
        self.lines.is_some() || self.discount.is_some() || self.currency.is_some()
    }

    /// Whether it may bring an address, and so personal data.
    #[must_use]
    pub fn brings_addresses(&self) -> bool {
        [&self.shipping_address, &self.billing_address]
            .into_iter()
            .any(|change| !matches!(change, AddressChange::Keep | AddressChange::Replace(None)))
    }

    /// The first field that a draft may change and a placed order may not.
    fn first_of_drafts(&self) -> Option<&'static str> {
        let fields = [
            ("customer_id", self.customer.is_some()),
            ("currency_code", self.currency.is_some()),
            ("reference", self.reference.is_some()),
        ];
        fields.into_iter().find_map(|(name, wanted)| wanted.then_some(name))
    }

    /// The first field that a placed order may change and a later one may not.
    fn first_of_placed(&self) -> Option<&'static str> {
        let fields = [
            ("items", self.lines.is_some()),
            ("discount", self.discount.is_some()),
            ("shipping_address", self.shipping_address.is_wanted()),
            ("billing_address", self.billing_address.is_wanted()),
        ];
        fields.into_iter().find_map(|(name, wanted)| wanted.then_some(name))
    }
}

impl Order {
    /// Whether every field of the patch may change in this state. `at` is what stands before the fields in the request.
    pub fn check_edit(&self, patch: &OrderPatch, at: &str) -> Result<(), IllegalMove> {
        let from = self.head.status;
        let fixed = match from {
            OrderStatus::Draft => None,
            OrderStatus::Placed => patch.first_of_drafts(),
            OrderStatus::PendingApproval
            | OrderStatus::Confirmed
            | OrderStatus::Completed
            | OrderStatus::Canceled
            | OrderStatus::Rejected
            | OrderStatus::Expired => patch.first_of_drafts().or(patch.first_of_placed()),
        };
        let illegal = |name| IllegalMove { from, action: OrderAction::Update, field: Some(format!("{at}{name}")) };
        fixed.map_or(Ok(()), |name| Err(illegal(name)))
    }

    /// Changes everything but the lines, which come back when they change; amounts stay as they are.
    pub fn edit(&mut self, patch: OrderPatch) -> Option<Vec<NewLine>> {
        let head = &mut self.head;
        if patch.customer.is_some_and(|customer| customer != head.customer) {
            // Addresses are those of a person, and do not go over to another one.
            (head.shipping_address, head.billing_address) = (None, None);
        }
        head.customer = patch.customer.unwrap_or(head.customer);
        head.currency = patch.currency.unwrap_or(head.currency);
        head.discount = patch.discount.unwrap_or(head.discount);
        head.shipping_address = patch.shipping_address.apply(head.shipping_address.take());
        head.billing_address = patch.billing_address.apply(head.billing_address.take());
        head.note = patch.note.unwrap_or(std::mem::take(&mut head.note));
        head.reference = patch.reference.unwrap_or(head.reference.take());
        head.metadata = patch.metadata.unwrap_or(std::mem::take(&mut head.metadata));
        patch.lines
    }
}
