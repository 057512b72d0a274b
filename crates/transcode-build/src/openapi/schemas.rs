//! Messages as JSON Schemas. A message that is both sent and answered gets two: what is read is narrow (nothing unknown,
//! every rule), what is written is open to fields to come.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use super::comments::comment;
use super::{Direction, Json, Object, constraints, kinds, oneofs};
use crate::object;
use crate::validation::rules::{Ignore, Rules, Typed};

/// The schemas of a document, made when they are first referred to.
pub(super) struct Schemas {
    package: String,
    /// Messages that are both sent and answered.
    both: BTreeSet<String>,
    made: BTreeMap<String, Object>,
    /// Of each, the fields that are left out; also while it is being made, since messages may hold themselves.
    parts: BTreeMap<String, Vec<String>>,
}

impl Schemas {
    pub(super) fn new(package: &str, sent: &[MessageDescriptor], answered: &[MessageDescriptor]) -> Self {
        let both = reached(sent).intersection(&reached(answered)).cloned().collect();
        Self { package: format!("{package}."), both, made: BTreeMap::new(), parts: BTreeMap::new() }
    }

    /// All that were referred to, by name.
    pub(super) fn finish(self) -> Object {
        self.made.into_iter().fold(Object::new(), |all, (name, schema)| all.with(name, schema))
    }

    /// The schema of a message, or a reference to it. `elsewhere` are the fields that do not come in the body, as paths.
    pub(super) fn message(
        &mut self,
        message: &MessageDescriptor,
        direction: Direction,
        elsewhere: &[String],
    ) -> Object {
        if let Some(known) = kinds::well_known(message, direction) {
            return known;
        }
        let mut name = self.name(message.full_name());
        if direction == Direction::In && self.both.contains(message.full_name()) {
            name.push_str("Input");
        }
        // The same message with other fields in the path is another schema.
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let fits = |name: &String| self.parts.get(name).is_none_or(|parts| parts == elsewhere);
        let name = std::iter::once(name.clone()).chain(numbered).find(fits).unwrap_or_default();
        if self.parts.insert(name.clone(), elsewhere.to_vec()).is_none() {
            let schema = self.object(message, direction, elsewhere);
            self.made.insert(name.clone(), schema);
        }
        object! { "$ref": format!("#/components/schemas/{name}") }
    }

    fn name(&self, full_name: &str) -> String {
        full_name.strip_prefix(&self.package).unwrap_or(full_name).to_owned()
    }

    fn object(&mut self, message: &MessageDescriptor, direction: Direction, elsewhere: &[String]) -> Object {
        let (mut properties, mut required) = (Object::new(), Vec::new());
        for field in fields(message) {
            if elsewhere.iter().any(|path| path == field.name()) {
                continue;
            }
            let within = format!("{}.", field.name());
            let inner: Vec<_> =
                elsewhere.iter().filter_map(|path| path.strip_prefix(&within)).map(str::to_owned).collect();
            let rules = if direction == Direction::In { constraints::of(&field) } else { Rules::default() };
            let must = match direction {
                Direction::In => constraints::is_required(&field, &rules),
                Direction::Out | Direction::Text => !field.supports_presence(),
            };
            let mut schema = self.field(&field, &rules, direction, &inner);
            if direction == Direction::In && !must {
                schema = or_null(schema);
            }
            properties.set(field.name(), described(schema, &field));
            if must {
                required.push(field.name().to_owned());
            }
        }
        let mut schema = object! { "type": "object" };
        let text = comment(&message.parent_file(), message.path());
        if !text.is_empty() {
            schema.set("description", text);
        }
        schema.set("properties", properties);
        if !required.is_empty() {
            schema.set("required", required);
        }
        if direction == Direction::In {
            schema.set("additionalProperties", false);
            oneofs::apply(message, elsewhere, &mut schema);
        }
        schema
    }

    /// The schema of a field with its rules, without its comment.
    pub(super) fn field(
        &mut self,
        field: &FieldDescriptor,
        rules: &Rules,
        direction: Direction,
        elsewhere: &[String],
    ) -> Object {
        if rules.ignore == Ignore::Always {
            return self.field(field, &Rules::default(), direction, elsewhere);
        }
        let none = Rules::default();
        if let (Kind::Message(entry), true) = (field.kind(), field.is_map()) {
            let pairs = match &rules.typed {
                Some(Typed::Map(pairs)) => Some(pairs),
                _ => None,
            };
            let (key, value) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
            let values = self.value(&value, pairs.map_or(&none, |pairs| &pairs.values), direction, &[]);
            let mut schema = object! { "type": "object", "additionalProperties": values };
            if let Some(names) = key_names(&key, pairs.map_or(&none, |pairs| &pairs.keys)) {
                schema.set("propertyNames", names);
            }
            let min = pairs.and_then(|pairs| pairs.min);
            sizes(&mut schema, "Properties", min, pairs.and_then(|pairs| pairs.max));
            return or_empty(schema, rules, min, object! { "type": "object", "maxProperties": 0 });
        }
        if field.is_list() {
            let list = match &rules.typed {
                Some(Typed::Repeated(list)) => Some(list),
                _ => None,
            };
            let items = self.value(&field.kind(), list.map_or(&none, |list| &list.items), direction, &[]);
            let mut schema = object! { "type": "array", "items": items };
            let min = list.and_then(|list| list.min);
            sizes(&mut schema, "Items", min, list.and_then(|list| list.max));
            if list.is_some_and(|list| list.unique) {
                schema.set("uniqueItems", true);
            }
            return or_empty(schema, rules, min, object! { "type": "array", "maxItems": 0 });
        }
        self.value(&field.kind(), rules, direction, elsewhere)
    }

    fn value(&mut self, kind: &Kind, rules: &Rules, direction: Direction, elsewhere: &[String]) -> Object {
        let mut schema = match kind {
            Kind::Message(message) => return self.message(message, direction, elsewhere),
            Kind::Enum(descriptor) if descriptor.full_name() != "google.protobuf.NullValue" => {
                if rules.typed.is_none() {
                    return self.enumeration(descriptor);
                }
                Object::new()
            }
            kind => kinds::scalar(kind, direction).unwrap_or_default(),
        };
        constraints::apply(rules, kind, &mut schema);
        schema
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor) -> Object {
        let name = self.name(descriptor.full_name());
        self.made.entry(name.clone()).or_insert_with(|| enumeration(descriptor));
        object! { "$ref": format!("#/components/schemas/{name}") }
    }
}

fn enumeration(descriptor: &EnumDescriptor) -> Object {
    let file = descriptor.parent_file();
    let mut text = comment(&file, descriptor.path());
    for (place, value) in descriptor.values().enumerate() {
        let meaning = comment(&file, value.path()).replace('\n', " ");
        if !meaning.is_empty() {
            text.extend([if place == 0 { "\n\n- `" } else { "\n- `" }, value.name(), "`: ", &meaning]);
        }
    }
    let names: Vec<_> = descriptor.values().map(|value| value.name().to_owned()).collect();
    object! { "type": "string", "description": text.trim().to_owned(), "enum": names }
}

/// Adds what the contract says of the field.
pub(super) fn described(mut schema: Object, field: &FieldDescriptor) -> Object {
    let text = comment(&field.parent_file(), field.path());
    if !text.is_empty() {
        schema.set("description", text);
    }
    if super::is_deprecated(&field.options()) {
        schema.set("deprecated", true);
    }
    schema
}

/// The fields in the order of the file.
pub(super) fn fields(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields: Vec<_> = message.fields().collect();
    fields.sort_by_key(|field| field.path().last().copied());
    fields
}

/// `null` means that the field is left out.
fn or_null(mut schema: Object) -> Object {
    let nullable = match schema.get("type") {
        Some(Json::Text(one)) => Json::from(vec![one.as_str(), "null"]),
        Some(Json::List(several)) => Json::List(several.iter().cloned().chain(["null".into()]).collect()),
        _ => {
            let null = object! { "type": "null" };
            return if schema.is_empty() {
                schema
            } else {
                object! { "anyOf": vec![schema, null] }
            };
        }
    };
    schema.set("type", nullable);
    if let Some(Json::List(values)) = schema.get_mut("enum") {
        values.push(Json::Null);
    }
    schema
}

/// A list or map that may not be small, but empty.
fn or_empty(schema: Object, rules: &Rules, min: Option<u64>, empty: Object) -> Object {
    let may_be_empty = rules.ignore == Ignore::IfZero && min.is_some_and(|min| min > 0);
    if may_be_empty {
        object! { "anyOf": vec![schema, empty] }
    } else {
        schema
    }
}

/// Keys are always strings in JSON.
fn key_names(kind: &Kind, rules: &Rules) -> Option<Object> {
    let mut schema = match kind {
        Kind::String => Object::new(),
        Kind::Bool => object! { "enum": vec!["true", "false"] },
        kind => {
            let pattern = kinds::scalar(kind, Direction::Out)?.get("pattern").cloned();
            object! { "pattern": pattern.unwrap_or_else(|| "^-?[0-9]+$".into()) }
        }
    };
    if matches!(kind, Kind::String) {
        constraints::apply(rules, kind, &mut schema);
    }
    (!schema.is_empty()).then_some(schema)
}

fn sizes(schema: &mut Object, what: &str, min: Option<u64>, max: Option<u64>) {
    for (word, limit) in [("min", min), ("max", max)] {
        if let Some(limit) = limit.and_then(|limit| i64::try_from(limit).ok()) {
            schema.set(format!("{word}{what}"), limit);
        }
    }
}

/// The names of the messages, and of those within them.
fn reached(messages: &[MessageDescriptor]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for message in messages {
        reach(message, &mut seen);
    }
    seen
}

fn reach(message: &MessageDescriptor, seen: &mut BTreeSet<String>) {
    if !message.is_map_entry() && !seen.insert(message.full_name().to_owned()) {
        return;
    }
    for inner in message.fields().filter_map(|field| field.kind().as_message().cloned()) {
        reach(&inner, seen);
    }
}
