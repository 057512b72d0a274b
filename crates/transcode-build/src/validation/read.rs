//! Options of a field -> `Rules`, of a message -> `Oneof`s. Whatever is not read here is reported, known to the
//! descriptor or not.

use std::ops::Bound;

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value};

use super::rules::{Enums, Ignore, Ints, List, Oneof, Pairs, Rules, Strings, Typed};

const FIELD: &str = "buf.validate.field";
const MESSAGE: &str = "buf.validate.message";
/// Numbers of the options of the package, for descriptor sets that do not hold its file.
const NUMBERS: [u32; 2] = [1159, 1160];

/// The `buf.validate.field` option of a field, if there is one.
pub(super) fn field_option(field: &FieldDescriptor) -> Option<Value> {
    option(field.parent_pool(), &field.options(), FIELD)
}

/// The `buf.validate.message` option of a message, if there is one.
pub(super) fn message_option(message: &MessageDescriptor) -> Option<Value> {
    option(message.parent_pool(), &message.options(), MESSAGE)
}

fn option(pool: &DescriptorPool, options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

/// Reads the rules of a field; `None` when it has none.
pub(crate) fn field(field: &FieldDescriptor, problems: &mut Vec<String>) -> Option<Rules> {
    problems.extend(foreign(&field.options(), "field"));
    let value = field_option(field)?;
    let Some(message) = value.as_message() else {
        problems.push(format!("the option {FIELD} is not a message of rules"));
        return None;
    };
    let mut read = rules(message, problems);
    // A field that another one excludes cannot have to hold something; `required` is refused there.
    if !message.has_field_by_name("ignore") && !read.required && is_in_oneof(field) {
        read.ignore = Ignore::IfZero;
    }
    Some(read)
}

fn is_in_oneof(field: &FieldDescriptor) -> bool {
    let oneofs = message(field.parent_message(), &mut Vec::new());
    oneofs.iter().any(|oneof| oneof.fields.iter().any(|name| name == field.name()))
}

/// Reads the rules of a message, which are over several of its fields.
pub(crate) fn message(message: &MessageDescriptor, problems: &mut Vec<String>) -> Vec<Oneof> {
    problems.extend(foreign(&message.options(), "message"));
    let mut oneofs = Vec::new();
    let Some(value) = message_option(message) else { return oneofs };
    let Some(rules) = value.as_message() else {
        problems.push(format!("the option {MESSAGE} is not a message of rules"));
        return oneofs;
    };
    each(rules, problems, |name, value, problems| {
        match name {
            "oneof" => {
                for one in value.as_list()? {
                    oneofs.push(oneof(one.as_message()?, problems));
                }
            }
            _ => return None,
        }
        Some(())
    });
    oneofs
}

fn oneof(message: &DynamicMessage, problems: &mut Vec<String>) -> Oneof {
    let mut rule = Oneof::default();
    each(message, problems, |name, value, _| {
        match name {
            "fields" => rule.fields = all(value, text)?,
            "required" => rule.required = value.as_bool()?,
            _ => return None,
        }
        Some(())
    });
    rule
}

/// Options of `buf.validate` other than the rules of fields and messages; `what` is the thing that has them.
pub(super) fn foreign(options: &DynamicMessage, what: &str) -> Vec<String> {
    let known = options
        .extensions()
        .map(|(extension, _)| extension.full_name().to_owned())
        .filter(|name| name.starts_with("buf.validate.") && ![FIELD, MESSAGE].contains(&name.as_str()))
        .map(|name| format!("the {what} option {name} is not supported"));
    let unknown = options
        .unknown_fields()
        .map(prost_reflect::UnknownField::number)
        .filter(|number| NUMBERS.contains(number))
        .map(|number| format!("the {what} option {number} of buf.validate is not supported"));
    known.chain(unknown).collect()
}

/// Hands every field that is set to `take`, and reports those it does not take.
fn each(
    message: &DynamicMessage,
    problems: &mut Vec<String>,
    mut take: impl FnMut(&str, &Value, &mut Vec<String>) -> Option<()>,
) {
    let kind = message.descriptor();
    for (field, value) in message.fields() {
        if take(field.name(), value, problems).is_none() {
            problems.push(format!("the rule {} is not supported", field.full_name()));
        }
    }
    for (extension, _) in message.extensions() {
        problems.push(format!("the rule {} is not supported", extension.full_name()));
    }
    for unknown in message.unknown_fields() {
        problems.push(format!("the rule number {} of {} is not known", unknown.number(), kind.full_name()));
    }
}

fn rules(message: &DynamicMessage, problems: &mut Vec<String>) -> Rules {
    let mut rules = Rules::default();
    each(message, problems, |name, value, problems| {
        match name {
            "required" => rules.required = value.as_bool()?,
            "ignore" => {
                rules.ignore = match value.as_enum_number()? {
                    0 => Ignore::Unspecified,
                    1 => Ignore::IfZero,
                    3 => Ignore::Always,
                    _ => return None,
                };
            }
            "int32" => rules.typed = Some(Typed::Int32(ints(value.as_message()?, problems))),
            "int64" => rules.typed = Some(Typed::Int64(ints(value.as_message()?, problems))),
            "string" => rules.typed = Some(Typed::String(strings(value.as_message()?, problems))),
            "enum" => rules.typed = Some(Typed::Enum(enums(value.as_message()?, problems))),
            "repeated" => {
                let read = list(value.as_message()?, problems);
                rules.typed = Some(Typed::Repeated(Box::new(read)));
            }
            "map" => rules.typed = Some(Typed::Map(Box::new(pairs(value.as_message()?, problems)))),
            _ => return None,
        }
        Some(())
    });
    rules
}

fn ints(message: &DynamicMessage, problems: &mut Vec<String>) -> Ints {
    let mut rules = Ints::default();
    each(message, problems, |name, value, _| {
        match name {
            "lt" => rules.upper = Bound::Excluded(int(value)?),
            "lte" => rules.upper = Bound::Included(int(value)?),
            "gt" => rules.lower = Bound::Excluded(int(value)?),
            "gte" => rules.lower = Bound::Included(int(value)?),
            "in" => rules.among = all(value, int)?,
            "not_in" => rules.except = all(value, int)?,
            _ => return None,
        }
        Some(())
    });
    rules
}

fn strings(message: &DynamicMessage, problems: &mut Vec<String>) -> Strings {
    let mut rules = Strings::default();
    each(message, problems, |name, value, _| {
        match name {
            "min_len" => rules.min_len = Some(value.as_u64()?),
            "max_len" => rules.max_len = Some(value.as_u64()?),
            "pattern" => rules.pattern = Some(value.as_str()?.to_owned()),
            "in" => rules.among = all(value, text)?,
            "not_in" => rules.except = all(value, text)?,
            "email" => rules.email = value.as_bool()?,
            _ => return None,
        }
        Some(())
    });
    rules
}

fn enums(message: &DynamicMessage, problems: &mut Vec<String>) -> Enums {
    let mut rules = Enums::default();
    each(message, problems, |name, value, _| {
        match name {
            "defined_only" => rules.defined_only = value.as_bool()?,
            "in" => rules.among = all(value, Value::as_i32)?,
            "not_in" => rules.except = all(value, Value::as_i32)?,
            _ => return None,
        }
        Some(())
    });
    rules
}

fn list(message: &DynamicMessage, problems: &mut Vec<String>) -> List {
    let mut read = List::default();
    each(message, problems, |name, value, problems| {
        match name {
            "min_items" => read.min = Some(value.as_u64()?),
            "max_items" => read.max = Some(value.as_u64()?),
            "unique" => read.unique = value.as_bool()?,
            "items" => read.items = rules(value.as_message()?, problems),
            _ => return None,
        }
        Some(())
    });
    read
}

fn pairs(message: &DynamicMessage, problems: &mut Vec<String>) -> Pairs {
    let mut read = Pairs::default();
    each(message, problems, |name, value, problems| {
        match name {
            "min_pairs" => read.min = Some(value.as_u64()?),
            "max_pairs" => read.max = Some(value.as_u64()?),
            "keys" => read.keys = rules(value.as_message()?, problems),
            "values" => read.values = rules(value.as_message()?, problems),
            _ => return None,
        }
        Some(())
    });
    read
}

fn int(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn all<T>(value: &Value, one: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_list()?.iter().map(one).collect()
}
