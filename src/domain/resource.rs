//! The things that events and audit events tell of, whatever their kind.

use std::fmt;

use uuid::Uuid;

use super::ids::{ApiKeyId, CustomerId, OrderId, ProductId, TenantId, TypedId, read_id, write_id};
use super::text_enum::text_enum;

text_enum! {
    /// A kind of thing.
    ResourceType {
        /// An API key.
        ApiKey = "api_key",
        /// A customer.
        Customer = "customer",
        /// An order.
        Order = "order",
        /// A product.
        Product = "product",
        /// A tenant.
        Tenant = "tenant",
    }
}

impl ResourceType {
    /// What the ids of this kind begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => ApiKeyId::PREFIX,
            Self::Customer => CustomerId::PREFIX,
            Self::Order => OrderId::PREFIX,
            Self::Product => ProductId::PREFIX,
            Self::Tenant => TenantId::PREFIX,
        }
    }
}

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceType,
    /// The UUID in its id.
    pub id: Uuid,
}

impl Resource {
    /// The thing with this public id; `None` for what is no id of any kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ResourceType::ALL.iter().find_map(|kind| Some(Self { kind: *kind, id: read_id(kind.prefix(), text)? }))
    }
}

/// Its public id.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_id(f, self.kind.prefix(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_ids_of_its_own() {
        for kind in ResourceType::ALL {
            let resource = Resource { kind: *kind, id: Uuid::from_u128(7) };
            let text = resource.to_string();
            assert_eq!(text, format!("{}_00000000000000000000000007", kind.prefix()));
            assert_eq!(Resource::parse(&text), Some(resource), "{text}");
        }
        for wrong in ["", "ord", "ord_7", "itm_00000000000000000000000007", "ord_00000000000000000000000007x"] {
            assert_eq!(Resource::parse(wrong), None, "{wrong}");
        }
    }
}
