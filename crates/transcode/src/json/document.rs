//! A whole JSON text from and to a message.

use super::lexer::SyntaxError;
use super::message::{Fields, ProtoJson};
use super::reader::{Reader, Syntax};
use super::writer::{Style, Unprintable, Writer};
use crate::failure::{Failure, Findings};
use crate::validate::Path;

/// How deep JSON may be nested unless told otherwise: as deep as messages can be (transcoding of deeper ones would fail).
pub const DEFAULT_MAX_DEPTH: usize = 100;

/// The JSON of a message.
pub fn write<M: ProtoJson>(message: &M) -> Result<Vec<u8>, Unprintable> {
    write_as(message, Style::default())
}

/// The JSON of a message in a style.
pub fn write_as<M: ProtoJson>(message: &M, style: Style) -> Result<Vec<u8>, Unprintable> {
    let mut out = Writer::new(M::types(), style);
    message.write_json(&mut out)?;
    Ok(out.into_bytes())
}

/// The JSON of one field of a message, without its name.
pub(crate) fn write_one_field<M: ProtoJson + Fields>(
    message: &M,
    field: u16,
    style: Style,
) -> Result<Vec<u8>, Unprintable> {
    let mut out = Writer::new(M::types(), style);
    message.write_field(field, &mut out)?;
    Ok(out.into_bytes())
}

/// The message of a JSON text that is at most `max_depth` levels deep.
pub fn read<M: ProtoJson>(text: &[u8], max_depth: usize) -> Result<M, Failure> {
    let mut message = M::default();
    let mut findings = Findings::default();
    read_message(utf8(text)?, max_depth, &mut message, &mut findings)?;
    findings.into_result().map(|()| message)
}

/// Reads `text` as the whole of `message`. Findings are gathered; bad syntax is a failure.
pub(crate) fn read_message<M: ProtoJson>(
    text: &str,
    max_depth: usize,
    message: &mut M,
    violations: &mut Findings,
) -> Result<(), Failure> {
    let mut json = Reader::new(text, max_depth, M::types(), violations);
    let read = message.merge_json(&mut json, &Path::root());
    finish(text, read.and_then(|()| json.end()))
}

/// Reads `text` as one field of `message`.
pub(crate) fn read_field<M: Fields + ProtoJson>(
    text: &str,
    max_depth: usize,
    message: &mut M,
    field: u16,
    violations: &mut Findings,
) -> Result<(), Failure> {
    let mut json = Reader::new(text, max_depth, M::types(), violations);
    let name = M::schema().field(field).map_or("", |field| field.name);
    let read = message.read_field(field, &mut json, &Path::root().field(name));
    finish(text, read.and_then(|()| json.end()))
}

/// JSON is UTF-8 (RFC 8259, 8.1).
pub(crate) fn utf8(body: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(body)
        .map_err(|error| Failure::malformed(format!("The body is not UTF-8 from byte {} on.", error.valid_up_to() + 1)))
}

fn finish(text: &str, read: Result<(), Syntax>) -> Result<(), Failure> {
    let describe = |error: SyntaxError| format!("The body is not JSON: {}.", error.describe(text));
    read.map_err(|Syntax(error)| Failure::malformed(describe(error)))
}
