//! What every message can do: the two traits that `transcode-build` implements.

use super::any::AnyType;
use super::reader::{Reader, Syntax};
use super::scalar::Refusal;
use super::schema::Schema;
use super::set::Source;
use super::writer::{Unprintable, Writer};
use crate::raw::RawBody;
use crate::validate::Path;

/// A message with a JSON form: generated for the messages of a contract, written here for the well-known types.
pub trait ProtoJson: Default {
    /// Whether `null` is one of its values.
    const NULL: bool = false;

    /// Appends its JSON.
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable>;

    /// Reads the value that comes next; what does not fit is gathered by the reader.
    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax>;

    /// Reads it from plain text, as paths and queries carry it.
    fn from_text(text: &str) -> Result<Self, Refusal> {
        let _ = text;
        Err(Refusal::no_text())
    }

    /// The messages that a `google.protobuf.Any` inside it may hold.
    #[must_use]
    fn types() -> &'static [AnyType] {
        &[]
    }
}

/// A message whose JSON is an object of its fields. Fields go by their index in the schema.
pub trait Fields {
    /// Its fields.
    fn schema() -> &'static Schema
    where
        Self: Sized;

    /// Appends its members, without the braces.
    fn write_fields(&self, out: &mut Writer<'_>) -> Result<(), Unprintable>;

    /// Reads the value of a field.
    fn read_field(&mut self, field: u16, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax>;

    /// The member of a oneof that is set.
    fn member(&self, oneof: u16) -> Option<u16> {
        let _ = oneof;
        None
    }

    /// Sets the field at the end of `path` from plain text; messages on the way are set.
    fn set_text(&mut self, path: &[u16], text: &str, source: Source) -> Result<(), Refusal> {
        let _ = (path, text, source);
        Err(Refusal::no_text())
    }

    /// Appends the bare value of a field that a rule names as the body of its reply; zero when it is not set.
    fn write_field(&self, field: u16, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        let _ = field;
        out.object(|out| self.write_fields(out))
    }

    /// The `google.api.HttpBody` that the message is, or that a field of it is.
    fn raw_body(&mut self, field: Option<u16>) -> Option<&mut dyn RawBody> {
        let _ = field;
        None
    }

    /// A field that is a mask.
    fn mask(&mut self, field: u16) -> Option<&mut Option<prost_types::FieldMask>> {
        let _ = field;
        None
    }
}

impl<M: ProtoJson> ProtoJson for Box<M> {
    const NULL: bool = M::NULL;

    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        self.as_ref().write_json(out)
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        self.as_mut().merge_json(json, at)
    }

    fn from_text(text: &str) -> Result<Self, Refusal> {
        M::from_text(text).map(Self::new)
    }

    fn types() -> &'static [AnyType] {
        M::types()
    }
}

impl<M: Fields> Fields for Box<M> {
    fn schema() -> &'static Schema {
        M::schema()
    }

    fn write_fields(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        self.as_ref().write_fields(out)
    }

    fn read_field(&mut self, field: u16, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        self.as_mut().read_field(field, json, at)
    }

    fn member(&self, oneof: u16) -> Option<u16> {
        self.as_ref().member(oneof)
    }

    fn set_text(&mut self, path: &[u16], text: &str, source: Source) -> Result<(), Refusal> {
        self.as_mut().set_text(path, text, source)
    }

    fn write_field(&self, field: u16, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        self.as_ref().write_field(field, out)
    }

    fn raw_body(&mut self, field: Option<u16>) -> Option<&mut dyn RawBody> {
        self.as_mut().raw_body(field)
    }

    fn mask(&mut self, field: u16) -> Option<&mut Option<prost_types::FieldMask>> {
        self.as_mut().mask(field)
    }
}
