//! JSON into a message by its descriptor, strictly: what the contract does not say is a violation with its path,
//! and reading goes on, so that all violations are told at once. Only bad syntax stops it.

use std::collections::HashMap;
use std::fmt::Write as _;

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind as FieldKind, MapKey, MessageDescriptor, ReflectMessage as _, Value,
};

use super::lexer::SyntaxError;
use super::parser::{Kind, Parser, Scalar};
use super::scalar::{self, Refusal};
use super::wkt::{self, WellKnown};
use crate::failure::{Failure, Findings, code, shown};

/// Reads `text` as the whole of `message`. Findings are gathered; bad syntax is a failure.
pub(crate) fn read_message(
    text: &str,
    max_depth: usize,
    message: &mut DynamicMessage,
    violations: &mut Findings,
) -> Result<(), Failure> {
    read_document(text, max_depth, violations, |reader, json| {
        if json.peek()? == Kind::Object {
            reader.members(json, message)
        } else {
            reader.refuse_value(json, "an object")
        }
    })
}

/// Reads `text` as one field of `message`.
pub(crate) fn read_field(
    text: &str,
    max_depth: usize,
    message: &mut DynamicMessage,
    field: &FieldDescriptor,
    violations: &mut Findings,
) -> Result<(), Failure> {
    read_document(text, max_depth, violations, |reader, json| {
        reader.enter_name(field.name());
        if json.peek()? == Kind::Null && !takes_null(field) {
            return reader.refuse_value(json, named(field));
        }
        reader.field(json, message, field)
    })
}

fn read_document<F>(text: &str, max_depth: usize, violations: &mut Findings, read: F) -> Result<(), Failure>
where
    F: FnOnce(&mut Reader<'_>, &mut Parser<'_>) -> Result<(), SyntaxError>,
{
    let mut json = Parser::new(text, max_depth);
    let mut reader = Reader { path: String::new(), violations };
    let done = read(&mut reader, &mut json).and_then(|()| json.end());
    done.map_err(|error| Failure::malformed(format!("The body is not JSON: {}.", error.describe(text))))
}

/// Knows where in the message it is, for the paths of violations.
#[derive(Debug)]
pub(crate) struct Reader<'v> {
    path: String,
    violations: &'v mut Findings,
}

impl Reader<'_> {
    /// Enters a field or a key; returns what [`Self::leave`] wants back.
    pub(super) fn enter_name(&mut self, name: &str) -> usize {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(&shown(name));
        outer
    }

    pub(super) fn enter_index(&mut self, index: usize) -> usize {
        let outer = self.path.len();
        let _ = write!(self.path, "[{index}]");
        outer
    }

    pub(super) fn leave(&mut self, outer: usize) {
        self.path.truncate(outer);
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.violations.add(self.path.clone(), refusal.code, refusal.message);
    }

    /// Refuses the value that comes next for its JSON type.
    fn refuse_value(&mut self, json: &mut Parser<'_>, wanted: &str) -> Result<(), SyntaxError> {
        let found = json.peek()?;
        self.refuse(Refusal::wrong_type(wanted, found.named()));
        json.skip()
    }

    /// Reads an object into a message.
    fn members(&mut self, json: &mut Parser<'_>, message: &mut DynamicMessage) -> Result<(), SyntaxError> {
        let descriptor = message.descriptor();
        let mut seen: Vec<u32> = Vec::new();
        json.object(|json, key| {
            if self.violations.is_full() {
                return json.skip();
            }
            let Some(field) = find_field(&descriptor, key) else {
                let outer = self.enter_name(key);
                self.refuse(Refusal::new(code::UNKNOWN_FIELD, "there is no such field"));
                self.leave(outer);
                return json.skip();
            };
            let outer = self.enter_name(field.name());
            if seen.contains(&field.number()) {
                let other = format!("is given twice, as {} and as {}", field.name(), field.json_name());
                self.refuse(Refusal::new(code::CONFLICTING_VALUES, other));
                json.skip()?;
            } else {
                seen.push(field.number());
                self.member(json, message, &field)?;
            }
            self.leave(outer);
            Ok(())
        })
    }

    /// Reads one member, unless another member of its oneof is there already.
    fn member(
        &mut self,
        json: &mut Parser<'_>,
        message: &mut DynamicMessage,
        field: &FieldDescriptor,
    ) -> Result<(), SyntaxError> {
        let unset = json.peek()? == Kind::Null && !takes_null(field);
        if let Some(other) = oneof_rival(message, field).filter(|_| !unset) {
            self.refuse(Refusal::new(code::CONFLICTING_VALUES, format!("cannot be given together with {other}")));
            return json.skip();
        }
        self.field(json, message, field)
    }

    /// Reads the value of a field; `null` leaves it unset.
    fn field(
        &mut self,
        json: &mut Parser<'_>,
        message: &mut DynamicMessage,
        field: &FieldDescriptor,
    ) -> Result<(), SyntaxError> {
        if json.peek()? == Kind::Null && !takes_null(field) {
            return json.skip();
        }
        let value = if field.is_map() {
            self.map(json, field)?
        } else if field.is_list() {
            self.list(json, field)?
        } else {
            self.value(json, &field.kind())?
        };
        if let Some(value) = value {
            let set = message.try_set_field(field, value);
            debug_assert!(set.is_ok(), "a value of another kind than its field");
        }
        Ok(())
    }

    fn list(&mut self, json: &mut Parser<'_>, field: &FieldDescriptor) -> Result<Option<Value>, SyntaxError> {
        if json.peek()? != Kind::Array {
            return self.refuse_value(json, "an array").map(|()| None);
        }
        let kind = field.kind();
        let mut values = Vec::new();
        json.array(|json, index| {
            let outer = self.enter_index(index);
            values.extend(self.value(json, &kind)?);
            self.leave(outer);
            Ok(())
        })?;
        Ok(Some(Value::List(values)))
    }

    fn map(&mut self, json: &mut Parser<'_>, field: &FieldDescriptor) -> Result<Option<Value>, SyntaxError> {
        let kind = field.kind();
        let Some(entry) = kind.as_message().filter(|_| field.is_map()) else { return json.skip().map(|()| None) };
        if json.peek()? != Kind::Object {
            return self.refuse_value(json, "an object").map(|()| None);
        }
        let (key_kind, value_kind) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
        let mut values = HashMap::new();
        json.object(|json, text| {
            if self.violations.is_full() {
                return json.skip();
            }
            let outer = self.enter_key(&key_kind, text);
            match map_key(&key_kind, text) {
                Err(refusal) => {
                    self.refuse(refusal);
                    json.skip()?;
                }
                Ok(key) => {
                    if let Some(value) = self.value(json, &value_kind)? {
                        values.insert(key, value);
                    }
                }
            }
            self.leave(outer);
            Ok(())
        })?;
        Ok(Some(Value::Map(values)))
    }

    fn enter_key(&mut self, kind: &FieldKind, key: &str) -> usize {
        let outer = self.path.len();
        let _ = match kind {
            FieldKind::String => write!(self.path, "[\"{}\"]", shown(key)),
            _ => write!(self.path, "[{}]", shown(key)),
        };
        outer
    }

    /// Reads one value that is no list and no map; nothing when it was refused.
    fn value(&mut self, json: &mut Parser<'_>, kind: &FieldKind) -> Result<Option<Value>, SyntaxError> {
        let found = json.peek()?;
        if self.violations.is_full() {
            return json.skip().map(|()| None);
        }
        if let FieldKind::Message(descriptor) = kind {
            if let Some(known) = WellKnown::of(descriptor) {
                return self.well_known(json, known, descriptor);
            }
            if found == Kind::Object {
                let mut message = DynamicMessage::new(descriptor.clone());
                self.members(json, &mut message)?;
                return Ok(Some(Value::Message(message)));
            }
        }
        if is_null_value(kind) && found == Kind::Null {
            return json.skip().map(|()| Some(Value::EnumNumber(0)));
        }
        if matches!(found, Kind::Object | Kind::Array | Kind::Null) {
            return self.refuse_value(json, scalar::named(kind)).map(|()| None);
        }
        let value = json.scalar()?;
        Ok(self.accept(scalar::read(kind, &value)))
    }

    fn well_known(
        &mut self,
        json: &mut Parser<'_>,
        known: WellKnown,
        descriptor: &MessageDescriptor,
    ) -> Result<Option<Value>, SyntaxError> {
        match (known, json.peek()?) {
            (WellKnown::Value, _) => self.any_value(json, descriptor).map(Some),
            (WellKnown::Struct, Kind::Object) => self.any_object(json, descriptor).map(Some),
            (WellKnown::ListValue, Kind::Array) => self.any_array(json, descriptor).map(Some),
            (WellKnown::Wrapper, Kind::String | Kind::Number | Kind::Bool) => {
                let value = scalar::read(&wkt::wrapped_kind(descriptor), &json.scalar()?);
                Ok(self.accept(value.map(|value| wrap(descriptor, value))))
            }
            (WellKnown::Wrapper, _) => {
                self.refuse_value(json, scalar::named(&wkt::wrapped_kind(descriptor))).map(|()| None)
            }
            (WellKnown::Timestamp | WellKnown::Duration | WellKnown::FieldMask, Kind::String) => {
                let Scalar::String(text) = json.scalar()? else { return Ok(None) };
                let parsed = wkt::from_text(known, descriptor, &text);
                Ok(parsed.and_then(|parsed| self.accept(parsed.map(Value::Message))))
            }
            (WellKnown::Any, _) => {
                self.refuse(Refusal::invalid("values of any type are not supported"));
                json.skip().map(|()| None)
            }
            (WellKnown::Struct, _) => self.refuse_value(json, "an object").map(|()| None),
            (WellKnown::ListValue, _) => self.refuse_value(json, "an array").map(|()| None),
            _ => self.refuse_value(json, "a string").map(|()| None),
        }
    }

    fn accept(&mut self, value: Result<Value, Refusal>) -> Option<Value> {
        value.map_err(|refusal| self.refuse(refusal)).ok()
    }
}

/// A field by either of its spellings.
pub(crate) fn find_field(descriptor: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    descriptor.get_field_by_json_name(name).or_else(|| descriptor.get_field_by_name(name))
}

/// The member of the same oneof that is set already.
pub(crate) fn oneof_rival(message: &DynamicMessage, field: &FieldDescriptor) -> Option<String> {
    let oneof = field.containing_oneof()?;
    let rival = oneof.fields().find(|other| other.number() != field.number() && message.has_field(other));
    rival.map(|other| other.name().to_owned())
}

/// A wrapper message around a scalar.
pub(crate) fn wrap(descriptor: &MessageDescriptor, value: Value) -> Value {
    let mut message = DynamicMessage::new(descriptor.clone());
    wkt::put(&mut message, 1, value);
    Value::Message(message)
}

/// Is `null` a value of this field, and not its absence?
fn takes_null(field: &FieldDescriptor) -> bool {
    let any = |descriptor: &MessageDescriptor| WellKnown::of(descriptor) == Some(WellKnown::Value);
    !field.is_list() && !field.is_map() && (field.kind().as_message().is_some_and(any) || is_null_value(&field.kind()))
}

fn is_null_value(kind: &FieldKind) -> bool {
    kind.as_enum().is_some_and(|descriptor| descriptor.full_name() == "google.protobuf.NullValue")
}

fn named(field: &FieldDescriptor) -> &'static str {
    match field.kind() {
        _ if field.is_map() => "an object",
        _ if field.is_list() => "an array",
        kind => scalar::named(&kind),
    }
}

/// Map keys are always JSON strings.
fn map_key(kind: &FieldKind, text: &str) -> Result<MapKey, Refusal> {
    let key = match kind {
        FieldKind::String => Some(MapKey::String(text.to_owned())),
        FieldKind::Bool => match text {
            "true" => Some(MapKey::Bool(true)),
            "false" => Some(MapKey::Bool(false)),
            _ => return Err(Refusal::invalid("the key must be true or false")),
        },
        _ => match text.parse::<i128>() {
            // One spelling only, so that two keys are never the same number.
            Ok(number) if number.to_string() == text => scalar::integer_value(kind, number)?.into_map_key(),
            _ => None,
        },
    };
    key.ok_or_else(|| Refusal::invalid("the key must be a whole number"))
}
