//! Field validation: what the code generated from `buf.validate` rules implements and calls.
//!
//! A check walks one message and collects every broken rule, up to a cap, so that a client can mend them all at once.
//! A valid message costs no allocation for paths or messages. Which rules a message has is decided at build time by
//! `transcode-build`; nothing is looked up while running.

pub mod rules;

mod path;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::path::{Key, Path};
use crate::failure::{MAX_VIOLATIONS, Violation};

/// A message that knows its rules.
pub trait Validate {
    /// Adds every broken rule of this message, and of those inside it, to `out`. `at` is where the message stands.
    fn check(&self, at: Path<'_>, out: &mut Violations);
}

/// `google.protobuf.Empty`, as prost has it.
impl Validate for () {
    fn check(&self, _: Path<'_>, _: &mut Violations) {}
}

/// Recursive messages are boxed.
impl<M: Validate + ?Sized> Validate for Box<M> {
    fn check(&self, at: Path<'_>, out: &mut Violations) {
        (**self).check(at, out);
    }
}

/// Checks a whole message; field paths in the violations start at it.
pub fn validate<M: Validate + ?Sized>(message: &M) -> Result<(), Vec<Violation>> {
    let mut out = Violations::default();
    message.check(Path::root(), &mut out);
    if out.list.is_empty() { Ok(()) } else { Err(out.list) }
}

/// The broken rules found so far, [`MAX_VIOLATIONS`] at most: a hostile message must not make the answer much larger
/// than itself.
#[derive(Default)]
pub struct Violations {
    list: Vec<Violation>,
}

impl Violations {
    /// Adds one violation, unless the cap is reached.
    pub fn push(&mut self, at: &Path<'_>, code: &'static str, message: fmt::Arguments<'_>) {
        if self.is_full() {
            return;
        }
        // A map key and its value share a path, so the message has to tell them apart.
        let message = if at.is_map_key() { format!("the key {message}") } else { message.to_string() };
        self.list.push(Violation { field: at.to_string(), code, message });
    }

    /// Whether the cap is reached and further checks are pointless.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_VIOLATIONS
    }

    /// Whether nothing is broken so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The violations, in the order of the fields in the contract.
    #[must_use]
    pub fn into_vec(self) -> Vec<Violation> {
        self.list
    }
}
