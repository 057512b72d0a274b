//! `WebhookService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use crate::domain::webhook::{DeliveryList, EndpointList, EndpointPatch, NewEndpoint, Replay};
use crate::present::webhooks as show;

pub(super) async fn create_webhook_endpoint(
    call: &Call,
    new: NewEndpoint,
) -> Result<pb::CreateWebhookEndpointResponse, Error> {
    let (endpoint, secret) = app::webhooks::create_endpoint(call, new).await?;
    Ok(pb::CreateWebhookEndpointResponse { webhook_endpoint: Some(show::endpoint(&endpoint)), secret })
}

pub(super) async fn get_webhook_endpoint(call: &Read, id: WebhookEndpointId) -> Result<pb::WebhookEndpoint, Error> {
    Ok(show::endpoint(&app::webhooks::get_endpoint(call, id).await?))
}

pub(super) async fn list_webhook_endpoints(
    call: &Read,
    list: EndpointList,
) -> Result<pb::ListWebhookEndpointsResponse, Error> {
    let page = app::webhooks::list_endpoints(call, &list).await?;
    let (webhook_endpoints, next_page_token) = pages::fit(&page, show::endpoint_in(list.page.view));
    Ok(pb::ListWebhookEndpointsResponse { webhook_endpoints, next_page_token })
}

pub(super) async fn update_webhook_endpoint(
    call: &Call,
    update: (WebhookEndpointId, EndpointPatch),
) -> Result<pb::WebhookEndpoint, Error> {
    Ok(show::endpoint(&app::webhooks::update_endpoint(call, update).await?))
}

pub(super) async fn delete_webhook_endpoint(call: &Call, id: WebhookEndpointId) -> Result<(), Error> {
    app::webhooks::delete_endpoint(call, id).await
}

pub(super) async fn rotate_webhook_endpoint_secret(
    call: &Call,
    id: WebhookEndpointId,
) -> Result<pb::RotateWebhookEndpointSecretResponse, Error> {
    let (endpoint, secret) = app::webhooks::rotate_secret(call, id).await?;
    Ok(pb::RotateWebhookEndpointSecretResponse { webhook_endpoint: Some(show::endpoint(&endpoint)), secret })
}

pub(super) async fn test_webhook_endpoint(
    call: &Call,
    id: WebhookEndpointId,
) -> Result<pb::TestWebhookEndpointResponse, Error> {
    let (endpoint, delivery) = app::webhooks::test_endpoint(call, id).await?;
    let webhook_delivery = Some(show::delivery(&(delivery, Vec::new())));
    Ok(pb::TestWebhookEndpointResponse { webhook_endpoint: Some(show::endpoint(&endpoint)), webhook_delivery })
}

pub(super) async fn pause_webhook_endpoint(call: &Call, id: WebhookEndpointId) -> Result<pb::WebhookEndpoint, Error> {
    Ok(show::endpoint(&app::webhooks::pause_endpoint(call, id).await?))
}

pub(super) async fn resume_webhook_endpoint(call: &Call, id: WebhookEndpointId) -> Result<pb::WebhookEndpoint, Error> {
    Ok(show::endpoint(&app::webhooks::resume_endpoint(call, id).await?))
}

pub(super) async fn replay_webhook_endpoint(call: &Call, replay: Replay) -> Result<pb::WebhookEndpoint, Error> {
    Ok(show::endpoint(&app::webhooks::replay_endpoint(call, replay).await?))
}

pub(super) async fn get_webhook_delivery(call: &Read, id: WebhookDeliveryId) -> Result<pb::WebhookDelivery, Error> {
    Ok(show::delivery(&app::webhooks::get_delivery(call, id).await?))
}

pub(super) async fn list_webhook_deliveries(
    call: &Read,
    list: DeliveryList,
) -> Result<pb::ListWebhookDeliveriesResponse, Error> {
    let page = app::webhooks::list_deliveries(call, &list).await?;
    let (webhook_deliveries, next_page_token) = pages::fit(&page, show::delivery);
    Ok(pb::ListWebhookDeliveriesResponse { webhook_deliveries, next_page_token })
}

pub(super) async fn redeliver_webhook_delivery(
    call: &Call,
    id: WebhookDeliveryId,
) -> Result<pb::WebhookDelivery, Error> {
    Ok(show::delivery(&app::webhooks::redeliver(call, id).await?))
}
