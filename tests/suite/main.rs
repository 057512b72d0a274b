//! The whole service from outside, on SQLite and PostgreSQL: one file a concern, one binary.
//!
//! Run it as `scripts/with-postgres.sh cargo test --test suite`.

#![allow(clippy::unnecessary_wraps, reason = "small helpers return what the field takes that they are for")]

mod access;
mod approvals;
mod approvals_end;
mod architecture;
mod audit;
mod batch;
mod batch_limits;
mod browsers;
mod business_day;
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
mod inventory;
mod inventory_books;
mod inventory_races;
mod inventory_reservations;
mod jobs;
mod jobs_replicas;
mod key_life;
mod keys;
mod migrations;
mod model;
mod money_drifts;
mod order_batches;
mod order_cancels;
mod order_edits;
mod order_expiry;
mod order_holds;
mod order_lists;
mod order_moves;
mod order_prices;
mod order_stock;
mod orders;
mod pages;
mod payments;
mod plans;
mod quotes;
mod quotes_approvals;
mod quotes_limits;
mod refund_races;
mod refunds;
mod reports;
mod reports_files;
mod retries;
mod returns;
mod shipments;
mod shipments_stock;
mod stop;
mod support;
mod tenants;
mod twins;
mod upkeep;
