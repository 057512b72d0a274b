//! `tradepost migrate`.

use clap::Subcommand;

use crate::config::Config;
use crate::server::Fault;
use crate::store::migrate;

/// What to do with the schema.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takes every step that is missing.
    Up,
    /// Takes steps back, and with them the data they made room for.
    Down {
        /// How many.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Lists the steps.
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
    for step in migrate::status(url, engine).await? {
        println!("{} {}", if step.applied { "applied" } else { "pending" }, step.name);
    }
    Ok(())
}
