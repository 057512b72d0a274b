//! Secrets that must be read again, sealed: AES-256-GCM under one of several keys, each of which has an id. What a secret
//! belongs to is bound to it, so that it opens nowhere else.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Error;

/// How many bytes a sealing key has.
pub const KEY_BYTES: usize = 32;

/// The name of the key that the database holds.
const OF_DATABASE: &str = "db";

/// A key to seal with, and what it is called.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// What sealed texts call it.
    pub id: String,
    /// The key.
    pub bytes: [u8; KEY_BYTES],
}

/// Keys stay out of debug output.
impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Seals and opens.
pub struct Seals {
    keys: Vec<(String, LessSafeKey)>,
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

impl Seals {
    /// The first key seals; every one opens. The key of the database is the last one.
    ///
    /// # Errors
    /// When a key is none.
    pub fn new(chosen: &[SealingKey], of_database: &[u8]) -> Result<Self, Error> {
        let chosen = chosen.iter().map(|key| (key.id.as_str(), key.bytes.as_slice()));
        let keys = chosen.chain(std::iter::once((OF_DATABASE, of_database))).map(|(id, bytes)| {
            let key = UnboundKey::new(&AES_256_GCM, bytes);
            let key = key.map_err(|_| Error::Fault(format!("the sealing key {id} does not have {KEY_BYTES} bytes")))?;
            Ok((id.to_owned(), LessSafeKey::new(key)))
        });
        Ok(Self { keys: keys.collect::<Result<_, Error>>()? })
    }

    /// Seals a secret. A nonce is used once.
    pub(super) fn seal(&self, secret: &str, belongs_to: &str, nonce: [u8; NONCE_LEN]) -> Result<String, Error> {
        let (id, key) = self.keys.first().ok_or_else(|| Error::Fault("there is no sealing key".to_owned()))?;
        let mut sealed = secret.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(belongs_to), &mut sealed)
            .map_err(|_| Error::Fault("a secret was not sealed".to_owned()))?;
        Ok(format!("{id}:{}", STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens a secret.
    pub(super) fn open(&self, sealed: &str, belongs_to: &str) -> Result<String, Error> {
        let (id, text) = sealed.split_once(':').unwrap_or_default();
        let named = self.keys.iter().find(|(name, _)| name == id);
        let (_, key) = named.ok_or_else(|| Error::Fault(format!("there is no sealing key {id:?}")))?;
        let opened = || {
            let bytes = STANDARD.decode(text).ok()?;
            let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
            let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).ok()?, sealed.to_vec());
            let secret = key.open_in_place(nonce, Aad::from(belongs_to), &mut sealed).ok()?;
            String::from_utf8(secret.to_vec()).ok()
        };
        opened().ok_or_else(|| Error::Fault(format!("a secret cannot be opened with the sealing key {id:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, byte: u8) -> SealingKey {
        SealingKey { id: id.to_owned(), bytes: [byte; KEY_BYTES] }
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_for_what_it_belongs_to() {
        let old = Seals::new(&[key("old", 1)], &[9; KEY_BYTES]).expect("keys");
        let both = Seals::new(&[key("new", 2), key("old", 1)], &[9; KEY_BYTES]).expect("keys");
        let none = Seals::new(&[], &[9; KEY_BYTES]).expect("keys");
        let sealed = old.seal("whsec_x", "whe_1", [3; NONCE_LEN]).expect("sealed");
        assert!(sealed.starts_with("old:") && !sealed.contains("whsec"));
        assert_eq!(both.open(&sealed, "whe_1").expect("opened"), "whsec_x");
        assert!(both.open(&sealed, "whe_2").is_err());
        assert!(none.open(&sealed, "whe_1").is_err());
        let of_database = none.seal("whsec_y", "whe_1", [4; NONCE_LEN]).expect("sealed");
        assert!(of_database.starts_with("db:"));
        assert_eq!(both.open(&of_database, "whe_1").expect("opened"), "whsec_y");
        assert!(both.seal("", "", [5; NONCE_LEN]).expect("sealed").starts_with("new:"));
        for broken in ["", "old:", "old:AAAA", "old:?", &sealed[..sealed.len() - 4]] {
            assert!(old.open(broken, "whe_1").is_err(), "{broken}");
        }
        assert!(Seals::new(&[], &[0; 31]).is_err());
        assert_eq!(format!("{both:?} {:?}", key("a", 7)), "[\"new\", \"old\", \"db\"] SealingKey { id: \"a\", .. }");
    }
}
