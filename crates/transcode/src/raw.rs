//! `google.api.HttpBody`: bytes with a content type, which stand for themselves where JSON would stand.

use bytes::Bytes;

use crate::json::{
    Field, Fields, Path, ProtoJson, Reader, Schema, Shape, Syntax, Unprintable, Writer, kinds, put, take,
};

/// A message that holds a whole HTTP body.
pub trait RawBody {
    /// Its media type; empty when it was not told.
    fn content_type(&self) -> &str;

    /// Takes the bytes out.
    fn take_data(&mut self) -> Bytes;

    /// Puts a body in.
    fn fill(&mut self, content_type: String, data: Bytes);
}

/// `google.api.HttpBody`, for contracts that do not generate their own:
/// `extern_path(".google.api.HttpBody", "::transcode::HttpBody")`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HttpBody {
    /// The media type.
    #[prost(string, tag = "1")]
    pub content_type: String,
    /// The bytes.
    #[prost(bytes = "bytes", tag = "2")]
    pub data: Bytes,
    /// What the application adds.
    #[prost(message, repeated, tag = "3")]
    pub extensions: Vec<prost_types::Any>,
}

impl RawBody for HttpBody {
    fn content_type(&self) -> &str {
        &self.content_type
    }

    fn take_data(&mut self) -> Bytes {
        std::mem::take(&mut self.data)
    }

    fn fill(&mut self, content_type: String, data: Bytes) {
        self.content_type = content_type;
        self.data = data;
    }
}

impl ProtoJson for HttpBody {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        out.object(|out| self.write_fields(out))
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        json.object(self, at)
    }
}

impl Fields for HttpBody {
    fn schema() -> &'static Schema {
        const fn field(name: &'static str, json: &'static str, shape: Shape) -> Field {
            Field { name, json, shape, null: false, oneof: None }
        }
        static SCHEMA: Schema = Schema {
            name: "google.api.HttpBody",
            fields: &[
                field("content_type", "contentType", Shape::Whole),
                field("data", "data", Shape::Whole),
                field("extensions", "extensions", Shape::Whole),
            ],
            find: |name| {
                Some(match name {
                    b"content_type" => 0,
                    b"contentType" => 1,
                    b"data" => 2,
                    b"extensions" => 4,
                    _ => return None,
                })
            },
        };
        &SCHEMA
    }

    fn write_fields(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        put::implicit::<kinds::Text>(out, ("\"content_type\":", "\"contentType\":"), &self.content_type)?;
        put::implicit::<kinds::Blob<_>>(out, ("\"data\":", "\"data\":"), &self.data)?;
        put::list::<kinds::Message<_>>(out, ("\"extensions\":", "\"extensions\":"), &self.extensions)
    }

    fn read_field(&mut self, field: u16, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        match field {
            0 => take::implicit::<kinds::Text>(json, at, &mut self.content_type),
            1 => take::implicit::<kinds::Blob<_>>(json, at, &mut self.data),
            _ => take::list::<kinds::Message<_>>(json, at, &mut self.extensions),
        }
    }

    fn raw_body(&mut self, field: Option<u16>) -> Option<&mut dyn RawBody> {
        if field.is_none() { Some(self) } else { None }
    }
}
