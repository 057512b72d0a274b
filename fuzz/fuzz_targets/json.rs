//! See `entry::json`.
#![no_main]
#![allow(dead_code)]

#[path = "../entry.rs"]
mod entry;
#[path = "../../crates/transcode/tests/end_to_end/library.rs"]
mod library;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::json(data));
