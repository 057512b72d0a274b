//! What the program does by itself, beside answering. One file a worker; each stops when it is told to.

pub mod event_log;
pub mod expiry;
pub mod jobs;
pub mod upkeep;
pub mod uses;
pub mod webhooks;
