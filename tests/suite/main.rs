//! The whole service from outside, on SQLite and PostgreSQL: one file a concern, one binary.
//!
//! Run it as `scripts/with-postgres.sh cargo test --test suite`.

mod access;
mod architecture;
mod browsers;
mod catalog;
mod commands;
mod crashes;
mod customers;
mod edge;
mod errors;
mod errors_grpc;
mod hangups;
mod migrations;
mod order_edits;
mod order_lists;
mod order_moves;
mod order_prices;
mod orders;
mod pages;
mod retries;
mod roles;
mod stop;
mod support;
mod twins;
