//! The whole service from outside, on SQLite and PostgreSQL: one file a concern, one binary.
//!
//! Run it as `scripts/with-postgres.sh cargo test --test suite`.

mod access;
mod architecture;
mod audit;
mod browsers;
mod catalog;
mod commands;
mod crashes;
mod customers;
mod edge;
mod errors;
mod errors_grpc;
mod events;
mod hangups;
mod key_life;
mod keys;
mod migrations;
mod orders;
mod pages;
mod retries;
mod roles;
mod stop;
mod support;
mod tenants;
mod twins;
