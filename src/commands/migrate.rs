//! `tradepost migrate`.

use clap::Subcommand;

use super::print;
use crate::config::Config;
use crate::server::Fault;
use crate::store::migrate::{self, Step};

/// What to do with the schema.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takes every step that is missing, and lists the steps. `serve` does so by itself when it starts.
    Up,
    /// Takes steps back, and lists the steps. The data that a step made room for is lost.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Lists the steps: which were applied, and which are pending. Changes nothing.
    Status,
}

/// Runs the command.
pub(super) async fn run(config: &Config, command: Command) -> Result<(), Fault> {
    let (url, engine) = (config.database_url.as_str(), config.engine);
    match command {
        Command::Up => migrate::up(url, engine).await?,
        Command::Down { steps } => migrate::down(url, engine, steps).await?,
        Command::Status => {}
    }
    let steps = migrate::status(url, engine).await?;
    let line = |step: &Step| format!("{} {}\n", if step.applied { "applied" } else { "pending" }, step.name);
    print(&steps.iter().map(line).collect::<String>())
}
