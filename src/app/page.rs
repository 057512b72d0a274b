//! Pages of lists, and the tokens that say where the next page begins.
//!
//! A token is a position and an HMAC over it and everything it is bound to, so that it can neither be made up nor be
//! used by another tenant or with other filters.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::{App, Error, Read};
use crate::domain::ids::TypedId;
use crate::domain::page::PageRequest;
use crate::domain::time::Time;
use crate::store::{Position, Scope};

/// The first byte of a token: a token of another layout is no token.
const VERSION: u8 = 1;

/// The first byte of a token of an export.
const BOOKMARK_VERSION: u8 = 2;

const POSITION_BYTES: usize = 8 + 16;
const TAG_BYTES: usize = 16;

/// Longer than any token of ours.
const MAX_TOKEN_CHARS: usize = 256;

/// Something that has a place in a list.
pub trait Placed {
    /// The place: when it was created, and its id.
    fn position(&self) -> Position;
}

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
    app: Arc<App>,
    scope: Scope,
    binding: Vec<u8>,
}

impl<T> Page<T> {
    /// The token of the page that begins at a position.
    #[must_use]
    pub fn token(&self, position: Position) -> String {
        self.app.pages.encode(&self.scope, &self.binding, position)
    }

    /// The same page with other rows, and another beginning of the next one.
    #[must_use]
    pub fn with<U>(self, items: Vec<U>, next: Option<Position>) -> Page<U> {
        Page { items, next, app: self.app, scope: self.scope, binding: self.binding }
    }
}

impl Read {
    /// Reads a page. `fetch` gets where it begins and how many rows to bring, one more than the page holds: that one tells
    /// whether there is a next page.
    pub async fn page<T: Placed, F>(&self, request: &PageRequest, fetch: F) -> Result<Page<T>, Error>
    where
        F: AsyncFnOnce(Option<Position>, u64) -> Result<Vec<T>, Error>,
    {
        let (scope, limit) = (self.scope(), request.limit());
        let after = self.app.pages.decode(&scope, request)?;
        let mut items = fetch(after, limit + 1).await?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = items.last().map(Placed::position).filter(|_| more);
        Ok(Page { items, next, app: Arc::clone(&self.app), scope, binding: request.binding.clone() })
    }
}

/// How far an export has come, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bookmark {
    /// The last thing that was told; `None` at the beginning.
    pub(super) after: Option<Position>,
    /// The last thing that will be.
    pub(super) end: Position,
}

impl Read {
    /// Where an export goes on; `None`: it begins.
    pub(super) fn bookmark(&self, token: &str, binding: &[u8]) -> Result<Option<Bookmark>, Error> {
        if token.is_empty() {
            return Ok(None);
        }
        let [after, end] = self.app.pages.read(&self.scope(), binding, BOOKMARK_VERSION, token)?;
        Ok(Some(Bookmark { after: Some(after), end }))
    }

    /// The token of the place after what was told last.
    pub(super) fn bookmark_token(&self, bookmark: &Bookmark, binding: &[u8]) -> String {
        let places = [bookmark.after.unwrap_or(bookmark.end), bookmark.end];
        self.app.pages.write(&self.scope(), binding, BOOKMARK_VERSION, places)
    }
}

/// Makes and reads page tokens.
pub(super) struct PageTokens(Hmac<Sha256>);

impl fmt::Debug for PageTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageTokens(***)")
    }
}

impl PageTokens {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length (RFC 2104, section 2)"))
    }

    fn encode(&self, scope: &Scope, binding: &[u8], position: Position) -> String {
        self.write(scope, binding, VERSION, [position])
    }

    fn write<const N: usize>(&self, scope: &Scope, binding: &[u8], version: u8, places: [Position; N]) -> String {
        let mut token = Vec::with_capacity(1 + N * POSITION_BYTES + TAG_BYTES);
        token.push(version);
        for place in places {
            token.extend(place.time.micros().to_be_bytes());
            token.extend(place.id.as_bytes());
        }
        let tag = self.mac(scope, binding, &token).finalize().into_bytes();
        token.extend(&tag[..TAG_BYTES]);
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// Where the page begins; `None` for the first.
    fn decode(&self, scope: &Scope, page: &PageRequest) -> Result<Option<Position>, Error> {
        if page.token.is_empty() {
            return Ok(None);
        }
        let [position] = self.read(scope, &page.binding, VERSION, &page.token)?;
        Ok(Some(position))
    }

    fn read<const N: usize>(
        &self,
        scope: &Scope,
        binding: &[u8],
        version: u8,
        token: &str,
    ) -> Result<[Position; N], Error> {
        if token.len() > MAX_TOKEN_CHARS {
            return Err(Error::InvalidPageToken);
        }
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::InvalidPageToken)?;
        let (places, tag) = token.split_at_checked(1 + N * POSITION_BYTES).ok_or(Error::InvalidPageToken)?;
        if tag.len() != TAG_BYTES || places[0] != version {
            return Err(Error::InvalidPageToken);
        }
        let mac = self.mac(scope, binding, places);
        mac.verify_truncated_left(tag).map_err(|_| Error::InvalidPageToken)?;
        let found: Vec<_> = places[1..].chunks_exact(POSITION_BYTES).filter_map(position).collect();
        found.try_into().map_err(|_| Error::InvalidPageToken)
    }

    /// Every part but the last has a fixed length or its length before it, so that no two inputs read the same.
    fn mac(&self, scope: &Scope, binding: &[u8], position: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(scope.tenant.uuid().as_bytes());
        mac.update(scope.customer.map_or(Uuid::nil(), TypedId::uuid).as_bytes());
        mac.update(&(binding.len() as u64).to_be_bytes());
        mac.update(binding);
        mac.update(position);
        mac
    }
}

fn position(bytes: &[u8]) -> Option<Position> {
    let (time, id) = bytes.split_first_chunk()?;
    Some(Position { time: Time::from_micros(i64::from_be_bytes(*time)), id: Uuid::from_slice(id).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{CustomerId, TenantId};
    use crate::domain::page::{Sort, View};

    fn scope(tenant: u128, customer: Option<u128>) -> Scope {
        Scope {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            customer: customer.map(|id| CustomerId::from_uuid(Uuid::from_u128(id))),
        }
    }

    fn request(token: &str, binding: &[u8]) -> PageRequest {
        let (sort, view) = (Sort::NewestFirst, View::Basic);
        PageRequest { size: 0, token: token.to_owned(), sort, view, binding: binding.to_vec() }
    }

    #[test]
    fn a_token_works_where_it_was_made_and_nowhere_else() {
        let tokens = PageTokens::new(&[7; 32]);
        let position = Position { time: Time::from_micros(-5), id: Uuid::from_u128(9) };
        let token = tokens.encode(&scope(1, None), b"list", position);
        assert_eq!(tokens.decode(&scope(1, None), &request(&token, b"list")).ok(), Some(Some(position)));
        assert!(tokens.decode(&scope(2, None), &request(&token, b"list")).is_err(), "another tenant");
        assert!(tokens.decode(&scope(1, Some(3)), &request(&token, b"list")).is_err(), "another customer");
        assert!(tokens.decode(&scope(1, None), &request(&token, b"filtered")).is_err(), "another filter");
        assert!(PageTokens::new(&[8; 32]).decode(&scope(1, None), &request(&token, b"list")).is_err(), "another key");
    }

    #[test]
    fn every_altered_bit_is_noticed() {
        let tokens = PageTokens::new(&[7; 32]);
        let position = Position { time: Time::from_micros(1), id: Uuid::from_u128(9) };
        let token = BASE64_URL_SAFE_NO_PAD.decode(tokens.encode(&scope(1, None), b"", position)).expect("base64");
        for bit in 0..token.len() * 8 {
            let mut altered = token.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let altered = BASE64_URL_SAFE_NO_PAD.encode(altered);
            assert!(tokens.decode(&scope(1, None), &request(&altered, b"")).is_err(), "bit {bit}");
        }
        for cut in ["", "AA", "?", "é"] {
            assert_eq!(tokens.decode(&scope(1, None), &request(cut, b"")).is_ok(), cut.is_empty());
        }
    }
}
