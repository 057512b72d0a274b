//! Do the rules of a field or message fit it? Names, types, limits that contradict each other, patterns.

use std::ops::Bound;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::read;
use super::rules::{Ignore, Ints, List, Oneof, Pairs, Rules, Strings, Typed};

/// Reports what is wrong with a rule over several fields of a message.
pub(super) fn oneof(message: &MessageDescriptor, rule: &Oneof, problems: &mut Vec<String>) {
    if rule.fields.is_empty() {
        problems.push("a oneof rule names no fields".to_owned());
    }
    for (place, name) in rule.fields.iter().enumerate() {
        if rule.fields[..place].contains(name) {
            problems.push(format!("a oneof rule names `{name}` twice"));
            continue;
        }
        let Some(field) = message.get_field_by_name(name) else {
            problems.push(format!("a oneof rule names `{name}`, which is no field of the message"));
            continue;
        };
        let rules = read::field(&field, &mut Vec::new()).unwrap_or_default();
        if rules.required && rules.ignore != Ignore::Always {
            problems.push(format!("a oneof rule names `{name}`, which is `required`: that leaves no choice"));
        }
    }
}

/// Reports what is wrong with the rules of a field.
pub(super) fn field(field: &FieldDescriptor, rules: &Rules, problems: &mut Vec<String>) {
    if field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic()) {
        problems.push("rules inside a oneof are not supported".to_owned());
    }
    if rules.required && rules.ignore == Ignore::IfZero && !field.supports_presence() {
        problems.push("`required` and `ignore` contradict each other".to_owned());
    }
    match (&rules.typed, field.kind()) {
        (Some(Typed::Map(pairs)), Kind::Message(entry)) if field.is_map() => {
            map(pairs, &entry.map_entry_key_field().kind(), &entry.map_entry_value_field().kind(), problems);
        }
        (Some(Typed::Repeated(rules)), kind) if field.is_list() => list(rules, &kind, problems),
        (Some(typed), _) if field.is_map() => misfit(typed, "a map", problems),
        (Some(typed), _) if field.is_list() => misfit(typed, "a list", problems),
        (Some(typed), kind) => scalar(typed, &kind, problems),
        (None, _) => {}
    }
}

fn misfit(typed: &Typed, what: &str, problems: &mut Vec<String>) {
    problems.push(format!("{} rules do not fit {what}", typed.name()));
}

fn list(rules: &List, kind: &Kind, problems: &mut Vec<String>) {
    sizes(rules.min, rules.max, "items", problems);
    if rules.unique && matches!(kind, Kind::Message(_) | Kind::Float | Kind::Double) {
        problems.push(format!("`unique` does not fit items of type {kind:?}"));
    }
    element(&rules.items, kind, "items", problems);
}

fn map(rules: &Pairs, key: &Kind, value: &Kind, problems: &mut Vec<String>) {
    sizes(rules.min, rules.max, "pairs", problems);
    element(&rules.keys, key, "keys", problems);
    element(&rules.values, value, "values", problems);
}

/// Rules of items, keys and values, which are always set.
fn element(rules: &Rules, kind: &Kind, what: &str, problems: &mut Vec<String>) {
    if rules.required {
        problems.push(format!("`required` has no meaning for {what}"));
    }
    if rules.ignore != Ignore::Unspecified && matches!(kind, Kind::Message(_)) {
        problems.push(format!("`ignore` of messages in {what} is not supported"));
    }
    if let Some(typed) = &rules.typed {
        scalar(typed, kind, problems);
    }
}

fn scalar(typed: &Typed, kind: &Kind, problems: &mut Vec<String>) {
    match (typed, kind) {
        (Typed::Int32(rules), Kind::Int32) | (Typed::Int64(rules), Kind::Int64) => {
            ints(rules, problems);
        }
        (Typed::String(rules), Kind::String) => strings(rules, problems),
        (Typed::Enum(_), Kind::Enum(_)) => {}
        (typed, Kind::Message(message)) => misfit(typed, message.full_name(), problems),
        (typed, kind) => misfit(typed, &format!("{kind:?}"), problems),
    }
}

fn ints(rules: &Ints, problems: &mut Vec<String>) {
    // Published semantics make this "outside of the range", which nobody writes on purpose.
    let empty = match (rules.lower, rules.upper) {
        (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
        (Bound::Included(lower) | Bound::Excluded(lower), Bound::Included(upper) | Bound::Excluded(upper)) => {
            lower >= upper
        }
        _ => false,
    };
    if empty {
        problems.push("the lower limit is not below the upper one".to_owned());
    }
}

fn strings(rules: &Strings, problems: &mut Vec<String>) {
    sizes(rules.min_len, rules.max_len, "len", problems);
    if let Some(pattern) = &rules.pattern {
        problems.extend(portable(pattern).err());
    }
}

fn sizes(min: Option<u64>, max: Option<u64>, what: &str, problems: &mut Vec<String>) {
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        problems.push(format!("min_{what} is above max_{what}"));
    }
}

/// The contract's patterns are RE2: every client of it may run them. Classes that mean Unicode in Rust and ASCII in RE2
/// are refused, since the same value would then be valid here and invalid there.
fn portable(pattern: &str) -> Result<(), String> {
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            continue;
        }
        if let Some(class) = characters.next()
            && "dDwWsSbBpP".contains(class)
        {
            return Err(format!(
                "the pattern `{pattern}` uses \\{class}, which is not the same everywhere: write a class like [0-9]"
            ));
        }
    }
    regex::Regex::new(pattern).map(drop).map_err(|error| {
        // The last line says what is wrong; those before point at it over several lines.
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("the pattern `{pattern}` is not valid: {reason}")
    })
}
