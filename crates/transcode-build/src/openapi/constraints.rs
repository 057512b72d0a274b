//! `buf.validate` rules as JSON Schema keywords, and what the rules say of a field that is left out.

use std::ops::Bound;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind};

use super::{Json, Object, range};
use crate::object;
use crate::validation::read;
use crate::validation::rules::{Enums, Ignore, Ints, Rules, Strings, Typed};

/// The rules of a field. Those that cannot be read are refused by the generator of the checks.
pub(super) fn of(field: &FieldDescriptor) -> Rules {
    read::field(field, &mut Vec::new()).unwrap_or_default()
}

/// Whether a request without the field is refused.
pub(super) fn is_required(field: &FieldDescriptor, rules: &Rules) -> bool {
    if rules.required {
        return rules.ignore != Ignore::Always;
    }
    if rules.ignore != Ignore::Unspecified || field.supports_presence() {
        return false;
    }
    match &rules.typed {
        Some(Typed::Repeated(list)) => list.min.is_some_and(|min| min > 0),
        Some(Typed::Map(map)) => map.min.is_some_and(|min| min > 0),
        Some(typed) => refuses_zero(typed),
        None => false,
    }
}

/// Adds the rules of one value to its schema.
pub(super) fn apply(rules: &Rules, kind: &Kind, schema: &mut Object) {
    let (Some(typed), false) = (&rules.typed, rules.ignore == Ignore::Always) else { return };
    let may_be_zero = rules.ignore == Ignore::IfZero && refuses_zero(typed);
    match (typed, kind) {
        (Typed::Int32(ints), _) => int32(ints, schema),
        (Typed::Int64(ints), _) => int64(ints, schema),
        (Typed::String(texts), _) => string(texts, may_be_zero, schema),
        (Typed::Enum(enums), Kind::Enum(descriptor)) => names(enums, may_be_zero, descriptor, schema),
        _ => {}
    }
    if may_be_zero && matches!(typed, Typed::Int32(_) | Typed::Int64(_)) {
        *schema = object! { "anyOf": vec![std::mem::take(schema), object! { "const": 0 }] };
    }
}

fn refuses_zero(typed: &Typed) -> bool {
    match typed {
        Typed::Int32(ints) | Typed::Int64(ints) => {
            let (low, high) = limits(ints, i64::MIN, i64::MAX);
            low > 0 || high < 0 || ints.except.contains(&0) || (!ints.among.is_empty() && !ints.among.contains(&0))
        }
        Typed::String(texts) => {
            let matches = |pattern: &String| regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(""));
            texts.min_len.is_some_and(|min| min > 0)
                || texts.email
                || texts.pattern.as_ref().is_some_and(|pattern| !matches(pattern))
                || texts.except.iter().any(String::is_empty)
                || (!texts.among.is_empty() && !texts.among.iter().any(String::is_empty))
        }
        Typed::Enum(enums) => enums.except.contains(&0) || (!enums.among.is_empty() && !enums.among.contains(&0)),
        Typed::Repeated(_) | Typed::Map(_) => false,
    }
}

fn limits(ints: &Ints, lowest: i64, highest: i64) -> (i64, i64) {
    let low = match ints.lower {
        Bound::Included(low) => low,
        Bound::Excluded(low) => low.saturating_add(1),
        Bound::Unbounded => lowest,
    };
    let high = match ints.upper {
        Bound::Included(high) => high,
        Bound::Excluded(high) => high.saturating_sub(1),
        Bound::Unbounded => highest,
    };
    (low.max(lowest), high.min(highest))
}

fn int32(ints: &Ints, schema: &mut Object) {
    let (low, high) = limits(ints, i32::MIN.into(), i32::MAX.into());
    schema.set("minimum", low);
    schema.set("maximum", high);
    lists(ints, Json::Int, schema);
}

/// The strings have a pattern; `minimum` and `maximum` are for the bare numbers that are read as well.
fn int64(ints: &Ints, schema: &mut Object) {
    let (low, high) = limits(ints, i64::MIN, i64::MAX);
    schema.set("pattern", range::pattern(low.into(), high.into()));
    if !matches!(schema.get("type"), Some(Json::Text(_))) {
        schema.set("minimum", low);
        schema.set("maximum", high);
    }
    lists(ints, |number| Json::Text(number.to_string()), schema);
}

fn lists(ints: &Ints, one: impl Fn(i64) -> Json, schema: &mut Object) {
    if !ints.among.is_empty() {
        schema.set("enum", Json::List(ints.among.iter().copied().map(&one).collect()));
    }
    if !ints.except.is_empty() {
        schema.set("not", object! { "enum": Json::List(ints.except.iter().copied().map(one).collect()) });
    }
}

fn string(texts: &Strings, may_be_empty: bool, schema: &mut Object) {
    let mut size = |key: &str, value: Option<u64>| {
        if let Some(value) = value.and_then(|value| i64::try_from(value).ok()) {
            schema.set(key, value);
        }
    };
    // An expression can say that the text may be empty, a length or a format cannot.
    let by_pattern = texts.pattern.is_some() && texts.min_len.is_none() && texts.among.is_empty() && !texts.email;
    size("minLength", texts.min_len);
    size("maxLength", texts.max_len);
    if let Some(pattern) = &texts.pattern {
        schema.set("pattern", if may_be_empty && by_pattern { format!("^$|{pattern}") } else { pattern.clone() });
    }
    if !texts.among.is_empty() {
        schema.set("enum", texts.among.clone());
    }
    if !texts.except.is_empty() {
        schema.set("not", object! { "enum": texts.except.clone() });
    }
    if texts.email {
        schema.set("format", "email");
    }
    if may_be_empty && !by_pattern {
        let empty = object! { "type": "string", "maxLength": 0 };
        *schema = object! { "anyOf": vec![std::mem::take(schema), empty] };
    }
}

fn names(enums: &Enums, may_be_zero: bool, descriptor: &EnumDescriptor, schema: &mut Object) {
    let allowed = |number: i32| {
        (enums.among.is_empty() || enums.among.contains(&number)) && !enums.except.contains(&number)
            || (may_be_zero && number == 0)
    };
    let names: Vec<String> =
        descriptor.values().filter(|value| allowed(value.number())).map(|value| value.name().to_owned()).collect();
    *schema = object! { "type": "string", "enum": names };
}
