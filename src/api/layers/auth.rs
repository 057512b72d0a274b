//! Who calls, and whether they may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, header};

use super::{Notes, RequestId};
use crate::api::edge::Target;
use crate::api::{Context, Failure, Wire, refuse};
use crate::app::access::Credential;
use crate::app::{self, App, Caller, Error};
use crate::contract::policy::Method;

/// Lets those through who may call the method, with their [`Context`]. Health and reflection need nobody's leave.
pub async fn layer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let Some(target) = request.extensions().get::<Target>().cloned() else {
        return refuse(Wire::Rest, Failure::internal(&"a request was not resolved"), &RequestId::of(&request));
    };
    let Some(method) = target.method else { return next.run(request).await };
    let request_id = RequestId::of(&request);
    let (caller, credential) = match admit(&app, method, request.headers()).await {
        Ok((caller, credential)) => (Arc::new(caller), credential),
        Err(error) => return refuse(target.wire, error.into(), &request_id),
    };
    if let Some(notes) = request.extensions().get::<Notes>() {
        let _ = notes.caller.set(Arc::clone(&caller));
    }
    request.extensions_mut().insert(Context { caller, credential, request_id });
    next.run(request).await
}

async fn admit(app: &App, method: &Method, headers: &HeaderMap) -> Result<(Caller, Credential), Error> {
    let credential = Credential::of(bearer(headers).ok_or(Error::Unauthenticated)?);
    let caller = app::access::authenticate(app, &credential).await?;
    match method.permission {
        Some(permission) if !caller.may(permission) => Err(Error::PermissionDenied { permission, field: None }),
        _ => Ok((caller, credential)),
    }
}

/// The token of the one `Authorization: Bearer …` (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (only, None) = (sent.next()?, sent.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_one_bearer_token_counts() {
        for (values, token) in [
            (vec!["Bearer abc"], Some("abc")),
            (vec!["bearer  abc "], Some("abc")),
            (vec!["Basic abc"], None),
            (vec!["Bearer"], None),
            (vec!["Bearer "], None),
            (vec!["abc"], None),
            (vec!["Bearer abc", "Bearer abd"], None),
            (vec![], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
            }
            assert_eq!(bearer(&headers), token, "{values:?}");
        }
    }
}
