//! The REST side of a tonic service, by the `google.api.http` rules of its contract.
//!
//! `transcode-build` reads the rules at build time and emits [`Route`] tables and a three-line dispatch per method;
//! this crate does the rest: it finds the route of a request ([`Router::resolve`]), reads path, query and body into
//! the request message, calls the trait method and writes the reply as `ProtoJSON` ([`Router::call`]). It knows
//! nothing of any particular service, and answers no failure itself: the host renders [`Error`] in its own shape.

mod accept;
mod bind;
mod body;
mod call;
mod failure;
mod headers;
pub mod json;
mod mask;
mod matcher;
mod number;
mod percent;
mod query;
mod raw;
mod reply;
mod route;
mod router;
mod stream;
#[cfg(test)]
mod testing;
pub mod validate;

/// Generated code names the crate, also in tests of the crate itself.
#[cfg(test)]
extern crate self as transcode;

pub use accept::accepts;
pub use call::{Call, Reply, Service};
pub use failure::{Error, Failure, MAX_VIOLATIONS, Violation, code, http_status};
pub use mask::PresentFields;
pub use matcher::{Match, Resolved};
pub use raw::{HttpBody, RawBody};
pub use reply::{Aborted, ReplyBody};
pub use route::{Body, Route, Segment, Variable};
pub use router::{BuildError, Router, RouterBuilder};
pub use stream::StreamFormat;
pub use validate::{Path, Validate, Violations, rules, validate};
