//! `tradepost serve`.

use std::io::Write as _;

use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, unknown_variables};
use crate::server::{Fault, Server};

/// The exit code of a process that was told twice to stop.
const STOPPED_AT_ONCE: i32 = 130;

/// Serves until SIGTERM or SIGINT.
pub(super) async fn run(config: &Config) -> Result<(), Fault> {
    for name in unknown_variables() {
        tracing::warn!(name, "there is no such setting; the variable is ignored");
    }
    let server = Server::start(config).await?;
    if let Some(key) = &server.bootstrap_key
        && let Err(error) = writeln!(std::io::stdout(), "The first API key, shown only now: {key}")
    {
        tracing::warn!(%error, "nobody read the first API key; `tradepost keys create --platform` makes another");
    }
    tracing::info!(listen = %server.address()?, admin = %server.admin_address()?, engine = ?config.engine, "serving");
    server.run(stop_signal()?).await;
    Ok(())
}

/// The first SIGTERM or SIGINT. A second one ends the process at once.
pub(super) fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            std::process::exit(STOPPED_AT_ONCE);
        });
    })
}
