//! The rows of every table: fields, nothing else.
#![allow(missing_docs, unreachable_pub, reason = "the derived code is public; the migrations explain the columns")]

pub(super) mod api_keys;
pub(super) mod approval_policies;
pub(super) mod approvals;
pub(super) mod audit_events;
pub(super) mod customers;
pub(super) mod event_log;
pub(super) mod events;
pub(super) mod idempotency_keys;
pub(super) mod jobs;
pub(super) mod leases;
pub(super) mod locations;
pub(super) mod order_items;
pub(super) mod orders;
pub(super) mod payments;
pub(super) mod product_prices;
pub(super) mod products;
pub(super) mod quote_items;
pub(super) mod quotes;
pub(super) mod refund_items;
pub(super) mod refunds;
pub(super) mod report_parts;
pub(super) mod reports;
pub(super) mod reservation_lines;
pub(super) mod reservations;
pub(super) mod return_items;
pub(super) mod returns;
pub(super) mod server_secrets;
pub(super) mod shipment_items;
pub(super) mod shipments;
pub(super) mod stock_levels;
pub(super) mod stock_movements;
pub(super) mod tenants;
pub(super) mod webhook_attempts;
pub(super) mod webhook_deliveries;
pub(super) mod webhook_endpoints;
