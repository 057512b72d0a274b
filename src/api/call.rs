//! The wrappers around every handler. They validate, find the caller and the key, and open the transaction, so that no
//! handler can forget it.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{HeaderValue, StatusCode, header};
use prost::Message;
use sha2::{Digest, Sha256};
use tonic::{Request, Response, Status};
use transcode::Validate;

use super::inside::Inside;
use super::layers::drain::Stop;
use super::{Failure, conventions};
use crate::app::access::Credential;
use crate::app::{App, Call, Caller, Error, Key, Outcome, Read, Ticket};
use crate::contract::conventions::{ReplyMessage, RequestMessage};
use crate::contract::pb::ErrorCode;
use crate::contract::policy::{KeyRule, Kind, Method};
use crate::domain::etag;
use crate::domain::violation::Violation;

/// REST header and gRPC metadata alike.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Tells that the answer is that of an earlier call.
const IDEMPOTENT_REPLAYED: &str = "idempotent-replayed";

/// Longest key.
const MAX_KEY_CHARS: usize = 255;

/// Implements every service of the contract.
#[derive(Debug, Clone)]
pub struct Api {
    pub(super) app: Arc<App>,
    pub(super) stop: Stop,
}

/// Who sent a request, and how it is called in logs. The layers put it into the request's extensions.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who.
    pub caller: Arc<Caller>,
    /// What it was let in with.
    pub credential: Credential,
    /// The request's name.
    pub request_id: String,
}

impl Api {
    /// Serves these use cases.
    #[must_use]
    pub fn new(app: Arc<App>, stop: Stop) -> Self {
        Self { app, stop }
    }

    /// Answers a read.
    pub(super) async fn read<M, I, R, F>(
        &self,
        method: &'static Method,
        request: Request<M>,
        run: F,
    ) -> Result<Response<R>, Status>
    where
        M: Validate,
        I: TryFrom<M, Error = Vec<Violation>>,
        R: ReplyMessage,
        F: for<'a> Fn(&'a Read, I) -> BoxFuture<'a, Result<R, Error>>,
    {
        let context = context(&request)?;
        let answer = async {
            let input = accept(request.into_inner(), Vec::new())?;
            Ok(run(&self.app.read(Arc::clone(&context.caller)), input).await?)
        };
        let reply = answer.await.map_err(|failure: Failure| failure.into_status(&context.request_id))?;
        Ok(respond(reply, method.status))
    }

    /// Runs a write: in a transaction, at most once for its key.
    pub(super) async fn write<M, I, R, F>(
        &self,
        method: &'static Method,
        request: Request<M>,
        run: F,
        location: fn(&R) -> Option<String>,
    ) -> Result<Response<R>, Status>
    where
        M: Message + RequestMessage + Validate,
        I: TryFrom<M, Error = Vec<Violation>> + Clone + Send + Sync + 'static,
        R: Message + ReplyMessage + Default + 'static,
        F: for<'a> Fn(&'a Call, I) -> BoxFuture<'a, Result<R, Error>> + Send + Sync + 'static,
    {
        let context = context(&request)?;
        let dry_run = request.get_ref().validate_only();
        let outcome = self.perform(method, request, &context, run).await;
        let (mut reply, replayed) = outcome.map_err(|failure| failure.into_status(&context.request_id))?;
        if dry_run {
            if method.creates() {
                reply.forget_ids();
            }
            // Nothing has the etag that is shown.
            let mut response = respond(reply, StatusCode::OK.as_u16());
            response.metadata_mut().as_mut().remove(header::ETAG);
            return Ok(response);
        }
        let location = location(&reply).and_then(|path| HeaderValue::try_from(path).ok());
        let mut response = respond(reply, method.status);
        let headers = response.metadata_mut().as_mut();
        if let Some(location) = location {
            headers.insert(header::LOCATION, location);
        }
        if replayed {
            headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }

    /// Runs a method that is made of calls of others. Each of them has its own caller, key and transaction.
    pub(super) async fn compose<M, R, F>(
        &self,
        method: &'static Method,
        request: Request<M>,
        run: F,
    ) -> Result<Response<R>, Status>
    where
        M: Validate,
        R: ReplyMessage,
        F: for<'a> Fn(&'a Inside, M) -> BoxFuture<'a, R>,
    {
        let context = context(&request)?;
        let inside = Inside::of(&request, &context.request_id);
        let answer = async {
            let message = request.into_inner();
            transcode::validate(&message)?;
            Ok(run(&inside?, message).await)
        };
        let reply = answer.await.map_err(|failure: Failure| failure.into_status(&context.request_id))?;
        Ok(respond(reply, method.status))
    }

    async fn perform<M, I, R, F>(
        &self,
        method: &'static Method,
        mut request: Request<M>,
        context: &Context,
        run: F,
    ) -> Result<(R, bool), Failure>
    where
        M: Message + RequestMessage + Validate,
        I: TryFrom<M, Error = Vec<Violation>> + Clone + Send + Sync + 'static,
        R: Message + Default + 'static,
        F: for<'a> Fn(&'a Call, I) -> BoxFuture<'a, Result<R, Error>> + Send + Sync + 'static,
    {
        let (condition, violations) = conventions::normalize(&mut request);
        let dry_run = request.get_ref().validate_only();
        // Without an effect there is nothing to keep for a key.
        let key = if dry_run { Ok(None) } else { key(method, &request) };
        let input: I = accept(request.into_inner(), violations)?;
        let ticket = Ticket {
            caller: Arc::clone(&context.caller),
            method: method.path,
            request_id: context.request_id.clone(),
            key: key?,
            condition,
            dry_run,
        };
        // A transaction that met another one is run again, so the input is kept until it is over.
        let outcome = self.app.transact(ticket, move |call| run(call, input.clone()), R::encode_to_vec).await?;
        match outcome {
            Outcome::Done(reply) => Ok((reply, false)),
            Outcome::Replayed(stored) => {
                let reply = R::decode(stored.as_slice()).map_err(|error| Failure::internal(&error))?;
                Ok((reply, true))
            }
        }
    }
}

/// Checks a message by the rules of the contract and reads it. Everything that is wrong is told at once.
pub(super) fn accept<M: Validate, I: TryFrom<M, Error = Vec<Violation>>>(
    message: M,
    mut broken: Vec<Violation>,
) -> Result<I, Failure> {
    if let Err(found) = transcode::validate(&message) {
        broken.extend(found.into_iter().map(Violation::from));
    }
    match I::try_from(message) {
        Ok(input) if broken.is_empty() => Ok(input),
        outcome => {
            let unreadable = outcome.err().unwrap_or_default();
            let known: HashSet<_> = broken.iter().map(|violation| violation.field.clone()).collect();
            broken.extend(unreadable.into_iter().filter(|violation| !known.contains(&violation.field)));
            Err(broken.into())
        }
    }
}

pub(super) fn context<M>(request: &Request<M>) -> Result<Context, Status> {
    let found = request.extensions().get::<Context>().cloned();
    found.ok_or_else(|| Failure::internal(&"a request came past the layers").into_status(""))
}

/// REST reads the status and the headers; gRPC clients get the headers as metadata.
fn respond<R: ReplyMessage>(reply: R, status: u16) -> Response<R> {
    let etag = reply.etag().and_then(|etag| HeaderValue::try_from(etag::quoted(etag)).ok());
    let mut response = Response::new(reply);
    response.extensions_mut().insert(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
    if let Some(etag) = etag {
        response.metadata_mut().as_mut().insert(header::ETAG, etag);
    }
    response
}

/// The request's key with its fingerprint, as the method's rule wants it.
fn key<M: Message + RequestMessage>(method: &'static Method, request: &Request<M>) -> Result<Option<Key>, Failure> {
    let rule = match method.kind {
        Kind::Read | Kind::Composite | Kind::Write(KeyRule::None) => return Ok(None),
        Kind::Write(rule) => rule,
    };
    let mut sent = request.metadata().as_ref().get_all(IDEMPOTENCY_KEY).iter();
    let text = match (sent.next(), sent.next()) {
        (None, _) if rule == KeyRule::Required || request.get_ref().needs_key() => {
            return Err(ErrorCode::IdempotencyKeyRequired.into());
        }
        (None, _) => return Ok(None),
        (Some(one), None) => one.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => "",
    };
    // Visible ASCII, RFC 20: 0x21 to 0x7E.
    if text.is_empty() || text.len() > MAX_KEY_CHARS || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ErrorCode::IdempotencyKeyInvalid.into());
    }
    Ok(Some(Key { text: text.to_owned(), fingerprint: fingerprint(request.get_ref()) }))
}

/// The digest of the decoded message. Fields are encoded in the order of their numbers and maps are sorted, so neither
/// spelling nor order nor wire matter.
fn fingerprint(message: &impl Message) -> [u8; 32] {
    Sha256::digest(message.encode_to_vec()).into()
}
