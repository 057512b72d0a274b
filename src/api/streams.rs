//! The wrapper around handlers that answer with a stream: it validates, finds the caller, and sees to it that no stream outlives
//! the caller's leave, its deadline, or the process.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Stream, StreamExt as _, unfold};
use http::{HeaderMap, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};
use transcode::Validate;

use super::call::{Context, accept, context};
use super::layers::Asked;
use super::{Api, Failure};
use crate::app::access::is_still_allowed;
use crate::app::{Error, Read};
use crate::contract::conventions::RequestMessage;
use crate::contract::policy::{self, Method};
use crate::domain::violation::Violation;

/// What a client that was away has (WHATWG HTML, section 9.2). REST header, and gRPC metadata for who wants it.
const LAST_EVENT_ID: &str = "last-event-id";

/// The longest that a stream with an end may take.
const LONGEST: Duration = Duration::from_mins(15);

/// Messages that wait for the client. A large one takes a megabyte.
const AHEAD: usize = 2;

/// How often it is asked whether the caller would still be let in.
const CHECK: Duration = Duration::from_secs(1);

/// The messages of a stream.
pub(super) type Messages<R> = Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>;

/// What a handler answers with.
pub(super) struct Streamed<R> {
    /// Headers of the answer.
    pub(super) headers: HeaderMap,
    /// The messages.
    pub(super) messages: BoxStream<'static, Result<R, Error>>,
}

impl<R> Streamed<R> {
    /// Messages, and nothing to say of them.
    pub(super) fn new(messages: impl Stream<Item = Result<R, Error>> + Send + 'static) -> Self {
        Self { headers: HeaderMap::new(), messages: messages.boxed() }
    }
}

impl Api {
    /// Answers with a stream.
    pub(super) async fn stream<M, I, R, F>(
        &self,
        method: &'static Method,
        mut request: Request<M>,
        run: F,
    ) -> Result<Response<Messages<R>>, Status>
    where
        M: Validate + RequestMessage,
        I: TryFrom<M, Error = Vec<Violation>>,
        R: Send + 'static,
        F: FnOnce(Read, I) -> BoxFuture<'static, Result<Streamed<R>, Error>>,
    {
        let context = context(&request)?;
        let asked = request.extensions().get::<Asked>().and_then(|asked| asked.0);
        let answer = async {
            let broken = resume(&mut request);
            let input = accept(request.into_inner(), broken)?;
            Ok(run(self.app.read(Arc::clone(&context.caller)), input).await?)
        };
        let streamed = answer.await.map_err(|failure: Failure| failure.into_status(&context.request_id))?;
        let mut response = Response::new(self.guard(method, context, asked, streamed.messages));
        *response.metadata_mut() = MetadataMap::from_headers(streamed.headers);
        Ok(response)
    }

    /// The messages, until they end or have to. They are read in a task of their own: what has begun to read from the database
    /// comes to its end, and gives its connection back, however long the client takes for what it has got.
    fn guard<R: Send + 'static>(
        &self,
        method: &'static Method,
        context: Context,
        asked: Option<Instant>,
        messages: BoxStream<'static, Result<R, Error>>,
    ) -> Messages<R> {
        let longest = (method.stream != Some(policy::Stream::Events)).then(|| Instant::now() + LONGEST);
        let deadline = asked.into_iter().chain(longest).min();
        let request_id = context.request_id.clone();
        let end = self.clone().end(method, context, deadline);
        let ((teller, told), (finish, finished)) = (mpsc::channel(AHEAD), oneshot::channel());
        tokio::spawn(async move {
            // The end comes first: nobody who is not let in any more gets another message.
            let outcome = tokio::select! { biased; ended = end => ended, outcome = tell(messages, teller) => outcome };
            // Without a client there is nobody to tell.
            let _ = finish.send(outcome.map_err(|error| Failure::from(error).into_status(&request_id)));
        });
        Box::pin(unfold((told, Some(finished)), async |(mut told, mut finished)| {
            let next = match told.recv().await {
                Some(message) => Ok(message),
                None => Err(finished.take()?.await.unwrap_or_else(|_| Err(broken())).err()?),
            };
            Some((next, (told, finished)))
        }))
    }

    /// Waits until the stream has to end, and says why. Watching for as long as the client wanted is no failure; an export that
    /// did not come to its end is one.
    async fn end(self, method: &'static Method, context: Context, deadline: Option<Instant>) -> Result<(), Error> {
        let over = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
            if method.stream == Some(policy::Stream::Events) { Ok(()) } else { Err(Error::DeadlineExceeded) }
        };
        tokio::select! {
            () = self.stop.now.cancelled() => Err(Error::Stopping),
            outcome = over => outcome,
            error = self.shut_out(method, &context) => Err(error),
        }
    }

    /// Waits until the caller would not be let in any more. While the database does not say, it stays.
    async fn shut_out(&self, method: &'static Method, context: &Context) -> Error {
        let mut ticks = interval(CHECK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            if let Ok(false) = is_still_allowed(&self.app, &context.credential, method.permission).await {
                return Error::Unauthenticated;
            }
        }
    }
}

/// Tells messages as fast as the client takes them, until they end or the client leaves.
async fn tell<R>(mut messages: BoxStream<'static, Result<R, Error>>, teller: mpsc::Sender<R>) -> Result<(), Error> {
    loop {
        let next = tokio::select! {
            next = messages.next() => next,
            () = teller.closed() => None,
        };
        let Some(message) = next.transpose()? else { return Ok(()) };
        if teller.send(message).await.is_err() {
            return Ok(());
        }
    }
}

/// A stream whose task panicked: it must not look as if it had come to its end.
fn broken() -> Status {
    Failure::internal(&"a stream panicked").into_status("")
}

/// Lets a stream go on where the client says that it ended.
fn resume<M: RequestMessage>(request: &mut Request<M>) -> Vec<Violation> {
    let sent = request.metadata().as_ref().get(LAST_EVENT_ID).filter(|id| !id.is_empty()).cloned();
    let is_known = |id: HeaderValue| id.to_str().is_ok_and(|id| request.get_mut().resume(id));
    match sent.map(is_known) {
        Some(false) => vec![Violation::new("Last-Event-ID", "unknown", "is no id of an event of this stream")],
        Some(true) | None => Vec::new(),
    }
}
