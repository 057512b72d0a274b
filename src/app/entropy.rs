//! The one place where the program makes ids and secrets.

use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::domain::ids::TypedId;
use crate::domain::time::Time;

/// The digits of base62.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 62^43 is just above 2^256.
const SECRET_DIGITS: usize = 43;

/// What every secret we make begins with, so that scanners find leaked ones.
const SECRET_PREFIX: &str = "tp_";

/// What every secret of a webhook endpoint begins with.
const WEBHOOK_SECRET_PREFIX: &str = "whsec_";

/// How many bytes it has.
const WEBHOOK_SECRET_BYTES: usize = 32;

/// Makes ids that sort by time, and secrets that nobody guesses.
#[derive(Debug)]
pub struct Entropy {
    context: Mutex<ContextV7>,
}

impl Default for Entropy {
    fn default() -> Self {
        Self { context: Mutex::new(ContextV7::new()) }
    }
}

impl Entropy {
    /// A new id. Ids made here one after the other sort in that order, also within a millisecond (RFC 9562, section 6.2).
    pub fn id<T: TypedId>(&self, now: Time) -> T {
        T::from_uuid(self.uuid(now))
    }

    fn uuid(&self, now: Time) -> Uuid {
        let micros = now.micros().unsigned_abs();
        let nanos = u32::try_from(micros % 1_000_000 * 1_000).unwrap_or(0);
        // Poisoned means a panic between two ids; the counter is as good as before.
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, micros / 1_000_000, nanos))
    }

    /// A new API key: `tp_` and 256 random bits in base62.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn secret(&self) -> Result<String, getrandom::Error> {
        Ok(SECRET_PREFIX.to_owned() + &base62(self.bytes()?))
    }

    /// A new secret of a webhook endpoint: `whsec_` and 32 random bytes in base64 (Standard Webhooks 1.0).
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn webhook_secret(&self) -> Result<String, getrandom::Error> {
        Ok(WEBHOOK_SECRET_PREFIX.to_owned() + &STANDARD.encode(self.bytes::<WEBHOOK_SECRET_BYTES>()?))
    }

    /// Random bytes.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], getrandom::Error> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A random number, for nothing that must be secret.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn dice(&self) -> u32 {
        Uuid::new_v4().as_fields().0
    }

    /// A name for this process, which no other one has.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn process(&self) -> Uuid {
        Uuid::new_v4()
    }

    /// A name for a request. It shares nothing with the ids of the contract, since nothing is kept under it.
    pub fn request_id(&self, now: Time) -> String {
        format!("req_{}", self.uuid(now).simple())
    }

    /// Between 0 and 999, so that what failed together does not come back together.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn thousandths(&self) -> u32 {
        u32::try_from(Uuid::new_v4().as_u128() % 1_000).unwrap_or(0)
    }

    /// Between 5 and 50 milliseconds, so that transactions that met do not meet again.
    #[allow(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn jitter(&self) -> Duration {
        let random = Uuid::new_v4().as_u128() % 46;
        Duration::from_millis(5 + u64::try_from(random).unwrap_or(0))
    }
}

/// A 256-bit big-endian number, in base62 with leading zeros.
fn base62(mut number: [u8; 32]) -> String {
    let mut digits = [0; SECRET_DIGITS];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u32;
        for byte in &mut number {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(0);
            remainder = value % 62;
        }
        *digit = BASE62[remainder as usize];
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;

    #[test]
    fn base62_is_positional() {
        let mut number = [0; 32];
        assert_eq!(base62(number), "0".repeat(43));
        number[31] = 62;
        assert_eq!(base62(number), "0".repeat(41) + "10");
        assert_eq!(base62([255; 32]), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
    }

    #[test]
    fn secrets_have_the_form_that_the_contract_tells() {
        let (one, other) = (Entropy::default().secret().expect("random"), Entropy::default().secret().expect("random"));
        assert_ne!(one, other);
        assert!(
            one.starts_with("tp_") && one.len() == 46 && one[3..].bytes().all(|digit| digit.is_ascii_alphanumeric())
        );
    }

    #[test]
    fn secrets_of_webhooks_have_32_bytes() {
        let secret = Entropy::default().webhook_secret().expect("random");
        let bytes = STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
        assert_eq!(bytes.len(), 32);
    }

    #[test]
    fn ids_of_one_instant_sort_as_they_were_made() {
        let (entropy, now) = (Entropy::default(), Time::from_micros(1_700_000_000_123_456));
        let ids: Vec<OrderId> = (0..1000).map(|_| entropy.id(now)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].uuid().get_timestamp().map(|time| time.to_unix().0), Some(1_700_000_000));
    }
}
