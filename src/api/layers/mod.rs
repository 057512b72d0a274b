//! What surrounds every request, one layer a file. `server` puts them in order.

pub mod access_log;
pub mod auth;
pub mod cors;
pub mod deadline;
pub mod drain;
pub mod limits;
pub mod not_modified;
pub mod panics;
pub mod request_id;
pub mod response_headers;
pub mod unread;

pub use access_log::Notes;
pub use deadline::{Asked, LastCall};
pub use request_id::RequestId;
