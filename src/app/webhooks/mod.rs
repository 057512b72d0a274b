//! Use cases of webhooks: endpoints, and what changes them.

mod deliveries;
mod tail;
mod work;

pub use deliveries::{get_delivery, list_deliveries, redeliver, test_endpoint};
pub use tail::Tail;
pub use work::{Idle, LEASE, Message, Next, Work, due, idle};

use std::sync::Arc;

use super::{App, Call, Error, Page, Placed, Read, Thing, Unique};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{TypedId, WebhookEndpointId};
use crate::domain::states::Machine as _;
use crate::domain::webhook::{
    DisableReason, EndpointAction, EndpointList, EndpointPatch, NewEndpoint, Replay, WebhookEndpoint,
};
use crate::store::webhook_work::{self, Lease};
use crate::store::{Position, event_log, webhook_endpoints as rows};

/// What the audit calls it when the service stops sending.
const DISABLE: &str = "webhook_endpoint.disable";

impl Placed for WebhookEndpoint {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates an endpoint; answers its secret too.
pub async fn create_endpoint(call: &Call, new: NewEndpoint) -> Result<(WebhookEndpoint, String), Error> {
    check_url(call, &new.url, "url")?;
    let endpoint = WebhookEndpoint::new(call.id(), new, call.now);
    check_reference(call, &endpoint, "reference").await?;
    let (secret, sealed) = new_secret(call, endpoint.id)?;
    // What was committed before has its number then, and so is none of the endpoint's.
    event_log::number(&call.app.db).await?;
    let cursor = event_log::last(&call.tx).await?;
    rows::insert(&call.tx, &call.scope(), &endpoint, &sealed, cursor).await?;
    call.tell(EventType::WebhookEndpointCreated, Subject::WebhookEndpoint(&endpoint));
    Ok((endpoint, call.shown(secret)))
}

/// The endpoint with this id.
pub async fn get_endpoint(call: &Read, id: WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::WebhookEndpoint, field: None })
}

/// A page of endpoints.
pub async fn list_endpoints(call: &Read, list: &EndpointList) -> Result<Page<WebhookEndpoint>, Error> {
    let fetch = async |after, limit| Ok(rows::list(&call.reader, &call.scope(), list.page.sort, after, limit).await?);
    call.page(&list.page, fetch).await
}

/// Changes an endpoint. An update that changes nothing leaves no trace.
pub async fn update_endpoint(
    call: &Call,
    (id, patch): (WebhookEndpointId, EndpointPatch),
) -> Result<WebhookEndpoint, Error> {
    let before = for_write(call, id).await?;
    let endpoint = before.updated(patch, call.now);
    if endpoint == before {
        return Ok(endpoint);
    }
    if endpoint.url != before.url {
        check_url(call, &endpoint.url, "webhook_endpoint.url")?;
    }
    if endpoint.reference != before.reference {
        check_reference(call, &endpoint, "webhook_endpoint.reference").await?;
    }
    save(call, &before, &endpoint, EventType::WebhookEndpointUpdated).await?;
    Ok(endpoint)
}

/// Deletes an endpoint, and what waits to be sent to it.
pub async fn delete_endpoint(call: &Call, id: WebhookEndpointId) -> Result<(), Error> {
    let before = for_write(call, id).await?;
    rows::delete(&call.tx, &call.scope(), &before).await?;
    call.tell(EventType::WebhookEndpointDeleted, Subject::WebhookEndpoint(&before.touched(call.now)));
    Ok(())
}

/// Gives an endpoint another secret, and answers it. The one before signs too for a while.
pub async fn rotate_secret(call: &Call, id: WebhookEndpointId) -> Result<(WebhookEndpoint, String), Error> {
    let before = for_write(call, id).await?;
    let endpoint = before.rotated(call.now);
    let (secret, sealed) = new_secret(call, id)?;
    save(call, &before, &endpoint, EventType::WebhookEndpointSecretRotated).await?;
    rows::rotate(&call.tx, &call.scope(), id, &sealed).await?;
    Ok((endpoint, call.shown(secret)))
}

/// Sends nothing until the endpoint is resumed. Doing it again changes nothing.
pub async fn pause_endpoint(call: &Call, id: WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
    let before = for_write(call, id).await?;
    if !asks(&before, EndpointAction::Pause)? {
        return Ok(before);
    }
    let endpoint = before.paused(call.now);
    save(call, &before, &endpoint, EventType::WebhookEndpointPaused).await?;
    Ok(endpoint)
}

/// Sends again, at once. Doing it again changes nothing.
pub async fn resume_endpoint(call: &Call, id: WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
    let before = for_write(call, id).await?;
    if !asks(&before, EndpointAction::Resume)? {
        return Ok(before);
    }
    let endpoint = before.resumed(call.now);
    save(call, &before, &endpoint, EventType::WebhookEndpointResumed).await?;
    webhook_work::call_waiting(&call.tx, id, call.now).await?;
    Ok(endpoint)
}

/// Sends again what comes after a sequence. An endpoint that has not come as far stays as it is.
pub async fn replay_endpoint(call: &Call, replay: Replay) -> Result<WebhookEndpoint, Error> {
    let before = for_write(call, replay.id).await?;
    super::events::are_kept(&call.tx, replay.after).await?;
    if !rows::rewind(&call.tx, &call.scope(), replay.id, replay.after).await? {
        return Ok(before);
    }
    let endpoint = before.touched(call.now);
    save(call, &before, &endpoint, EventType::WebhookEndpointReplayed).await?;
    Ok(endpoint)
}

/// Stops sending to an endpoint, unless that was done already. Only whoever sends to it does so.
async fn disable(app: &Arc<App>, lease: Lease, reason: DisableReason) -> Result<(), Error> {
    app.by_itself(lease.tenant, DISABLE, move |call| Box::pin(disable_held(call, lease, reason))).await
}

async fn disable_held(call: &Call, lease: Lease, reason: DisableReason) -> Result<(), Error> {
    if webhook_work::hold(&call.tx, &lease, LEASE).await?.is_none() {
        return Ok(());
    }
    match rows::get_for_write(&call.tx, &call.scope(), lease.endpoint).await? {
        Some(before) if before.status.asks(EndpointAction::Disable) == Some(true) => {
            save(call, &before, &before.disabled(reason, call.now), EventType::WebhookEndpointDisabled).await
        }
        _ => Ok(()),
    }
}

async fn for_write(call: &Call, id: WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
    call.expect(Thing::WebhookEndpoint, rows::get_for_write(&call.tx, &call.scope(), id).await?)
}

/// Whether a move is still to be made: `false` when it has been made already.
fn asks(endpoint: &WebhookEndpoint, action: EndpointAction) -> Result<bool, Error> {
    endpoint.status.asks(action).ok_or_else(|| {
        let legal = endpoint.status.legal().into_iter().filter(|action| *action != EndpointAction::Disable);
        Error::IllegalTransition {
            from: endpoint.status.as_str(),
            action: action.as_str(),
            allowed: legal.map(EndpointAction::as_str).collect(),
            field: None,
        }
    })
}

async fn save(
    call: &Call,
    before: &WebhookEndpoint,
    endpoint: &WebhookEndpoint,
    event: EventType,
) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, endpoint).await?;
    call.tell(event, Subject::WebhookEndpoint(endpoint));
    Ok(())
}

/// A new secret, and the same sealed.
fn new_secret(call: &Call, of: WebhookEndpointId) -> Result<(String, String), Error> {
    let fault = |error: getrandom::Error| Error::Fault(error.to_string());
    let secret = call.app.entropy.webhook_secret().map_err(fault)?;
    let nonce = call.app.entropy.bytes().map_err(fault)?;
    let sealed = call.app.seals.seal(&secret, &of.to_string(), nonce)?;
    Ok((secret, sealed))
}

fn check_url(call: &Call, url: &str, field: &str) -> Result<(), Error> {
    match call.app.settings.targets.target(url) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::invalid(field, "not_allowed", error.text())),
    }
}

async fn check_reference(call: &Call, endpoint: &WebhookEndpoint, field: &str) -> Result<(), Error> {
    let Some(reference) = &endpoint.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), reference).await? {
        Some(existing) => {
            Err(Error::Duplicate { unique: Unique::Reference, existing: existing.to_string(), field: field.to_owned() })
        }
        None => Ok(()),
    }
}
