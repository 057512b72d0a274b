//! Options of a field -> `Rules`. Whatever is not read here is reported, known to the descriptor or not.

use std::ops::Bound;

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value};

use super::rules::{Enums, Ignore, Ints, List, Pairs, Rules, Strings, Typed};

const FIELD: &str = "buf.validate.field";
/// Numbers of the options of the package, for descriptor sets that do not hold its file.
const NUMBERS: [u32; 2] = [1159, 1160];

/// The `buf.validate.field` option of a field, if there is one.
pub(super) fn extension(field: &FieldDescriptor) -> Option<Value> {
    let extension = field.parent_pool().get_extension_by_name(FIELD)?;
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

/// Reads the rules of a field; `None` when it has none.
pub(crate) fn field(field: &FieldDescriptor, problems: &mut Vec<String>) -> Option<Rules> {
    problems.extend(foreign(&field.options(), "field"));
    let value = extension(field)?;
    let read = value.as_message().map(|message| rules(message, problems));
    if read.is_none() {
        problems.push(format!("the option {FIELD} is not a message of rules"));
    }
    read
}

/// Options of `buf.validate` other than the field rules; `what` is the thing that has them.
pub(super) fn foreign(options: &DynamicMessage, what: &str) -> Vec<String> {
    let known = options
        .extensions()
        .map(|(extension, _)| extension.full_name().to_owned())
        .filter(|name| name.starts_with("buf.validate.") && name != FIELD)
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
