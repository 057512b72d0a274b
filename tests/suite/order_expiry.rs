//! Orders that nobody pays: they expire when their tenant says so, unless something holds them.

use std::time::Duration;

use tradepost::contract::pb;

use crate::order_holds::{hold, release, types};
use crate::order_moves::confirm;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::World;

on_both_engines! {
    unpaid_orders_expire,
    confirming_against_expiring_has_one_outcome,
}

/// Orders of the tenant of this world may stay unpaid for so long.
async fn patience(world: &World, client: &Client, patience: Option<Duration>) {
    let tenant_id = client.call(pb::WhoamiRequest {}).await.expect("who").text("/tenant_id");
    let unpaid_expiry = patience.map(|time| prost_types::Duration::try_from(time).expect("short"));
    let tenant = Some(pb::TenantPatch { unpaid_expiry, ..Default::default() });
    let update_mask = Some(prost_types::FieldMask { paths: vec!["unpaid_expiry".to_owned()] });
    let update = pb::UpdateTenantRequest { tenant_id, tenant, update_mask, ..Default::default() };
    world.client(Wire::Grpc).call(update).await.expect("a setting");
}

async fn status(client: &Client, order_id: &str) -> String {
    client.call(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.expect("the order").text("/status")
}

/// Waits until the order is in this state.
pub(crate) async fn becomes(client: &Client, order_id: &str, wanted: &str) {
    let mut last = String::new();
    for _ in 0..200 {
        last = status(client, order_id).await;
        if last == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{order_id} is {last}, not {wanted}");
}

async fn unpaid_orders_expire(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let new = || async { client.call(world.order()).await.expect("an order").id() };
    let (unpaid, confirmed, held) = (new().await, new().await, new().await);
    client.call(confirm(&confirmed)).await.expect("confirmed");
    client.call(hold(&held, "wait")).await.expect("held");
    let free = pb::CreateOrderRequest {
        discount: Some(pb::Discount { amount: None, percent_bps: Some(10_000) }),
        ..world.order()
    };
    let free = client.call(free).await.expect("an order").id();
    patience(&world, &client, Some(Duration::from_secs(1))).await;
    becomes(&client, &unpaid, "EXPIRED").await;
    let expired = client.call(pb::GetOrderRequest { order_id: unpaid.clone() }).await.expect("the order");
    assert_eq!(expired.json["canceled_total"], expired.json["total"]);
    assert_eq!(
        (expired.text("/amount_due/minor_units"), expired.json["items"][0]["quantity_canceled"].clone()),
        ("0".into(), 1.into())
    );
    assert_eq!(types(&world, &unpaid).await, ["order.placed", "order.expired"]);
    let events = pb::ListOrderEventsRequest { order_id: unpaid, page_size: 1, ..Default::default() };
    assert_eq!(client.call(events).await.expect("events").text("/events/0/actor"), "", "nobody did it");
    // What is young, confirmed, held, or owes nothing stays; each round of the sweep looks at all of them.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(status(&client, &confirmed).await, "CONFIRMED");
    assert_eq!(status(&client, &held).await, "PLACED", "a hold pauses it");
    assert_eq!(status(&client, &free).await, "PLACED", "there is nothing to pay");
    client.call(release(&held, "")).await.expect("released");
    becomes(&client, &held, "EXPIRED").await;
    patience(&world, &client, None).await;
    let kept = new().await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(status(&client, &kept).await, "PLACED");
}

async fn confirming_against_expiring_has_one_outcome(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    patience(&world, &client, Some(Duration::from_secs(1))).await;
    let orders: Vec<_> = {
        let mut ids = Vec::new();
        for _ in 0..24 {
            ids.push(client.call(world.order()).await.expect("an order").id());
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        ids
    };
    let tries = orders.into_iter().map(|id| {
        let client = world.client(Wire::Rest);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let outcome = client.call(confirm(&id)).await.map_err(Failed::refusal);
            (id, outcome)
        })
    });
    let mut outcomes = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        outcomes.push(one.await.expect("a task"));
    }
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    for (id, outcome) in outcomes {
        let told = types(&world, &id).await;
        let last = match outcome {
            Ok(_) => "order.confirmed",
            Err(refusal) => {
                assert_eq!(
                    (refusal.code.as_str(), &refusal.metadata["from"]),
                    ("illegal_transition", &"EXPIRED".into())
                );
                "order.expired"
            }
        };
        assert_eq!(told, ["order.placed", last]);
    }
}
