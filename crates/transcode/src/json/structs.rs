//! `Struct`, `Value` and `ListValue`: any JSON at all, kept as it is.
//! Numbers are doubles there, as `google/protobuf/struct.proto` says.

use prost_types::value::Kind as Member;
use prost_types::{ListValue, Struct, Value};

use super::kinds::{self, Kind as _};
use super::lexer::Token;
use super::message::ProtoJson;
use super::parser::{Keys, Scalar};
use super::reader::{Reader, Syntax};
use super::writer::{Unprintable, Writer};
use super::{put, scalar};
use crate::validate::Path;

impl ProtoJson for Struct {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        put::bare_map::<kinds::Text, kinds::Message<Value>, _>(out, &self.fields)
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        if json.peek()? != Token::Object {
            return json.refuse_value(at, "an object");
        }
        json.parser.open_object()?;
        let (mut first, mut keys) = (true, Keys::default());
        while let Some((key, offset)) = json.parser.key(&mut first)? {
            let mut value = Value::default();
            value.merge_json(json, &at.name(&key))?;
            self.fields.insert(key.as_ref().to_owned(), value);
            keys.insert(key, offset)?;
        }
        Ok(())
    }
}

impl ProtoJson for ListValue {
    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        put::bare_list::<kinds::Message<Value>>(out, &self.values)
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        super::take::list::<kinds::Message<Value>>(json, at, &mut self.values)
    }
}

impl ProtoJson for Value {
    const NULL: bool = true;

    fn write_json(&self, out: &mut Writer<'_>) -> Result<(), Unprintable> {
        match &self.kind {
            Some(Member::NullValue(_)) => out.verbatim("null"),
            Some(Member::BoolValue(value)) => out.boolean(*value),
            Some(Member::StringValue(text)) => out.string(text),
            // JSON has no other numbers, and `Value` has no strings for them (google/protobuf/struct.proto).
            Some(Member::NumberValue(value)) if value.is_finite() => return kinds::Double::write(value, out),
            Some(Member::StructValue(fields)) => return fields.write_json(out),
            Some(Member::ListValue(values)) => return values.write_json(out),
            Some(Member::NumberValue(_)) | None => return Err(Unprintable::of("google.protobuf.Value")),
        }
        Ok(())
    }

    fn merge_json(&mut self, json: &mut Reader<'_, '_>, at: &Path<'_>) -> Result<(), Syntax> {
        let member = match json.peek()? {
            Token::Object => {
                let mut fields = Struct::default();
                fields.merge_json(json, at)?;
                Member::StructValue(fields)
            }
            Token::Array => {
                let mut values = ListValue::default();
                values.merge_json(json, at)?;
                Member::ListValue(values)
            }
            _ => match json.parser.scalar()? {
                Scalar::Null => Member::NullValue(0),
                Scalar::Bool(value) => Member::BoolValue(value),
                Scalar::String(text) => Member::StringValue(text.into_owned()),
                number @ Scalar::Number(_) => match scalar::float(&number) {
                    Ok(value) => Member::NumberValue(value),
                    Err(refusal) => {
                        json.refuse(at, refusal);
                        return Ok(());
                    }
                },
            },
        };
        self.kind = Some(member);
        Ok(())
    }
}
