//! Requests to messages and messages to JSON, by the descriptors of the contract.
//! One concrete type: whatever reads and writes the JSON, the rest of the crate and the host see only this.

use std::fmt;

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use crate::bind::{self, Input};
use crate::failure::{Error, Failure};
use crate::json::writer;
use crate::matcher::Match;

/// Reads and writes the messages of a pool.
#[derive(Debug, Clone)]
pub struct Codec {
    pool: DescriptorPool,
    max_depth: usize,
}

/// A message that cannot be shown as JSON: its type is not in the pool, or a value has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError(String);

impl Codec {
    /// How deep JSON may be nested unless told otherwise.
    pub const DEFAULT_MAX_DEPTH: usize = 32;

    /// A codec for the messages of `pool`.
    #[must_use]
    pub fn new(pool: DescriptorPool) -> Self {
        Self { pool, max_depth: Self::DEFAULT_MAX_DEPTH }
    }

    /// How deep JSON may be nested, at most 100: messages nested deeper cannot be encoded.
    #[must_use]
    pub fn with_max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels.min(100);
        self
    }

    /// Builds the request message of a matched route from path, query and body.
    pub fn bind<M>(&self, matched: &Match, query: Option<&str>, body: &[u8]) -> Result<M, Error>
    where
        M: prost::Message + Default,
    {
        let descriptor = self.message(matched.route.input).map_err(tonic::Status::from)?;
        let input = Input { captures: &matched.captures, query, body };
        let message = bind::bind(matched.route, &descriptor, input, self.max_depth)?;
        // Only nesting that the binary form refuses can fail here: `Struct` takes three levels for one of JSON.
        message.transcode_to().map_err(|_| Failure::malformed("The body is nested too deeply.").into())
    }

    /// The JSON of a message; `full_name` is its protobuf name.
    pub fn write<M: prost::Message>(&self, full_name: &str, message: &M) -> Result<Vec<u8>, CodecError> {
        self.write_encoded(full_name, &message.encode_to_vec())
    }

    /// The JSON of a message in its binary form.
    pub fn write_encoded(&self, full_name: &str, bytes: &[u8]) -> Result<Vec<u8>, CodecError> {
        let descriptor = self.message(full_name)?;
        let message = DynamicMessage::decode(descriptor, bytes)
            .map_err(|error| CodecError(format!("{full_name} cannot be decoded: {error}")))?;
        let mut out = String::with_capacity(bytes.len() * 2);
        writer::write_message(&mut out, &message)
            .map_err(|error| CodecError(format!("{full_name} holds {}", error.0)))?;
        Ok(out.into_bytes())
    }

    pub(crate) fn message(&self, full_name: &str) -> Result<MessageDescriptor, CodecError> {
        let found = self.pool.get_message_by_name(full_name);
        found.ok_or_else(|| CodecError(format!("the contract has no message {full_name}")))
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CodecError {}

impl From<CodecError> for tonic::Status {
    fn from(error: CodecError) -> Self {
        Self::internal(error.0)
    }
}
