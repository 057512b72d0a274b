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
        /// What a caller needs; `None`: nothing but a valid key.
        pub permission: Option<Permission>,
        /// The HTTP status of a success.
        pub status: u16,
        /// Whether it changes anything.
        pub kind: Kind,
    }

    /// Whether a method changes anything.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Kind {
        /// It does not.
        Read,
        /// It does, and takes a key by this rule.
        Write(KeyRule),
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

/// The compiled contract, with every option, for reflection.
pub static DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// A message as REST shows it.
#[must_use]
pub fn to_json<M: transcode::json::ProtoJson>(message: &M) -> serde_json::Value {
    let written = transcode::json::write(message).ok();
    written.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}
