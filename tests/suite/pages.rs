//! Pages of orders: every order that was there appears once, whatever is created meanwhile; tokens fit one list only.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World, order};

on_both_engines! {
    pages_hold_while_others_create,
    a_page_has_its_size,
    a_token_fits_one_list_only,
    filters_filter,
}

/// Creates orders, eight at a time, and answers their ids.
async fn fill(world: &World, customer: &str, count: usize) -> BTreeSet<String> {
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let (client, order) = (world.client(Wire::Grpc), order(customer, &[(TEAPOT, 1)]));
        tasks.spawn(async move {
            let mut ids = Vec::new();
            for _ in (worker..count).step_by(8) {
                ids.push(client.call(order.clone()).await.expect("an order").id());
            }
            ids
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// The orders of a page, and the token of the next one.
async fn page(client: &Client, request: &pb::ListOrdersRequest) -> (Vec<String>, String) {
    let page = client.call(request.clone()).await.expect("a page");
    let orders = page.json["orders"].as_array().expect("a list");
    let ids = orders.iter().map(|order| order["id"].as_str().expect("an id").to_owned()).collect();
    (ids, page.text("/next_page_token"))
}

async fn pages_hold_while_others_create(engine: Engine) {
    let world = World::new(engine).await;
    let old = fill(&world, &world.customer, 250).await;
    let go_on = Arc::new(AtomicBool::new(true));
    let (others, client, order) = (Arc::clone(&go_on), world.client(Wire::Grpc), world.order());
    let creating = tokio::spawn(async move {
        let mut created = 0;
        while others.load(Ordering::Relaxed) {
            client.call(order.clone()).await.expect("an order");
            created += 1;
        }
        created
    });
    for (wire, order_by) in Wire::ALL.into_iter().zip(["", "create_time", "create_time desc", "create_time"]) {
        let (client, mut seen, mut times) = (world.client(wire), Vec::new(), Vec::new());
        let mut request = pb::ListOrdersRequest { page_size: 17, order_by: order_by.to_owned(), ..Default::default() };
        while seen.len() < 5000 {
            let answer = client.call(request.clone()).await.expect("a page");
            for order in answer.json["orders"].as_array().expect("a list") {
                seen.push(order["id"].as_str().expect("an id").to_owned());
                times.push(order["create_time"].as_str().expect("a time").to_owned());
            }
            request.page_token = answer.text("/next_page_token");
            let all_old = seen.iter().filter(|id| old.contains(*id)).count() >= old.len();
            if request.page_token.is_empty() || all_old {
                break;
            }
        }
        let unique: BTreeSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "no order twice: {order_by:?}");
        assert_eq!(seen.iter().filter(|id| old.contains(*id)).count(), 250, "each old one once: {order_by:?}");
        check_sorted(&times, order_by == "create_time");
    }
    go_on.store(false, Ordering::Relaxed);
    assert!(creating.await.expect("the others") > 0);
}

/// Times have a fraction of 0, 3, 6 or 9 digits, so that they compare once it has 9.
fn check_sorted(times: &[String], ascending: bool) {
    let even = |time: &String| {
        let (seconds, fraction) =
            time.trim_end_matches('Z').split_once('.').unwrap_or((time.trim_end_matches('Z'), ""));
        format!("{seconds}.{fraction:0<9}")
    };
    let mut times: Vec<_> = times.iter().map(even).collect();
    if !ascending {
        times.reverse();
    }
    assert!(times.is_sorted(), "{times:?}");
}

async fn a_page_has_its_size(engine: Engine) {
    let world = World::new(engine).await;
    fill(&world, &world.customer, 120).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (page_size, count) in [(0, 50), (1, 1), (99, 99), (100, 100), (101, 100), (i32::MAX, 100)] {
            let (ids, token) = page(&client, &pb::ListOrdersRequest { page_size, ..Default::default() }).await;
            assert_eq!((ids.len(), token.is_empty()), (count, false), "page_size {page_size}");
        }
        let mut request = pb::ListOrdersRequest { page_size: 60, ..Default::default() };
        request.page_token = page(&client, &request).await.1;
        let (last, token) = page(&client, &request).await;
        assert_eq!((last.len(), token.as_str()), (60, ""), "a last page that is full has no token");
        request.page_size = 100;
        assert_eq!(page(&client, &request).await.0.len(), 60, "the size may change between pages");
        request.page_size = -1;
        assert_eq!(client.call(request).await.expect_err("negative").refusal().fields(), ["page_size"]);
    }
}

async fn a_token_fits_one_list_only(engine: Engine) {
    let world = World::new(engine).await;
    fill(&world, &world.customer, 5).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    let tenant = pb::CreateTenantRequest { name: "Other".to_owned(), ..Default::default() };
    let stranger = world.client(Wire::Rest).call(tenant).await.expect("a tenant").text("/admin_key");
    for wire in Wire::ALL {
        let client = world.client(wire);
        let first = pb::ListOrdersRequest { page_size: 2, ..Default::default() };
        let token = page(&client, &first).await.1;
        let again = pb::ListOrdersRequest { page_token: token.clone(), ..first.clone() };
        assert_eq!(page(&client, &again).await.0.len(), 2);
        let placed = vec![pb::order::Status::Placed.into()];
        let others = [
            pb::ListOrdersRequest { order_by: "create_time".to_owned(), ..again.clone() },
            pb::ListOrdersRequest { customer_id: world.customer.clone(), ..again.clone() },
            pb::ListOrdersRequest { status: placed, ..again.clone() },
            pb::ListOrdersRequest { page_token: format!("{token}A"), ..again.clone() },
            pb::ListOrdersRequest { page_token: token[1..].to_owned(), ..again.clone() },
            pb::ListOrdersRequest { page_token: "AAAA".repeat(14), ..again.clone() },
        ];
        for other in others.into_iter().chain(altered(&again)) {
            let refusal = client.call(other.clone()).await.expect_err("another list").refusal();
            assert_eq!(refusal.code, "invalid_page_token", "{other:?}");
        }
        for key in [&partner, &stranger] {
            let refusal = client.with_key(key).call(again.clone()).await.expect_err("another caller").refusal();
            assert_eq!(refusal.code, "invalid_page_token");
        }
        let longest = pb::ListOrdersRequest { page_token: "A".repeat(1025), ..first };
        assert_eq!(client.call(longest).await.expect_err("too long").refusal().code, "invalid_page_token");
    }
}

/// The same request with every character of its token changed in turn. The last one has bits that mean nothing, and
/// those must not matter either.
fn altered(request: &pb::ListOrdersRequest) -> impl Iterator<Item = pb::ListOrdersRequest> {
    let token = &request.page_token;
    (0..token.len()).map(move |place| {
        let other = if &token[place..=place] == "x" { "y" } else { "x" };
        pb::ListOrdersRequest {
            page_token: format!("{}{other}{}", &token[..place], &token[place + 1..]),
            ..request.clone()
        }
    })
}

async fn filters_filter(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    let ours = fill(&world, &world.customer, 7).await;
    let theirs = fill(&world, &other, 5).await;
    let (placed, canceled) = (pb::order::Status::Placed.into(), pb::order::Status::Canceled.into());
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (customer_id, status, expected) in [
            (String::new(), vec![], ours.union(&theirs).cloned().collect()),
            (world.customer.clone(), vec![], ours.clone()),
            (other.clone(), vec![placed], theirs.clone()),
            (other.clone(), vec![canceled, placed], theirs.clone()),
            (String::new(), vec![canceled], BTreeSet::new()),
            (crate::access::sibling(&other), vec![], BTreeSet::new()),
        ] {
            let mut request = pb::ListOrdersRequest { page_size: 3, customer_id, status, ..Default::default() };
            let mut found = BTreeSet::new();
            loop {
                let (ids, token) = page(&client, &request).await;
                found.extend(ids);
                if token.is_empty() {
                    break;
                }
                request.page_token = token;
            }
            assert_eq!(found, expected, "{request:?}");
        }
        let twice = pb::ListOrdersRequest { status: vec![placed, placed], ..Default::default() };
        assert_eq!(client.call(twice).await.expect_err("a state twice").refusal().code, "validation_failed");
        let none = pb::ListOrdersRequest { status: vec![0], ..Default::default() };
        assert_eq!(client.call(none).await.expect_err("no state").refusal().fields(), ["status[0]"]);
        let unknown = pb::ListOrdersRequest { status: vec![99], ..Default::default() };
        if wire != Wire::Rest {
            assert_eq!(client.call(unknown).await.expect_err("no such state").refusal().fields(), ["status[0]"]);
        }
    }
}
