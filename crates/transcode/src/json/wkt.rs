//! The well-known types whose JSON is one scalar, times, masks and wrappers, and `Empty`.
//! `Struct` and its kin are in `structs`, `Any` in `any`.

use super::calendar::{self, TimeError};
use super::kinds::{self, Kind};
use super::mask;
use super::message::{Fields, ProtoJson};
use super::reader::{Reader, Syntax};
use super::scalar::{self, Refusal};
use super::schema::{NO_FIELDS, Schema};
use super::writer::{Unprintable, Writer};
use crate::failure::code;
use crate::validate::Path;

/// Reads a message whose JSON is a string.
fn read_string<M: ProtoJson>(message: &mut M, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
    let read = json.scalar(at, "a string", |found| M::from_text(&scalar::string(found, "a string")?))?;
    if let Some(read) = read {
        *message = read;
    }
    Ok(())
}

impl ProtoJson for prost_types::Timestamp {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        let text = calendar::format_timestamp(self.seconds, self.nanos);
        out.string(&text.ok_or_else(|| Unprintable::of("google.protobuf.Timestamp"))?);
        Ok(())
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        read_string(self, json, at)
    }

    fn from_text(text: &str) -> Result<Self, Refusal> {
        let parsed = calendar::parse_timestamp(text).map_err(|error| match error {
            TimeError::Syntax => Refusal::invalid("must be an RFC 3339 time like 2024-01-31T12:00:00Z"),
            TimeError::OutOfRange => Refusal::new(code::OUT_OF_RANGE, "is no time of the calendar"),
        });
        parsed.map(|(seconds, nanos)| Self { seconds, nanos })
    }
}

impl ProtoJson for prost_types::Duration {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        let text = calendar::format_duration(self.seconds, self.nanos);
        out.string(&text.ok_or_else(|| Unprintable::of("google.protobuf.Duration"))?);
        Ok(())
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        read_string(self, json, at)
    }

    fn from_text(text: &str) -> Result<Self, Refusal> {
        let parsed = calendar::parse_duration(text).map_err(|error| match error {
            TimeError::Syntax => Refusal::invalid("must be seconds like \"90s\" or \"1.5s\""),
            TimeError::OutOfRange => Refusal::new(code::OUT_OF_RANGE, "is longer than 10,000 years"),
        });
        parsed.map(|(seconds, nanos)| Self { seconds, nanos })
    }
}

impl ProtoJson for prost_types::FieldMask {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        let text = mask::format(self.paths.iter().map(String::as_str));
        out.string(&text.ok_or_else(|| Unprintable::of("google.protobuf.FieldMask"))?);
        Ok(())
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        read_string(self, json, at)
    }

    fn from_text(text: &str) -> Result<Self, Refusal> {
        let paths = mask::parse(text).ok_or_else(|| Refusal::invalid("must be field names, separated by commas"))?;
        Ok(Self { paths })
    }
}

/// `google.protobuf.Empty`.
impl ProtoJson for () {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        out.object(|_| Ok(()))
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        json.object(self, at)
    }
}

/// Wrappers: prost holds their value alone, and so does JSON.
macro_rules! wrappers {
    ($($type:ty => $kind:ty),*) => {$(
        impl ProtoJson for $type {
            fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
                <$kind>::write(self, out)
            }

            fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
                if let Some(value) = <$kind>::read(json, at)? {
                    *self = value;
                }
                Ok(())
            }

            fn from_text(text: &str) -> Result<Self, Refusal> {
                <$kind>::text(text)
            }
        }
    )*};
}

wrappers! {
    bool => kinds::Bool, i32 => kinds::Int32, i64 => kinds::Int64, u32 => kinds::Uint32, u64 => kinds::Uint64,
    f32 => kinds::Float, f64 => kinds::Double, String => kinds::Text, Vec<u8> => kinds::Blob<Vec<u8>>
}

/// Nothing of them is reached by a path of fields.
macro_rules! without_fields {
    ($($type:ty),*) => {$(
        impl Fields for $type {
            fn schema() -> &'static Schema {
                &NO_FIELDS
            }

            fn write_fields(&self, _: &mut Writer<'_>) -> Result<(), Unprintable> {
                Ok(())
            }

            fn read_field(&mut self, _: u16, json: &mut Reader<'_, '_>, _: &Path<'_>) -> Result<(), Syntax> {
                json.skip()
            }
        }
    )*};
}

without_fields!(
    (),
    bool,
    i32,
    i64,
    u32,
    u64,
    f32,
    f64,
    String,
    Vec<u8>,
    prost_types::Timestamp,
    prost_types::Duration,
    prost_types::FieldMask,
    prost_types::Struct,
    prost_types::Value,
    prost_types::ListValue,
    prost_types::Any
);
