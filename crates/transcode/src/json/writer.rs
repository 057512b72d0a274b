//! JSON text, token by token: proto names, zero values of fields without presence and empty lists written, unset
//! messages and optional fields left out, never `null`.

use std::fmt::Write as _;

use super::any::{self, AnyType};
use super::put::Key;

/// A value that has no JSON: a time outside of the calendar, a mask that does not come back the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprintable(pub(crate) String);

impl Unprintable {
    pub(crate) fn of(name: &str) -> Self {
        Self(format!("a {name} whose value has no JSON"))
    }
}

impl std::fmt::Display for Unprintable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unprintable {}

impl From<Unprintable> for tonic::Status {
    fn from(error: Unprintable) -> Self {
        Self::internal(format!("the reply holds {}", error.0))
    }
}

/// What the specification leaves to options. By default names are those of the contract and every field without
/// presence is written, so that clients meet each key of an answer always and under one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Lower camel case names in place of the contract's.
    pub json_names: bool,
    /// Zeros and empty lists of fields without presence are left out.
    pub omit_zeros: bool,
}

/// Gathers JSON text.
#[derive(Debug)]
pub struct Writer<'w> {
    out: String,
    types: &'w [AnyType],
    pub(super) style: Style,
}

impl<'w> Writer<'w> {
    pub(crate) fn new(types: &'w [AnyType], style: Style) -> Self {
        Self { out: String::with_capacity(256), types, style }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    pub(super) fn any_type(&self, name: &str) -> Option<&'w AnyType> {
        any::find(self.types, name)
    }

    /// An object; `members` appends what is in it.
    pub fn object(&mut self, members: impl FnOnce(&mut Self) -> Result<(), Unprintable>) -> Result<(), Unprintable> {
        self.out.push('{');
        members(self)?;
        self.out.push('}');
        Ok(())
    }

    /// The key of a member, quoted and with its colon; no value ends in an opening brace, so one tells the first.
    pub(super) fn key(&mut self, (name, json_name): Key) {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push_str(if self.style.json_names { json_name } else { name });
    }

    pub(super) fn verbatim(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    pub(super) fn integer(&mut self, value: impl itoa::Integer) {
        self.out.push_str(itoa::Buffer::new().format(value));
    }

    pub(super) fn quoted_integer(&mut self, value: impl itoa::Integer) {
        self.out.push('"');
        self.integer(value);
        self.out.push('"');
    }

    /// The shortest text that reads back the same; `Debug` prints very large and very small values with an exponent.
    pub(super) fn float<F: std::fmt::Display + std::fmt::Debug>(&mut self, value: f64, exact: &F) {
        if value.is_nan() {
            self.out.push_str("\"NaN\"");
        } else if value.is_infinite() {
            self.out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        } else if value.abs() < 1e16 && value.abs() >= 1e-5 || value == 0.0 {
            let _ = write!(self.out, "{exact}");
        } else {
            let _ = write!(self.out, "{exact:?}");
        }
    }

    /// What ends a stream that failed, where the host does not say it better.
    pub(crate) fn plain_error(&mut self, code: i32, message: &str) {
        self.verbatim("{\"error\":{\"code\":");
        self.integer(code);
        self.verbatim(",\"message\":");
        self.string(message);
        self.verbatim("}}");
    }

    /// Quotes and escapes (RFC 8259, 7).
    pub(super) fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(end) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let (plain, special) = rest.split_at(end);
            self.out.push_str(plain);
            let (special, after) = special.split_at(1);
            match special {
                "\"" => self.out.push_str("\\\""),
                "\\" => self.out.push_str("\\\\"),
                "\n" => self.out.push_str("\\n"),
                "\r" => self.out.push_str("\\r"),
                "\t" => self.out.push_str("\\t"),
                other => {
                    let _ = write!(self.out, "\\u{:04x}", other.bytes().next().unwrap_or_default());
                }
            }
            rest = after;
        }
        self.out.push_str(rest);
        self.out.push('"');
    }
}
