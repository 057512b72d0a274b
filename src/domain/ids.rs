//! Typed ids: a UUIDv7 inside, `ord_01h455vb4pex5vsknk084sn02q` outside (TypeID specification 0.3).

use std::fmt;

use uuid::Uuid;

/// Crockford's base32 in lower case, as TypeID uses it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 128 bits in groups of five, the first of which holds three.
const SUFFIX_LEN: usize = 26;

/// A text that is no id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedId {
    /// The prefix the id should have.
    pub prefix: &'static str,
}

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be an id of the form {}_ and 26 characters", self.prefix)
    }
}

impl std::error::Error for MalformedId {}

/// What every kind of id can do.
pub trait TypedId: Copy + Sized {
    /// The prefix that tells the kind.
    const PREFIX: &'static str;

    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The UUID inside.
    fn uuid(self) -> Uuid;

    /// Reads the public form.
    fn parse(text: &str) -> Result<Self, MalformedId> {
        read_id(Self::PREFIX, text).map(Self::from_uuid).ok_or(MalformedId { prefix: Self::PREFIX })
    }
}

/// Reads the public form of an id with this prefix.
pub(super) fn read_id(prefix: &str, text: &str) -> Option<Uuid> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
    decode(suffix).map(Uuid::from_u128)
}

fn encode(bits: u128) -> [u8; SUFFIX_LEN] {
    let mut text = [0; SUFFIX_LEN];
    for (place, character) in text.iter_mut().rev().enumerate() {
        *character = ALPHABET[((bits >> (5 * place)) & 31) as usize];
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != SUFFIX_LEN || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes().try_fold(0, |bits: u128, character| {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        Some((bits << 5) | value as u128)
    })
}

/// Writes the public form of an id.
pub(super) fn write_id(f: &mut fmt::Formatter<'_>, prefix: &str, uuid: Uuid) -> fmt::Result {
    let suffix = encode(uuid.as_u128());
    write!(f, "{prefix}_{}", std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?)
}

macro_rules! typed_ids {
    ($($(#[$meta:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;

            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(f, $prefix, self.0)
            }
        }
    )+};
}

typed_ids! {
    /// Id of a tenant.
    TenantId "ten";
    /// Id of an API key, and so of the principal behind it.
    ApiKeyId "key";
    /// Id of a customer.
    CustomerId "cus";
    /// Id of a product.
    ProductId "prd";
    /// Id of an order.
    OrderId "ord";
    /// Id of an order's line.
    OrderItemId "itm";
    /// Id of a hold on an order.
    HoldId "hld";
    /// Id of a quote.
    QuoteId "quo";
    /// Id of an approval.
    ApprovalId "apr";
    /// Id of an approval policy.
    ApprovalPolicyId "pol";
    /// Id of a location.
    LocationId "loc";
    /// Id of a reservation.
    ReservationId "rsv";
    /// Id of a stock movement.
    StockMovementId "mov";
    /// Id of a payment.
    PaymentId "pay";
    /// Id of a refund.
    RefundId "ref";
    /// Id of a shipment.
    ShipmentId "shp";
    /// Id of a return.
    ReturnId "ret";
    /// Id of a job.
    JobId "job";
    /// Id of a report.
    ReportId "rep";
    /// Id of a webhook endpoint.
    WebhookEndpointId "whe";
    /// Id of a delivery of a webhook.
    WebhookDeliveryId "dlv";
    /// Id of an event.
    EventId "evt";
    /// Id of an audit row.
    AuditEventId "aud";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The valid vectors of the TypeID specification, with our prefixes.
    #[test]
    fn follows_the_specification() {
        for (suffix, uuid) in [
            ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
            ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
            ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
            ("00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ] {
            let id = OrderId::from_uuid(uuid.parse().expect("a vector"));
            assert_eq!(id.to_string(), format!("ord_{suffix}"));
            assert_eq!(OrderId::parse(&format!("ord_{suffix}")), Ok(id));
        }
    }

    #[test]
    fn refuses_what_is_no_id_of_its_kind() {
        for text in [
            "",
            "ord",
            "ord_",
            "01h455vb4pex5vsknk084sn02q",
            "prd_01h455vb4pex5vsknk084sn02q",
            "ORD_01h455vb4pex5vsknk084sn02q",
            "ord_01H455VB4PEX5VSKNK084SN02Q",
            "ord_01h455vb4pex5vsknk084sn02",
            "ord_01h455vb4pex5vsknk084sn02qq",
            "ord_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "ord_01h455vb4pex5vsknk084sn02u",
            "ord_01h455vb4pex5vsknk084sn0é",
            "ord__1h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(OrderId::parse(text), Err(MalformedId { prefix: "ord" }), "{text}");
        }
    }

    #[test]
    fn sorts_as_its_uuid() {
        let (earlier, later) = (Uuid::from_u128(5 << 80), Uuid::from_u128(6 << 80));
        assert!(OrderId::from_uuid(earlier).to_string() < OrderId::from_uuid(later).to_string());
    }
}
