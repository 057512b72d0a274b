//! What the build derives from `proto/`: messages, services, routes, validation, policies. Nothing here is written by hand
//! but the shapes of the generated data.

/// The messages and services, as prost and tonic make them.
#[allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "generated")]
pub mod pb {
    tonic::include_proto!("tradepost.v1");
}

/// The REST doors of the services, and the JSON of the messages.
#[allow(clippy::all, clippy::pedantic, reason = "generated")]
pub mod rest {
    include!(concat!(env!("OUT_DIR"), "/rest.rs"));
}

#[allow(clippy::pedantic, reason = "generated")]
mod validation {
    include!(concat!(env!("OUT_DIR"), "/validation.rs"));
}

/// Who may call what, how often, and how failures are told.
#[allow(clippy::unreadable_literal, clippy::too_many_lines, reason = "some of it is generated")]
pub mod policy {
    use super::pb::ErrorCode;
    use crate::domain::text_enum::text_enum;

    /// How a method is guarded, answered and retried.
    #[derive(Debug)]
    pub struct Method {
        /// The gRPC path: `/tradepost.v1.OrderService/CreateOrder`.
        pub path: &'static str,
        /// The bare name: `CreateOrder`.
        pub name: &'static str,
        /// The HTTP method of its REST side: `POST`.
        pub verb: &'static str,
        /// The path of its REST side: `/v1/orders/{order_id}`.
        pub template: &'static str,
        /// What a caller needs; `None`: nothing but a valid key.
        pub permission: Option<Permission>,
        /// The HTTP status of a success.
        pub status: u16,
        /// Whether it changes anything.
        pub kind: Kind,
        /// The largest REST body, in bytes; `None`: the usual.
        pub max_body: Option<usize>,
        /// How it streams; `None`: it answers once.
        pub stream: Option<Stream>,
        /// The field of a streamed message that tells where the stream goes on after it; empty: none.
        pub stream_event_id: &'static str,
    }

    /// How a stream is written over REST where the client has no wish.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Stream {
        /// One message a line.
        Lines,
        /// One server-sent event a message.
        Events,
        /// It is one file, and written as it is.
        File,
    }

    impl Method {
        /// Whether it makes something that was not there.
        #[must_use]
        pub fn creates(&self) -> bool {
            matches!(self.status, 201 | 202) || self.name.starts_with("BatchCreate")
        }
    }

    /// Whether a method changes anything.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Kind {
        /// It does not.
        Read,
        /// It does, and takes a key by this rule.
        Write(KeyRule),
        /// It calls other methods, each of which does or does not, and takes no key itself.
        Composite,
    }

    /// Whether a write takes an idempotency key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum KeyRule {
        /// A key is ignored.
        None,
        /// A key is honored when sent.
        Optional,
        /// A call without a key is refused.
        Required,
    }

    /// How an error code is told on each wire.
    #[derive(Debug, Clone, Copy)]
    pub struct ErrorPolicy {
        /// As REST shows it: `validation_failed`.
        pub code: &'static str,
        /// As gRPC shows it: `VALIDATION_FAILED`.
        pub reason: &'static str,
        /// The gRPC code.
        pub grpc: i32,
        /// The HTTP status.
        pub http: u16,
        /// Whether the same call may succeed later.
        pub retryable: bool,
        /// What it says when there is nothing more specific to say.
        pub message: &'static str,
    }

    include!(concat!(env!("OUT_DIR"), "/policy.rs"));
}

/// What the conventions of the contract say of its messages. The fields are the same in every message that has them, so
/// each convention is kept in one place.
#[allow(clippy::pedantic, reason = "most of it is generated")]
pub mod conventions {
    use super::pb;

    /// A request.
    pub trait RequestMessage {
        /// Whether only the checks are wanted.
        fn validate_only(&self) -> bool {
            false
        }

        /// The etag that the thing must have, in requests that change one thing.
        fn etag(&mut self) -> Option<&mut String> {
            None
        }

        /// Whether it says something that makes a key necessary, where one is optional else.
        fn needs_key(&self) -> bool {
            false
        }

        /// Makes a stream go on after what a client says it has (`Last-Event-ID`). `false`: it says nothing that this stream
        /// ever told.
        fn resume(&mut self, last_event_id: &str) -> bool {
            let _ = last_event_id;
            false
        }

        /// What an update changes.
        fn update(&mut self) -> Option<Update<'_>> {
            None
        }
    }

    /// What an update changes, and which fields there are.
    #[derive(Debug)]
    pub struct Update<'m> {
        /// The field with the changes: `order`.
        pub field: &'static str,
        /// Which fields change.
        pub mask: &'m mut Option<prost_types::FieldMask>,
        /// The paths that have a value, as far as Protobuf can tell: fields without presence count when they are not zero.
        pub present: Vec<String>,
        /// Every path that a mask may name.
        pub known: &'static [&'static str],
    }

    /// A request for a page of a list.
    pub trait PageMessage: prost::Message + prost::Name {
        /// Takes everything out of it that says which page and how it looks; what stays are the filters.
        fn take_page(&mut self) -> PageFields;
    }

    /// Which page, and how it looks.
    #[derive(Debug)]
    #[allow(missing_docs, reason = "the fields are those of every list request")]
    pub struct PageFields {
        pub page_size: i32,
        pub page_token: String,
        pub order_by: String,
        pub view: i32,
    }

    /// A reply.
    pub trait ReplyMessage {
        /// The etag of the thing it shows.
        fn etag(&self) -> Option<&str> {
            None
        }

        /// Clears the ids of things that were not created.
        fn forget_ids(&mut self) {}
    }

    include!(concat!(env!("OUT_DIR"), "/conventions.rs"));
}

/// The compiled contract, with every option, for reflection.
pub static DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// A message as REST shows it.
#[must_use]
pub fn to_json<M: transcode::json::ProtoJson>(message: &M) -> serde_json::Value {
    serde_json::from_slice(&to_json_text(message)).unwrap_or_default()
}

/// The same as a text.
#[must_use]
pub fn to_json_text<M: transcode::json::ProtoJson>(message: &M) -> Vec<u8> {
    transcode::json::write(message).unwrap_or_default()
}
