//! `ProtoJSON` both ways: text to tokens, tokens to a message by its descriptor, and back to text.
//! No HTTP here.

mod calendar;
mod lexer;
mod mask;
#[cfg(test)]
mod oracle;
mod parser;
pub(crate) mod reader;
pub(crate) mod scalar;
mod structs;
#[cfg(test)]
mod tests;
pub(crate) mod wkt;
pub(crate) mod writer;
