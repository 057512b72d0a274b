//! `tradepost reconcile`: finds what is wrong with the books of stock, and puts it right.

use tradepost::contract::pb;

use crate::inventory::{numbers, stocked};
use crate::support::cases::inventory::reserve;
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::service::program;
use crate::support::world::{World, order};

on_both_engines! {
    books_that_agree_are_left_alone,
    drift_is_found_and_mended,
    places_that_nobody_counted_are_found,
    one_tenant_can_be_looked_at,
}

/// Whether it found nothing (or mended it), and the lines it printed.
async fn reconcile(world: &World, arguments: &[&str]) -> (bool, Vec<String>) {
    let mut command = program(&world.database.url, world.database.folder.path());
    command.arg("reconcile").args(arguments);
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("a task").expect("the program");
    let printed = String::from_utf8(done.stdout).expect("a text");
    (done.status.success(), printed.lines().map(str::to_owned).collect())
}

async fn books_that_agree_are_left_alone(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    assert_eq!(reconcile(&world, &[]).await, (true, vec!["0 places, 0 wrong".to_owned()]));
    stocked(&client, "A", 10).await;
    stocked(&client, "B", 10).await;
    client.keyed("held", reserve(&[("A", 2), ("B", 1)])).await.expect("held");
    client.call(order(&world.customer, &[("A", 3)])).await.expect("an order");
    assert_eq!(reconcile(&world, &[]).await, (true, vec!["2 places, 0 wrong".to_owned()]));
    let before = world.database.traces().await;
    assert_eq!(reconcile(&world, &["--repair"]).await, (true, vec!["2 places, 0 wrong, mended".to_owned()]));
    assert_eq!(world.database.traces().await, before);
}

async fn drift_is_found_and_mended(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    for sku in ["A", "B", "C", "D"] {
        stocked(&client, sku, 10).await;
    }
    client.keyed("held", reserve(&[("A", 2), ("B", 1), ("C", 4)])).await.expect("held");
    client.call(order(&world.customer, &[("A", 3), ("C", 1)])).await.expect("an order");
    let of = |sku: &str| format!("product_id = (SELECT id FROM products WHERE sku = '{sku}')");
    for drift in [
        format!("UPDATE stock_levels SET on_hand = 12 WHERE {}", of("A")),
        format!("UPDATE stock_levels SET reserved = 9 WHERE {}", of("B")),
        format!("DELETE FROM stock_movements WHERE type = 'ADJUSTED' AND {}", of("C")),
    ] {
        world.database.execute(&drift).await;
    }
    let (agree, lines) = reconcile(&world, &[]).await;
    assert!(!agree);
    let said = |sku: &str, what: &str| {
        let line = lines.iter().find(|line| line.contains(&format!("\"{sku}\" at \"default\"")));
        let line = line.unwrap_or_else(|| panic!("{sku} in {lines:?}"));
        assert!(line.ends_with(what), "{line}");
    };
    said("A", "on hand 12, by the ledger 10; reserved 5, by the ledger 5, held 5");
    said("B", "on hand 10, by the ledger 10; reserved 9, by the ledger 1, held 1");
    said("C", "on hand 10, by the ledger 0; reserved 5, by the ledger 5, held 5");
    assert_eq!((lines.len(), lines[3].as_str()), (4, "4 places, 3 wrong"));
    let (mended, lines) = reconcile(&world, &["--repair"]).await;
    assert_eq!((mended, lines.len(), lines[3].as_str()), (true, 4, "4 places, 3 wrong, mended"));
    assert_eq!(reconcile(&world, &[]).await, (true, vec!["4 places, 0 wrong".to_owned()]));
    for (sku, expected) in [("A", [10, 5, 5]), ("B", [10, 1, 9]), ("C", [5, 5, 0]), ("D", [10, 0, 10])] {
        assert_eq!(numbers(&client, sku).await, expected, "{sku}");
    }
    let list = pb::ListStockMovementsRequest { page_size: 1, ..Default::default() };
    let newest = client.call(list).await.expect("movements");
    assert_eq!(
        (newest.text("/stock_movements/0/type"), newest.text("/stock_movements/0/on_hand_change")),
        ("RECONCILED".into(), "5".into())
    );
}

async fn places_that_nobody_counted_are_found(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    stocked(&client, "A", 10).await;
    client.keyed("held", reserve(&[("A", 2)])).await.expect("held");
    world.database.execute("DELETE FROM stock_levels").await;
    let (agree, lines) = reconcile(&world, &[]).await;
    assert!(!agree && lines[0].ends_with("moved or held, and never counted"), "{lines:?}");
    assert!(reconcile(&world, &["--repair"]).await.0);
    assert_eq!((numbers(&client, "A").await, reconcile(&world, &[]).await.0), ([10, 2, 8], true));
}

async fn one_tenant_can_be_looked_at(engine: Engine) {
    let world = World::new(engine).await;
    let (client, stranger) = (world.client(Wire::Grpc), world.stranger(Wire::Grpc).await);
    stocked(&client, "A", 10).await;
    stocked(&stranger, "A", 10).await;
    let drift = "UPDATE stock_levels SET on_hand = 11 WHERE tenant_id = (SELECT id FROM tenants WHERE name = 'Other')";
    world.database.execute(drift).await;
    assert_eq!(reconcile(&world, &["--tenant", "default"]).await, (true, vec!["1 places, 0 wrong".to_owned()]));
    assert!(!reconcile(&world, &["--tenant", "Other"]).await.0);
    assert!(!reconcile(&world, &["--tenant", "Nobody"]).await.0);
    assert!(reconcile(&world, &["--tenant", "Other", "--repair"]).await.0);
    assert!(reconcile(&world, &[]).await.0);
}
