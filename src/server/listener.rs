//! Accepts connections, up to a bound, and lets them end when the program stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection;

/// Connections at the same time.
const MAX_CONNECTIONS: usize = 10_000;

/// A pause after a failed accept: without file descriptors it would fail again at once.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// A port, and what is served there.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    router: Router,
}

impl Listener {
    pub(super) fn new(socket: TcpListener, router: Router) -> Self {
        Self { socket, router }
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop`, then waits until every connection has answered what it was asked.
    pub(super) async fn serve(self, stop: CancellationToken) {
        let (tasks, places) = (TaskTracker::new(), Arc::new(Semaphore::new(MAX_CONNECTIONS)));
        while let Some((stream, place)) = self.next(&stop, &places).await {
            let (router, stop) = (self.router.clone(), stop.clone());
            tasks.spawn(async move {
                let _place = place;
                if let Err(error) = connection::serve(stream, router, stop).await {
                    tracing::debug!(%error, "a connection broke");
                }
            });
        }
        drop(self.socket);
        tasks.close();
        tasks.wait().await;
    }

    async fn next(
        &self,
        stop: &CancellationToken,
        places: &Arc<Semaphore>,
    ) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let accepted = async {
            let place = Arc::clone(places).acquire_owned().await.ok()?;
            loop {
                match self.socket.accept().await {
                    Ok((stream, _)) => return Some((stream, place)),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(AFTER_FAILURE).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(accepted).await.flatten()
    }
}
