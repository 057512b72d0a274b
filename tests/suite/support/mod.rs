//! What every test stands on: databases, a running service, clients of each wire.
//!
//! The service is always the built program in a process of its own, so that it can be killed.

pub(crate) mod bulk;
pub(crate) mod cases;
pub(crate) mod chance;
pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod download;
pub(crate) mod grpc;
pub(crate) mod http;
pub(crate) mod receiver;
pub(crate) mod refusal;
pub(crate) mod rpc;
pub(crate) mod s3;
pub(crate) mod service;
pub(crate) mod stream;
pub(crate) mod web;
pub(crate) mod world;

/// Makes a test of each scenario for each engine, so that its name tells the engine.
macro_rules! on_both_engines {
    ($($scenario:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                super::$scenario(crate::support::database::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                super::$scenario(crate::support::database::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
