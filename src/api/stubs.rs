//! Handlers that are not built yet.

use crate::contract::pb;
use crate::domain::violation::Violation;

#[derive(Clone)]
pub(super) struct Stub<M>(#[allow(dead_code)] M);

macro_rules! stubs { ($($request:ident)+) => {$(
    impl TryFrom<pb::$request> for Stub<pb::$request> {
        type Error = Vec<Violation>;
        fn try_from(message: pb::$request) -> Result<Self, Vec<Violation>> { Ok(Self(message)) }
    }
)+}; }

stubs! {
    GetTenantRequest
    ListTenantsRequest
    UpdateTenantRequest
    GetApiKeyRequest
    ListApiKeysRequest
    RevokeApiKeyRequest
    RotateApiKeyRequest
    GetEventRequest
    ListEventsRequest
    GetAuditEventRequest
    ListAuditEventsRequest
    ListOrderEventsRequest
}
