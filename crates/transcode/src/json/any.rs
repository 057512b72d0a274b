//! `google.protobuf.Any`: a message of any type of the contract, with `@type` among its members, or in `value` when its
//! JSON is no object of its fields. What it may hold is a generated table.

use std::borrow::Cow;

use prost::Message;
use prost_types::Any;

use super::lexer::Token;
use super::message::{Fields, ProtoJson};
use super::parser::{Keys, Parser, Scalar};
use super::reader::{Reader, Syntax};
use super::scalar::Refusal;
use super::writer::{Unprintable, Writer};
use crate::failure::{code, shown};
use crate::validate::Path;

const TYPE: &str = "@type";
const VALUE: &str = "value";

type Read = fn(&mut Reader<'_, '_>, &Path<'_>) -> Result<Vec<u8>, Syntax>;
type Write = fn(&[u8], &mut Writer<'_>) -> Result<(), Unprintable>;

/// A message that an `Any` may hold.
#[derive(Debug, Clone, Copy)]
pub struct AnyType {
    name: &'static str,
    read: Read,
    write: Write,
}

impl AnyType {
    /// A message whose fields stand beside `@type`.
    #[must_use]
    pub const fn object<M: Message + Default + Fields>(name: &'static str) -> Self {
        Self { name, read: read_object::<M>, write: write_object::<M> }
    }

    /// A message with a JSON form of its own, which stands in `value`.
    #[must_use]
    pub const fn special<M: Message + ProtoJson>(name: &'static str) -> Self {
        Self { name, read: read_special::<M>, write: write_special::<M> }
    }
}

static WELL_KNOWN: &[AnyType] = &[
    AnyType::special::<Any>("google.protobuf.Any"),
    AnyType::special::<bool>("google.protobuf.BoolValue"),
    AnyType::special::<Vec<u8>>("google.protobuf.BytesValue"),
    AnyType::special::<f64>("google.protobuf.DoubleValue"),
    AnyType::special::<prost_types::Duration>("google.protobuf.Duration"),
    AnyType::object::<()>("google.protobuf.Empty"),
    AnyType::special::<prost_types::FieldMask>("google.protobuf.FieldMask"),
    AnyType::special::<f32>("google.protobuf.FloatValue"),
    AnyType::special::<i32>("google.protobuf.Int32Value"),
    AnyType::special::<i64>("google.protobuf.Int64Value"),
    AnyType::special::<prost_types::ListValue>("google.protobuf.ListValue"),
    AnyType::special::<String>("google.protobuf.StringValue"),
    AnyType::special::<prost_types::Struct>("google.protobuf.Struct"),
    AnyType::special::<prost_types::Timestamp>("google.protobuf.Timestamp"),
    AnyType::special::<u32>("google.protobuf.UInt32Value"),
    AnyType::special::<u64>("google.protobuf.UInt64Value"),
    AnyType::special::<prost_types::Value>("google.protobuf.Value"),
];

/// A type by its full name, in a generated table or among the well-known ones; both are sorted.
pub(super) fn find<'t>(types: &'t [AnyType], name: &str) -> Option<&'t AnyType> {
    let search = |types: &'t [AnyType]| {
        let found = types.binary_search_by(|one| one.name.cmp(name)).ok();
        found.and_then(|index| types.get(index))
    };
    search(types).or_else(|| search(WELL_KNOWN))
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, Unprintable> {
    M::decode(bytes).map_err(|_| Unprintable::of("google.protobuf.Any"))
}

fn read_object<M: Message + Default + Fields>(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Vec<u8>, Syntax> {
    let mut message = M::default();
    json.members(M::schema(), &mut message, at, Some(TYPE))?;
    Ok(message.encode_to_vec())
}

fn write_object<M: Message + Default + Fields>(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Unprintable> {
    decode::<M>(bytes)?.write_fields(out)
}

/// Reads `value`, and nothing but `@type` beside it.
fn read_special<M: Message + ProtoJson>(json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<Vec<u8>, Syntax> {
    let mut message = M::default();
    json.parser.open_object()?;
    let (mut first, mut keys, mut found) = (true, Keys::default(), false);
    while let Some((key, offset)) = json.parser.key(&mut first)? {
        match key.as_ref() {
            TYPE => json.skip()?,
            VALUE => {
                message.merge_json(json, &at.field(VALUE))?;
                found = true;
            }
            _ => {
                json.refuse(&at.name(&key), Refusal::new(code::UNKNOWN_FIELD, "there is no such field"));
                json.skip()?;
            }
        }
        keys.insert(key, offset)?;
    }
    if !found {
        json.refuse(&at.field(VALUE), Refusal::invalid("is missing"));
    }
    Ok(message.encode_to_vec())
}

fn write_special<M: Message + ProtoJson>(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Unprintable> {
    out.key(("\"value\":", "\"value\":"));
    decode::<M>(bytes)?.write_json(out)
}

impl ProtoJson for Any {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        if self.type_url.is_empty() && self.value.is_empty() {
            return out.object(|_| Ok(()));
        }
        let found = out.any_type(type_name(&self.type_url).unwrap_or_default());
        let write = found.ok_or_else(|| Unprintable::of("google.protobuf.Any"))?.write;
        out.object(|out| {
            out.key(("\"@type\":", "\"@type\":"));
            out.string(&self.type_url);
            write(&self.value, out)
        })
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        if json.peek()? != Token::Object {
            return json.refuse_value(at, "an object");
        }
        let (url, members) = look_for_type(json.parser)?;
        let Some(url) = url else {
            if members > 0 {
                json.refuse(&at.field(TYPE), Refusal::invalid("must be the URL of a type"));
            }
            return json.skip();
        };
        let Some(known) = type_name(&url).and_then(|name| json.any_type(name)) else {
            let message = format!("\"{}\" is no type that is known here", shown(&url));
            json.refuse(&at.field(TYPE), Refusal::invalid(message));
            return json.skip();
        };
        let read = known.read;
        self.value = read(json, at)?;
        self.type_url = url.into_owned();
        Ok(())
    }
}

/// The type may come after members that cannot be read without it. Also tells how many members there are.
fn look_for_type(mut parser: Parser<'_>) -> Result<(Option<Cow<'_, str>>, usize), Syntax> {
    parser.open_object()?;
    let (mut first, mut url, mut members) = (true, None, 0);
    while let Some((key, _)) = parser.key(&mut first)? {
        members += 1;
        if key == TYPE && parser.peek()? == Token::String {
            if let Scalar::String(text) = parser.scalar()? {
                url = Some(text);
            }
        } else {
            parser.skip()?;
        }
    }
    Ok((url, members))
}

/// What follows the last slash of a type URL (google/protobuf/any.proto).
fn type_name(url: &str) -> Option<&str> {
    url.rsplit_once('/').map(|(_, name)| name)
}
