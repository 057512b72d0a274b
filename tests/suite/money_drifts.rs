//! What is kept of the money of orders and payments, beside what their payments and refunds say.

use tradepost::store::{Db, money_drifts};

use crate::payments::keyed;
use crate::refunds::{paid, succeeded};
use crate::support::cases::payments::refund;
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    the_books_tell_when_they_do_not_agree,
}

async fn open(world: &World) -> Db {
    Db::connect(&world.database.url, world.database.url.parse().expect("an engine")).await.expect("a database")
}

/// Whether what is kept of orders and payments is what their payments and refunds say.
pub(crate) async fn check_books(world: &World) {
    let db = open(world).await;
    let orders = money_drifts::orders(&db.reader(), 10).await.expect("orders");
    let payments = money_drifts::payments_of_refunds(&db.reader(), 10).await.expect("payments");
    db.close().await;
    assert!(orders.is_empty() && payments.is_empty(), "{orders:?} {payments:?}");
}

async fn the_books_tell_when_they_do_not_agree(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let id = paid(&world, &client).await;
    let asked = keyed(&client, refund(&id, 100)).await.expect("a refund").id();
    check_books(&world).await;
    client.call(succeeded(&asked)).await.expect("succeeded");
    check_books(&world).await;
    world.database.execute("UPDATE refunds SET amount = 99").await;
    let db = open(&world).await;
    let drifts = money_drifts::orders(&db.reader(), 10).await.expect("orders");
    db.close().await;
    let [drift] = drifts.as_slice() else { panic!("one order: {drifts:?}") };
    assert_eq!((drift.order.to_string(), drift.refunded.kept, drift.refunded.found), (id, 100, 99));
    assert_eq!((drift.claims.kept, drift.claims.found, drift.paid.kept, drift.paid.found), (100, 99, 1500, 1500));
}

/// The command tells it, too, and leaves the money alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reconciling_tells_of_money() {
    let world = World::new(Engine::Sqlite).await;
    let client = world.client(Wire::Grpc);
    let id = paid(&world, &client).await;
    let reconcile = || {
        let mut command = crate::support::service::program(&world.database.url, world.database.folder.path());
        command.args(["reconcile", "--repair"]).output().expect("the program")
    };
    assert!(reconcile().status.success());
    world.database.execute("UPDATE payments SET amount = amount - 1").await;
    let output = reconcile();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success());
    assert!(told.contains(&format!("{id}: paid 1500, and the rows sum to 1499")), "{told}");
}
