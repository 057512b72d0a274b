//! The whole service from outside, on SQLite and PostgreSQL: one file a concern, one binary.
//!
//! Run it as `scripts/with-postgres.sh cargo test --test suite`.

#![allow(clippy::unnecessary_wraps, reason = "small helpers return what the field takes that they are for")]

mod access;
mod architecture;
mod audit;
mod batch;
mod batch_limits;
mod browsers;
mod catalog;
mod catalog_lists;
mod catalog_updates;
mod commands;
mod conventions;
mod crashes;
mod customers;
mod customers_end;
mod edge;
mod errors;
mod errors_grpc;
mod events;
mod hangups;
mod key_life;
mod keys;
mod migrations;
mod order_batches;
mod order_cancels;
mod order_edits;
mod order_expiry;
mod order_holds;
mod order_lists;
mod order_moves;
mod order_prices;
mod orders;
mod pages;
mod plans;
mod quotes;
mod quotes_limits;
mod retries;
mod stop;
mod support;
mod tenants;
mod twins;
mod upkeep;
