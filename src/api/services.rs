//! The tonic traits, implemented once for every wire. Generated: each method wraps its handler in `Api::read` or `Api::write`.

use super::Api;
use crate::contract::{pb, policy};

include!(concat!(env!("OUT_DIR"), "/services.rs"));
