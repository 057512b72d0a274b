//! `Struct`, `Value` and `ListValue` from JSON: any JSON at all, kept as it is.
//! Numbers are doubles there, as `google/protobuf/struct.proto` says.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, Kind as FieldKind, MapKey, MessageDescriptor, Value};

use super::lexer::SyntaxError;
use super::parser::{Kind, Parser, Scalar};
use super::reader::Reader;
use super::scalar;
use super::wkt::put;

const NULL: u32 = 1;
const NUMBER: u32 = 2;
const STRING: u32 = 3;
const BOOL: u32 = 4;
const STRUCT: u32 = 5;
const LIST: u32 = 6;

impl Reader<'_> {
    /// Any JSON value into a `google.protobuf.Value`.
    pub(super) fn any_value(&mut self, json: &mut Parser<'_>, into: &MessageDescriptor) -> Result<Value, SyntaxError> {
        let mut message = DynamicMessage::new(into.clone());
        match json.peek()? {
            Kind::Object => {
                let inner = self.any_object(json, &member_type(into, STRUCT))?;
                put(&mut message, STRUCT, inner);
            }
            Kind::Array => {
                let inner = self.any_array(json, &member_type(into, LIST))?;
                put(&mut message, LIST, inner);
            }
            _ => match json.scalar()? {
                Scalar::Null => put(&mut message, NULL, Value::EnumNumber(0)),
                Scalar::Bool(value) => put(&mut message, BOOL, Value::Bool(value)),
                Scalar::String(text) => put(&mut message, STRING, Value::String(text.into_owned())),
                Scalar::Number(text) => match scalar::float64(text) {
                    Ok(value) => put(&mut message, NUMBER, value),
                    Err(refusal) => self.refuse(refusal),
                },
            },
        }
        Ok(Value::Message(message))
    }

    /// A JSON object into a `google.protobuf.Struct`.
    pub(super) fn any_object(&mut self, json: &mut Parser<'_>, into: &MessageDescriptor) -> Result<Value, SyntaxError> {
        let value_type = into.get_field(1).map(|fields| fields.kind());
        let value_type =
            value_type.as_ref().and_then(FieldKind::as_message).map(MessageDescriptor::map_entry_value_field);
        let value_type = value_type.map_or_else(|| into.clone(), |field| message_of(&field.kind(), into));
        let mut fields = HashMap::new();
        json.object(|json, key| {
            let outer = self.enter_name(key);
            let value = self.any_value(json, &value_type)?;
            self.leave(outer);
            fields.insert(MapKey::String(key.to_owned()), value);
            Ok(())
        })?;
        let mut message = DynamicMessage::new(into.clone());
        put(&mut message, 1, Value::Map(fields));
        Ok(Value::Message(message))
    }

    /// A JSON array into a `google.protobuf.ListValue`.
    pub(super) fn any_array(&mut self, json: &mut Parser<'_>, into: &MessageDescriptor) -> Result<Value, SyntaxError> {
        let value_type = member_type(into, 1);
        let mut values = Vec::new();
        json.array(|json, index| {
            let outer = self.enter_index(index);
            values.push(self.any_value(json, &value_type)?);
            self.leave(outer);
            Ok(())
        })?;
        let mut message = DynamicMessage::new(into.clone());
        put(&mut message, 1, Value::List(values));
        Ok(Value::Message(message))
    }
}

fn member_type(of: &MessageDescriptor, number: u32) -> MessageDescriptor {
    of.get_field(number).map_or_else(|| of.clone(), |field| message_of(&field.kind(), of))
}

fn message_of(kind: &FieldKind, otherwise: &MessageDescriptor) -> MessageDescriptor {
    kind.as_message().unwrap_or(otherwise).clone()
}
