//! Sends one webhook: signed as Standard Webhooks 1.0 says, over a connection to an address that may be called. The only place
//! that speaks HTTP to others.

use std::error::Error as _;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use reqwest::{Client, Response, redirect};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook, WebhookError};
use tokio::time::Instant;

use crate::app::webhooks::Message;
use crate::domain::time::Time;
use crate::domain::webhook::{AttemptError, ForbiddenAddress, Outcome, TargetRules};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long all of it may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// Connections that wait for the next event, to one host.
const IDLE_CONNECTIONS: usize = 2;

/// How long they wait.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Who we say we are.
const USER_AGENT: &str = concat!("Tradepost/", env!("CARGO_PKG_VERSION"));

/// Sends webhooks.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    rules: TargetRules,
}

/// Why nothing could be sent.
enum Failure {
    Client(reqwest::Error),
    Target,
    Signature,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Client(error)
    }
}

impl From<WebhookError> for Failure {
    fn from(_: WebhookError) -> Self {
        Self::Signature
    }
}

impl From<InvalidHeaderValue> for Failure {
    fn from(_: InvalidHeaderValue) -> Self {
        Self::Signature
    }
}

impl Failure {
    fn code(&self) -> AttemptError {
        match self {
            Self::Target => AttemptError::ForbiddenAddress,
            Self::Client(error) if is_forbidden(error) => AttemptError::ForbiddenAddress,
            Self::Client(error) if error.is_timeout() => AttemptError::Timeout,
            Self::Client(_) | Self::Signature => AttemptError::ConnectionFailed,
        }
    }
}

fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<ForbiddenAddress>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

impl Sender {
    /// A sender that keeps to these rules.
    ///
    /// # Errors
    /// When this machine has no certificates to trust.
    pub fn new(rules: TargetRules) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .dns_resolver(Resolver(rules.clone()))
            .build()?;
        Ok(Self { client, rules })
    }

    /// Sends a message, and tells what came of it. `now` is what its timestamp says.
    pub async fn send(&self, message: &Message, now: Time) -> Outcome {
        let begun = Instant::now();
        match self.post(message, now).await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let body = beginning(answer).await;
                Outcome::answered(status, &String::from_utf8_lossy(&body), begun.elapsed())
            }
            Err(failure) => Outcome::failed(failure.code(), begun.elapsed()),
        }
    }

    async fn post(&self, message: &Message, now: Time) -> Result<Response, Failure> {
        // Looked at each time: the operator may have changed the rules, and no resolver is asked for an address.
        let target = self.rules.target(&message.url).map_err(|_| Failure::Target)?;
        let headers = headers(message, now.micros().div_euclid(1_000_000))?;
        Ok(self.client.post(target.as_str()).headers(headers).body(message.body.clone()).send().await?)
    }
}

/// What says which event it is, and that it comes from us: one signature a secret.
fn headers(message: &Message, now: i64) -> Result<HeaderMap, Failure> {
    let sign = |secret: &String| Webhook::new(secret)?.sign(&message.id, now, &message.body);
    let signatures: Vec<_> = message.secrets.iter().map(sign).collect::<Result<_, _>>()?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(HeaderName::from_static(HEADER_WEBHOOK_ID), HeaderValue::from_str(&message.id)?);
    headers.insert(HeaderName::from_static(HEADER_WEBHOOK_TIMESTAMP), HeaderValue::from(now));
    let signatures = HeaderValue::from_str(&signatures.join(" "))?;
    headers.insert(HeaderName::from_static(HEADER_WEBHOOK_SIGNATURE), signatures);
    Ok(headers)
}

/// As much of an answer as is read. Whoever has answered with a status has answered, whatever becomes of the rest.
async fn beginning(mut answer: Response) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        read.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - read.len())]);
        if read.len() >= MAX_ANSWER {
            break;
        }
    }
    read
}

/// Resolves names to addresses that may be called. The connection is made to these and to no others, so that a name which
/// changes its mind between two questions gains nothing.
#[derive(Debug, Clone)]
struct Resolver(TargetRules);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Vec<_> = found.into_iter().filter(|address| rules.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(ForbiddenAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
