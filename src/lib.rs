//! Tradepost: an order back office whose Protobuf contract is the product.
//!
//! A request travels `api` → `app` → `domain` and `store`; imports point the same way. `ARCHITECTURE.md` has the map.

/// The wires: gRPC, gRPC-Web, REST, and the layers around them.
pub mod api;
/// Use cases, and the transaction that carries every write.
pub mod app;
/// What the program does when it is started.
pub mod commands;
/// Settings.
pub mod config;
/// What the build derives from `proto/`.
pub mod contract;
/// The rules of the business.
pub mod domain;
/// The schema, step by step.
#[path = "../migrations/mod.rs"]
pub mod migrations;
/// Between messages and domain values.
pub mod objects;

pub mod present;
/// The OpenAPI document and the list of errors.
pub mod published;
/// The composition root and the accept loop.
pub mod server;
/// SQL.
pub mod store;
/// What the program does by itself.
pub mod workers;
