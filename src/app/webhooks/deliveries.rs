//! Use cases of deliveries.

use super::asks;
use crate::app::{Call, Error, Page, Placed, Read, Thing};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{TypedId, WebhookDeliveryId, WebhookEndpointId};
use crate::domain::page::View;
use crate::domain::webhook::{Attempt, DeliveryList, EndpointAction, WebhookDelivery, WebhookEndpoint};
use crate::store::{Position, Source, events, webhook_deliveries as rows};

/// How many attempts of a delivery are shown.
const ATTEMPTS: i32 = 100;

/// A delivery and its last attempts.
type Delivered = (WebhookDelivery, Vec<Attempt>);

impl Placed for Delivered {
    fn position(&self) -> Position {
        Position { time: self.0.create_time, id: self.0.id.uuid() }
    }
}

/// The delivery with this id.
pub async fn get_delivery(call: &Read, id: WebhookDeliveryId) -> Result<Delivered, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    let found = found.ok_or(Error::NotFound { thing: Thing::WebhookDelivery, field: None })?;
    with_attempts(&call.reader, found).await
}

/// A page of deliveries.
pub async fn list_deliveries(call: &Read, list: &DeliveryList) -> Result<Page<Delivered>, Error> {
    let fetch = async |after, limit| {
        let found = rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?;
        let mut attempts = match list.page.view {
            View::Basic => std::collections::HashMap::new(),
            View::Full => rows::attempts(&call.reader, &found, ATTEMPTS).await?,
        };
        let with = |delivery: WebhookDelivery| {
            let attempts = attempts.remove(&delivery.id).unwrap_or_default();
            (delivery, attempts)
        };
        Ok(found.into_iter().map(with).collect())
    };
    call.page(&list.page, fetch).await
}

/// Sends an event once more, whatever came of it.
pub async fn redeliver(call: &Call, id: WebhookDeliveryId) -> Result<Delivered, Error> {
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    let before = call.expect(Thing::WebhookDelivery, found)?;
    if events::get(&call.tx, &call.scope(), before.event).await?.is_none() {
        return Err(Error::NotFound { thing: Thing::Event, field: None });
    }
    let delivery = before.again(call.now);
    rows::save(&call.tx, &before, &delivery).await?;
    with_attempts(&call.tx, delivery).await
}

/// Sends an event to an endpoint that is about nothing but this.
pub async fn test_endpoint(call: &Call, id: WebhookEndpointId) -> Result<(WebhookEndpoint, WebhookDelivery), Error> {
    let before = super::for_write(call, id).await?;
    asks(&before, EndpointAction::Test)?;
    let endpoint = before.touched(call.now);
    super::rows::save(&call.tx, &call.scope(), &before, &endpoint).await?;
    let event = call.told(EventType::WebhookEndpointTested, Subject::WebhookEndpoint(&endpoint));
    let told = (event, EventType::WebhookEndpointTested.as_str());
    let delivery = WebhookDelivery::of(call.id(), id, told, (id.uuid(), endpoint.version), call.now);
    rows::insert(&call.tx, &call.scope(), &delivery).await?;
    Ok((endpoint, delivery))
}

async fn with_attempts(from: &impl Source, delivery: WebhookDelivery) -> Result<Delivered, Error> {
    let mut attempts = rows::attempts(from, std::slice::from_ref(&delivery), ATTEMPTS).await?;
    let attempts = attempts.remove(&delivery.id).unwrap_or_default();
    Ok((delivery, attempts))
}
