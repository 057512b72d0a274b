//! The rules of `buf.validate` that generated code calls, one function each.
//!
//! Every function adds at most one violation, with a code that never changes and a message that names the limit.
//! Whether a rule applies (presence, `ignore`) is decided by the caller.

use std::fmt::{self, Display};
use std::ops::{Bound, RangeBounds};
use std::sync::OnceLock;

use regex::Regex;

use super::{Path, Violations};

/// A regular expression of the contract, compiled when it is first needed.
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Takes an expression that was found to be valid at build time.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// An expression that does not compile matches nothing: the build refuses it, so this is never silent.
    fn matches(&self, value: &str) -> bool {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref().is_some_and(|regex| regex.is_match(value))
    }
}

/// `required`: answers whether the value is there, so that the other rules are skipped when it is not.
pub fn required(present: bool, at: &Path<'_>, out: &mut Violations) -> bool {
    if !present {
        out.push(at, "required", format_args!("must be set"));
    }
    present
}

/// `oneof` of a message: which of its fields are set; `names` is the list as people read it.
pub fn oneof(set: &[bool], required: bool, names: &str, at: &Path<'_>, out: &mut Violations) {
    let list = if set.len() == 1 { "" } else { "one of: " };
    match set.iter().filter(|set| **set).count() {
        0 if required => out.push(at, "required", format_args!("must have {list}{names}")),
        0 | 1 => {}
        _ => out.push(at, "only_one", format_args!("must have only {list}{names}")),
    }
}

/// `string.min_len`, in code points.
pub fn min_len(value: &str, limit: usize, at: &Path<'_>, out: &mut Violations) {
    if value.chars().take(limit).count() < limit {
        let noun = plural(limit, "character", "characters");
        out.push(at, "too_short", format_args!("must be at least {limit} {noun} long"));
    }
}

/// `string.max_len`, in code points.
pub fn max_len(value: &str, limit: usize, at: &Path<'_>, out: &mut Violations) {
    // A code point takes at least one byte, so short values need no counting.
    if value.len() > limit && value.chars().nth(limit).is_some() {
        let noun = plural(limit, "character", "characters");
        out.push(at, "too_long", format_args!("must be at most {limit} {noun} long"));
    }
}

/// No NUL in texts: Protobuf allows it, but C strings end there and PostgreSQL cannot store it.
pub fn no_nul(value: &str, at: &Path<'_>, out: &mut Violations) {
    if value.contains('\0') {
        out.push(at, "invalid_text", format_args!("must not contain NUL characters"));
    }
}

/// `string.pattern`: matches anywhere in the value unless it is anchored.
pub fn pattern(value: &str, pattern: &Pattern, at: &Path<'_>, out: &mut Violations) {
    if !pattern.matches(value) {
        out.push(at, "pattern_mismatch", format_args!("must match {}", pattern.text));
    }
}

/// `string.email`.
pub fn email(value: &str, at: &Path<'_>, out: &mut Violations) {
    if !is_email(value) {
        out.push(at, "invalid_email", format_args!("must be a valid email address"));
    }
}

/// `lt`, `lte`, `gt` and `gte` of numbers.
pub fn range<T: Copy + PartialOrd + Display>(
    value: T,
    range: impl RangeBounds<T>,
    at: &Path<'_>,
    out: &mut Violations,
) {
    if !range.contains(&value) {
        let limits = Limits(range.start_bound(), range.end_bound());
        out.push(at, "out_of_range", format_args!("must be {limits}"));
    }
}

/// `in`; `names` is the list as people read it.
pub fn one_of<T: Copy + PartialEq>(value: T, allowed: &[T], names: &str, at: &Path<'_>, out: &mut Violations) {
    if !allowed.contains(&value) {
        let list = if allowed.len() == 1 { "" } else { "one of: " };
        out.push(at, "not_in", format_args!("must be {list}{names}"));
    }
}

/// `not_in`; `names` is the list as people read it.
pub fn none_of<T: Copy + PartialEq>(value: T, refused: &[T], names: &str, at: &Path<'_>, out: &mut Violations) {
    if refused.contains(&value) {
        let list = if refused.len() == 1 { "" } else { "one of: " };
        out.push(at, "not_in", format_args!("must not be {list}{names}"));
    }
}

/// `enum.defined_only`; `defined` is sorted.
pub fn defined_only(value: i32, defined: &[i32], at: &Path<'_>, out: &mut Violations) {
    if defined.binary_search(&value).is_err() {
        out.push(at, "undefined_value", format_args!("must be a defined value, not {value}"));
    }
}

/// `repeated.min_items`.
pub fn min_items(count: usize, limit: usize, at: &Path<'_>, out: &mut Violations) {
    too_few(count, limit, plural(limit, "item", "items"), at, out);
}

/// `repeated.max_items`.
pub fn max_items(count: usize, limit: usize, at: &Path<'_>, out: &mut Violations) {
    too_many(count, limit, plural(limit, "item", "items"), at, out);
}

/// `map.min_pairs`.
pub fn min_pairs(count: usize, limit: usize, at: &Path<'_>, out: &mut Violations) {
    too_few(count, limit, plural(limit, "entry", "entries"), at, out);
}

/// `map.max_pairs`.
pub fn max_pairs(count: usize, limit: usize, at: &Path<'_>, out: &mut Violations) {
    too_many(count, limit, plural(limit, "entry", "entries"), at, out);
}

/// `repeated.unique`.
pub fn unique<T: Ord>(values: &[T], at: &Path<'_>, out: &mut Violations) {
    if has_duplicate(values) {
        out.push(at, "not_unique", format_args!("must not hold the same value twice"));
    }
}

fn too_few(count: usize, limit: usize, noun: &str, at: &Path<'_>, out: &mut Violations) {
    if count < limit {
        out.push(at, "too_few", format_args!("must have at least {limit} {noun}"));
    }
}

fn too_many(count: usize, limit: usize, noun: &str, at: &Path<'_>, out: &mut Violations) {
    if count > limit {
        out.push(at, "too_many", format_args!("must have at most {limit} {noun}"));
    }
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// Short lists are compared pair by pair, which allocates nothing; long ones are sorted, which stays fast.
fn has_duplicate<T: Ord>(values: &[T]) -> bool {
    const SHORT: usize = 16;
    if values.len() <= SHORT {
        let mut rest = values;
        while let Some((first, others)) = rest.split_first() {
            if others.contains(first) {
                return true;
            }
            rest = others;
        }
        return false;
    }
    let mut sorted: Vec<&T> = values.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// A valid e-mail address as the HTML standard defines it for `<input type=email>`; protovalidate uses the same rule.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let in_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !local.is_empty() && local.bytes().all(in_local) && domain.split('.').all(is_label)
}

/// One part of a domain name: 1 to 63 letters, digits and inner hyphens.
fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

/// Reads as "at least 1 and at most 10".
struct Limits<'a, T>(Bound<&'a T>, Bound<&'a T>);

impl<T: Display> Display for Limits<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Bound::Included(limit) => write!(f, "at least {limit}")?,
            Bound::Excluded(limit) => write!(f, "greater than {limit}")?,
            Bound::Unbounded => {}
        }
        if !matches!(self.0, Bound::Unbounded) && !matches!(self.1, Bound::Unbounded) {
            f.write_str(" and ")?;
        }
        match self.1 {
            Bound::Included(limit) => write!(f, "at most {limit}"),
            Bound::Excluded(limit) => write!(f, "less than {limit}"),
            Bound::Unbounded => Ok(()),
        }
    }
}
