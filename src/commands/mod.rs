//! The command line: what can be asked of the program, and how it ends.

mod demo;
mod keys;
mod logs;
mod migrate;
/// The retail data set as requests of the contract.
pub mod retail;
mod serve;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Values};
use crate::server::Fault;

/// Takes orders over gRPC, gRPC-Web and REST, on one port.
#[derive(Debug, Parser)]
#[command(name = "tradepost", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Settings that may be given as flags. Secrets may not: flags are seen by everyone on the machine.
#[derive(Debug, Args)]
struct Settings {
    /// File with settings; `tradepost.toml`, if it is there, when not given.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Where clients reach the service; `TRADEPOST_LISTEN` in the environment.
    #[arg(long, global = true)]
    listen: Option<String>,
    /// Where operators reach it; `TRADEPOST_ADMIN_LISTEN` in the environment.
    #[arg(long, global = true)]
    admin_listen: Option<String>,
    /// Which log lines are written; `TRADEPOST_LOG` in the environment.
    #[arg(long, global = true)]
    log: Option<String>,
    /// auto, pretty or json; `TRADEPOST_LOG_FORMAT` in the environment.
    #[arg(long, global = true)]
    log_format: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to stop (the default).
    Serve,
    /// Serves a throwaway database with real sample orders, and prints calls to paste.
    Demo,
    /// Moves the database schema. `serve` moves it up by itself.
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Manages API keys at the console.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Prints the OpenAPI document.
    Openapi,
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tradepost: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Fault> {
    if matches!(cli.command, Some(Command::Openapi)) {
        return print(crate::published::OPENAPI);
    }
    let config = Config::load(cli.settings.config.as_deref(), cli.settings.flags())?;
    logs::install(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&config).await,
            Command::Demo => demo::run(config).await,
            Command::Migrate(command) => migrate::run(&config, command).await,
            Command::Keys(command) => keys::run(&config, command).await,
            Command::Openapi => print(crate::published::OPENAPI),
        }
    })
}

/// A reader that has seen enough is no fault.
fn print(text: &str) -> Result<(), Fault> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

impl Settings {
    fn flags(&self) -> Values {
        let given = [
            ("listen", &self.listen),
            ("admin_listen", &self.admin_listen),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ];
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))).collect()
    }
}
