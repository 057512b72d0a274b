//! The desk against a simple model of it: random actions, on random wires, each predicted before it is sent. What the service
//! answers, its error codes, its stock and its orders must be those of the model, on both databases.
//!
//! `TRADEPOST_TEST_SEED` repeats a run, `TRADEPOST_MODEL_ACTIONS` makes it longer.

mod acts;
mod books;

use crate::support::chance::Chance;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::rpc::Rpc;
use crate::support::world::World;
use books::Books;

on_both_engines! {
    whatever_is_done_the_books_are_those_of_the_model,
}

/// Actions of a run in the suite.
const ACTIONS: u64 = 500;

/// Of so many actions, one is checked alone first, and one is repeated on another wire.
const ONE_IN: u64 = 6;

/// A run: the service, what it should hold, and what is done next.
struct Run {
    pub(super) world: World,
    pub(super) books: Books,
    pub(super) chance: Chance,
    calls: u64,
}

impl Run {
    fn client(&mut self) -> Client {
        let wire = Wire::ALL[usize::try_from(self.chance.below(4)).expect("small")];
        self.world.client(wire)
    }

    /// A number from 1 to `most`.
    pub(super) fn some(&mut self, most: u64) -> i32 {
        i32::try_from(1 + self.chance.below(most)).expect("small")
    }

    /// A place in a list; `None` when it is empty.
    pub(super) fn one_of(&mut self, len: usize) -> Option<usize> {
        (len > 0).then(|| usize::try_from(self.chance.below(len as u64)).expect("small"))
    }

    /// Sends a call whose outcome is known; answers its id. Now and then it is checked alone first, or repeated, which must
    /// change nothing.
    pub(super) async fn expect<Q: Rpc + std::fmt::Debug>(
        &mut self,
        what: &str,
        expected: Result<(), &str>,
        request: Q,
    ) -> serde_json::Value {
        self.calls += 1;
        let key = format!("call-{}", self.calls);
        let answer = self.client().keyed(&key, request.clone()).await.map_err(Failed::refusal);
        let outcome = answer.as_ref().map(|_| ()).map_err(|refusal| refusal.code.as_str());
        assert_eq!(outcome, expected, "action {}: {what}: {answer:?}\n{request:?}", self.calls);
        if self.chance.below(ONE_IN) == 0 {
            let again = self.client().keyed(&key, request).await.map_err(Failed::refusal);
            assert_eq!(again.as_ref().map(|_| ()).map_err(|refusal| refusal.code.as_str()), expected, "{what} again");
            if let (Ok(answer), Ok(again)) = (&answer, &again) {
                assert!(again.is_replay(), "{what} happened twice");
                assert_eq!(again.json, answer.json, "{what} again");
            }
        }
        answer.map(|answer| answer.json).unwrap_or_default()
    }
}

async fn whatever_is_done_the_books_are_those_of_the_model(engine: Engine) {
    let world = World::new(engine).await;
    let books = Books::open(&world.client(Wire::Grpc)).await;
    let mut run = Run { world, books, chance: Chance::of_this_run(), calls: 0 };
    let actions = std::env::var("TRADEPOST_MODEL_ACTIONS").map_or(ACTIONS, |count| count.parse().expect("a count"));
    for _ in 0..actions {
        acts::act(&mut run).await;
        let client = run.client();
        run.books.check_stock(&client).await;
        if let Some(order) = run.one_of(run.books.orders.len()) {
            run.books.check_order(&client, order).await;
        }
    }
    let client = run.client();
    for order in 0..run.books.orders.len() {
        run.books.check_order(&client, order).await;
    }
    crate::order_stock::books_are_true(&run.world).await;
}
