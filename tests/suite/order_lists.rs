//! Lists of orders: filters, views, several by id, and answers that stay below 4 MiB.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::order_moves::{cancel, draft};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World, order};

on_both_engines! {
    every_filter_filters,
    a_view_shows_as_much_as_it_says,
    several_orders_come_in_the_order_asked_for,
    a_page_ends_early_rather_than_pass_four_mebibytes,
    a_read_never_sees_half_an_edit,
    a_full_page_never_fails_because_of_edits,
    several_orders_at_once_stay_below_four_mebibytes,
}

fn ids(orders: &Value) -> Vec<String> {
    let orders = orders["orders"].as_array().expect("a list").iter();
    orders.map(|order| order["id"].as_str().expect("an id").to_owned()).collect()
}

async fn every_filter_filters(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let other = world::customer(&staff, "Grace").await;
    let pots = staff.call(pb::CreateOrderRequest { reference: "R-1".into(), ..world.order() }).await.expect("an order");
    let spoons = order(&other, &[(SPOON, 1), (SPOON, 2)]);
    let spoons = staff.call(pb::CreateOrderRequest { reference: "R-1".into(), ..spoons }).await.expect("an order");
    let mixed = staff.call(order(&other, &[(TEAPOT, 1), (SPOON, 1)])).await.expect("an order");
    staff.call(cancel(&mixed.id())).await.expect("canceled");
    let drafted = staff.call(draft(&world)).await.expect("a draft");
    let time = |answer: &crate::support::client::Answer| -> prost_types::Timestamp {
        answer.text("/create_time").parse().expect("a time")
    };
    let (all, base) = ([&pots, &spoons, &mixed, &drafted], pb::ListOrdersRequest::default);
    let status = |status: pb::order::Status| vec![status.into()];
    for (request, expected) in [
        (base(), vec![0, 1, 2, 3]),
        (pb::ListOrdersRequest { sku: TEAPOT.into(), ..base() }, vec![0, 2, 3]),
        (pb::ListOrdersRequest { sku: SPOON.into(), ..base() }, vec![1, 2]),
        (pb::ListOrdersRequest { sku: "spoon".into(), ..base() }, vec![]),
        (pb::ListOrdersRequest { reference: "R-1".into(), ..base() }, vec![0, 1]),
        (pb::ListOrdersRequest { reference: "R-1".into(), customer_id: other.clone(), ..base() }, vec![1]),
        (pb::ListOrdersRequest { status: status(pb::order::Status::Draft), ..base() }, vec![3]),
        (pb::ListOrdersRequest { status: status(pb::order::Status::Canceled), sku: TEAPOT.into(), ..base() }, vec![2]),
        (
            pb::ListOrdersRequest {
                status: vec![pb::order::Status::Draft.into(), pb::order::Status::Canceled.into()],
                ..base()
            },
            vec![2, 3],
        ),
        (pb::ListOrdersRequest { customer_id: other.clone(), sku: TEAPOT.into(), ..base() }, vec![2]),
        (pb::ListOrdersRequest { create_time_after: Some(time(&spoons)), ..base() }, vec![2, 3]),
        (pb::ListOrdersRequest { create_time_before: Some(time(&spoons)), ..base() }, vec![0]),
        (
            pb::ListOrdersRequest {
                create_time_after: Some(time(&pots)),
                create_time_before: Some(time(&drafted)),
                ..base()
            },
            vec![1, 2],
        ),
    ] {
        let expected: BTreeSet<_> = expected.into_iter().map(|place: usize| all[place].id()).collect();
        for wire in Wire::ALL {
            let found = world.client(wire).call(request.clone()).await.expect("a page");
            assert_eq!(ids(&found.json).into_iter().collect::<BTreeSet<_>>(), expected, "{request:?} on {wire:?}");
        }
        let whole = ids(&staff.call(request.clone()).await.expect("a page").json);
        let one = |page_token| pb::ListOrdersRequest { page_size: 1, page_token, ..request.clone() };
        let found: Vec<_> = staff.all("orders", one).await.iter().map(|order| order["id"].clone()).collect();
        assert_eq!(found, whole, "{request:?} one by one");
    }
}

async fn a_view_shows_as_much_as_it_says(engine: Engine) {
    let world = World::new(engine).await;
    let request = pb::CreateOrderRequest {
        note: "fragile".into(),
        metadata: [("k".to_owned(), "v".to_owned())].into(),
        shipping_address: Some(pb::Address { city: "London".into(), ..Default::default() }),
        ..order(&world.customer, &[(TEAPOT, 1), (SPOON, 1)])
    };
    for wire in Wire::ALL {
        let client = world.client(wire);
        let created = client.call(request.clone()).await.expect("an order");
        for (view, is_full) in [(pb::View::Unspecified, false), (pb::View::Basic, false), (pb::View::Full, true)] {
            let list = pb::ListOrdersRequest { page_size: 1, view: view.into(), ..Default::default() };
            let listed = client.call(list).await.expect("a page").json["orders"][0].clone();
            let batch = pb::BatchGetOrdersRequest { order_ids: vec![created.id()], view: view.into() };
            let fetched = client.call(batch).await.expect("orders").json["orders"][0].clone();
            assert_eq!(listed, fetched, "{view:?}");
            if is_full {
                assert_eq!(listed, created.json);
            } else {
                let mut basic = created.json.clone();
                for (field, empty) in [("items", json!([])), ("note", json!("")), ("metadata", json!({}))] {
                    basic[field] = empty;
                }
                basic["allowed_actions"] = json!([]);
                let fields = basic.as_object_mut().expect("an order");
                fields.remove("shipping_address");
                let mut listed = listed;
                listed.as_object_mut().expect("an order").retain(|_, value| !value.is_null());
                basic.as_object_mut().expect("an order").retain(|_, value| !value.is_null());
                assert_eq!(listed, basic);
            }
        }
    }
}

async fn several_orders_come_in_the_order_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    let (staff, partner) = (world.client(Wire::Grpc), world.key(pb::Role::Partner, &world.customer).await);
    let other = world::customer(&staff, "Grace").await;
    let mut known = Vec::new();
    for _ in 0..3 {
        known.push(staff.call(world.order()).await.expect("an order").id());
    }
    let foreign = staff.call(order(&other, &[(TEAPOT, 1)])).await.expect("an order").id();
    for wire in Wire::ALL {
        let client = world.client(wire);
        let order_ids = vec![known[2].clone(), known[0].clone(), known[2].clone()];
        for view in [pb::View::Basic, pb::View::Full] {
            let request = pb::BatchGetOrdersRequest { order_ids: order_ids.clone(), view: view.into() };
            assert_eq!(ids(&client.call(request).await.expect("orders").json), order_ids);
        }
        let with = |id: &str| pb::BatchGetOrdersRequest {
            order_ids: vec![known[0].clone(), id.to_owned()],
            ..Default::default()
        };
        let refusal = client.call(with(&crate::access::sibling(&foreign))).await.expect_err("none").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("order_not_found", Some("order_ids[1]")));
        let hidden = client.with_key(&partner).call(with(&foreign)).await.expect_err("hidden").refusal();
        assert_eq!(hidden.anonymous(), refusal.anonymous(), "nobody can tell them apart");
        for wrong in [vec![], vec!["ord_x".to_owned()], vec![known[0].clone(); 101]] {
            let request = pb::BatchGetOrdersRequest { order_ids: wrong, ..Default::default() };
            assert_eq!(client.call(request).await.expect_err("wrong").refusal().code, "validation_failed");
        }
    }
}

async fn a_page_ends_early_rather_than_pass_four_mebibytes(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let lines = vec![(TEAPOT, 1); 2000];
    let mut created = Vec::new();
    for _ in 0..8 {
        created.push(staff.call(order(&world.customer, &lines)).await.expect("a large order").id());
    }
    created.reverse();
    for wire in [Wire::Grpc, Wire::Rest] {
        let client = world.client(wire);
        let (mut found, mut pages, mut page_token) = (Vec::new(), 0, String::new());
        loop {
            let list = pb::ListOrdersRequest {
                page_size: 100,
                page_token: page_token.clone(),
                view: pb::View::Full.into(),
                ..Default::default()
            };
            let page = client.call(list).await.expect("a page").json;
            assert!(serde_json::to_vec(&page).expect("JSON").len() <= 4 * 1024 * 1024);
            found.extend(ids(&page));
            pages += 1;
            page["next_page_token"].as_str().expect("a token").clone_into(&mut page_token);
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, created, "every order once");
        assert!(pages > 1, "they do not fit on one page");
    }
}

async fn a_read_never_sees_half_an_edit(engine: Engine) {
    let world = World::new(engine).await;
    let id = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    let writer = {
        let (client, id) = (world.client(Wire::Grpc), id.clone());
        tokio::spawn(async move { edit_often(&client, &id).await })
    };
    let mut reads = 0;
    while !writer.is_finished() {
        let wire = Wire::ALL[reads % 2];
        let read = world.client(wire).call(pb::GetOrderRequest { order_id: id.clone() }).await.expect("the order");
        let items = read.json["items"].as_array().expect("lines");
        let units = |value: &Value| value["minor_units"].as_str().expect("a text").parse::<i64>().expect("a number");
        assert_eq!(units(&read.json["total"]), items.iter().map(|item| units(&item["total"])).sum::<i64>());
        reads += 1;
    }
    writer.await.expect("a writer");
    assert!(reads > 10, "only {reads} reads");
}

async fn edit_often(client: &Client, id: &str) {
    for round in 1..=60 {
        let skus = if round % 2 == 0 { [TEAPOT, SPOON] } else { [SPOON, SPOON] };
        let item =
            |sku: &str| pb::create_order_request::Item { sku: sku.to_owned(), quantity: round, ..Default::default() };
        let order = pb::OrderPatch { items: skus.map(item).to_vec(), ..Default::default() };
        client.call(crate::order_edits::patch(id, order)).await.expect("an edit");
    }
}

async fn a_full_page_never_fails_because_of_edits(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut known = Vec::new();
    for _ in 0..40 {
        known.push(staff.call(order(&world.customer, &[(TEAPOT, 1), (SPOON, 1)])).await.expect("an order").id());
    }
    let writers: Vec<_> = (0..3)
        .map(|place| {
            let (client, ids) = (staff.clone(), known.clone());
            tokio::spawn(async move {
                for round in 0..40 {
                    let id = &ids[(round * 7 + place * 13) % ids.len()];
                    let note = pb::OrderPatch { note: Some(format!("{place}-{round}")), ..Default::default() };
                    client.call(crate::order_edits::patch(id, note)).await.expect("an edit");
                }
            })
        })
        .collect();
    let mut pages = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        let list = pb::ListOrdersRequest { page_size: 100, view: pb::View::Full.into(), ..Default::default() };
        let page = world.client(Wire::ALL[pages % 2]).call(list).await.expect("a page");
        assert_eq!(ids(&page.json).len(), known.len());
        pages += 1;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
}

async fn several_orders_at_once_stay_below_four_mebibytes(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let large = staff.call(order(&world.customer, &vec![(TEAPOT, 1); 2000])).await.expect("a large order").id();
    for wire in [Wire::Grpc, Wire::Rest] {
        let request = |times, view: pb::View| pb::BatchGetOrdersRequest {
            order_ids: vec![large.clone(); times],
            view: view.into(),
        };
        let refusal = world.client(wire).call(request(100, pb::View::Full)).await.expect_err("too much").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("order_ids")));
        world.client(wire).call(request(100, pb::View::Basic)).await.expect("heads are small");
        world.client(wire).call(request(2, pb::View::Full)).await.expect("two fit");
    }
}
