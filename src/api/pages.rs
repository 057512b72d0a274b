//! Pages on their way out: as many rows as fit into an answer.

use prost::Message;
use transcode::json::{self, ProtoJson};

use crate::app::{Error, Page, Placed};

/// What a gRPC client takes by default; a page ends early rather than pass it.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Left for what surrounds the rows.
const ENVELOPE_BYTES: usize = 1024;

/// JSON takes at most this many times the bytes of Protobuf for what clients really send; beyond it, it is measured.
const JSON_FACTOR: usize = 8;

/// The rows of a page as messages, and the token of the next page; empty at the end. There is always one row, so that
/// clients get on.
pub(super) fn fit<T: Placed, M: Message + ProtoJson>(page: &Page<T>, show: impl Fn(&T) -> M) -> (Vec<M>, String) {
    let mut shown: Vec<M> = page.items.iter().map(show).collect();
    let fitting = count_fitting(&shown);
    let cut = (fitting < shown.len()).then(|| page.items.get(fitting - 1).map(Placed::position)).flatten();
    shown.truncate(fitting);
    (shown, cut.or(page.next).map(|position| page.token(position)).unwrap_or_default())
}

/// Several things that were asked for by id: all of them, or a word on how to ask for less.
pub(super) fn whole<M: Message + ProtoJson>(things: Vec<M>, field: &str) -> Result<Vec<M>, Error> {
    if count_fitting(&things) == things.len() {
        return Ok(things);
    }
    let message = "are too large for one answer: ask for fewer, or for the view BASIC";
    Err(Error::invalid(field, "too_large", message))
}

fn count_fitting<M: Message + ProtoJson>(rows: &[M]) -> usize {
    let room = MAX_PAGE_BYTES - ENVELOPE_BYTES;
    if rows.iter().map(Message::encoded_len).sum::<usize>() <= room / JSON_FACTOR {
        return rows.len();
    }
    let mut used = 0;
    let fits = |row: &&M| {
        used += json::write(*row).map_or(0, |text| text.len()) + 1;
        used <= room
    };
    rows.iter().take_while(fits).count().max(1).min(rows.len())
}
