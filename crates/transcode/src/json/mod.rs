//! `ProtoJSON` both ways, without descriptors: `transcode-build` generates the fields of every message, this module
//! holds everything they have in common. No HTTP here.
//!
//! Hosts need [`write()`] and [`read()`]; the rest is what generated code is made of.

mod any;
mod calendar;
mod document;
pub mod kinds;
mod lexer;
mod look;
mod mask;
mod message;
mod parser;
pub mod put;
mod reader;
mod scalar;
mod schema;
pub mod set;
mod structs;
pub mod take;
#[cfg(test)]
mod tests;
mod wkt;
mod writer;

pub use any::AnyType;
pub use document::{DEFAULT_MAX_DEPTH, read, write, write_as};
pub(crate) use document::{read_field, read_message, utf8, write_one_field};
pub use kinds::Kind;
pub(crate) use look::{members, text_at};
pub use message::{Fields, ProtoJson};
pub use reader::{Reader, Syntax};
pub use scalar::{EnumTable, EnumType, Refusal};
pub use schema::{Field, Schema, Shape};
pub use writer::{Style, Unprintable, Writer};

pub use crate::validate::Path;
