//! The command line: what can be asked of the program, and how it ends.

mod demo;
mod keys;
mod logs;
mod migrate;
mod reconcile;
/// The retail data set as requests of the contract.
pub mod retail;
mod routes;
mod serve;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Values, unknown_variables};
use crate::contract::policy::Role;
use crate::server::Fault;

/// What stands below the options: what to type, and every setting, as the file of the defaults tells it.
const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  tradepost demo                           look at it, with sample orders\n",
    "  tradepost                                serve tradepost.db in this folder\n",
    "  TRADEPOST_DATABASE_URL=postgres://user:password@host/database tradepost serve\n",
    "  tradepost config                         the settings as they are now\n",
    "  tradepost keys create --role OPERATOR --name 'front desk'\n",
    "  tradepost routes --role PARTNER          what a partner may call\n",
    "\nSettings, as tradepost.toml has them:\n\n",
    include_str!("../default.toml"),
);

/// An order back office: takes orders over gRPC, gRPC-Web and REST, on one port.
///
/// Without a command it serves. Settings come from tradepost.toml in the current folder, from `TRADEPOST_<NAME>` in the
/// environment, and from flags; each beats those before. They are listed below.
#[derive(Debug, Parser)]
#[command(name = "tradepost", version, after_help = "--help lists the settings and has examples.", after_long_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Settings that may be given as flags. Secrets may not: flags are seen by everyone on the machine.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
struct Settings {
    /// File with settings; tradepost.toml, if it is there, when not given.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where clients reach the service: 127.0.0.1:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where operators reach the probes: 127.0.0.1:9090.
    #[arg(long, global = true, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    /// Which log lines are written to standard error: a level, or a filter such as info,tradepost=debug.
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// How log lines look: auto, pretty or json.
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to stop (the default).
    ///
    /// Makes the SQLite file when it is not there, brings the schema up to date, and takes requests until SIGTERM or SIGINT.
    /// The first start on an empty database prints an API key, unless `bootstrap_api_key` says which it is.
    Serve,
    /// Serves a throwaway database with real sample orders, and prints calls to paste.
    ///
    /// Needs nothing: `database_url` is not used. When it ends, everything is gone.
    Demo,
    /// Moves the database schema up or down, or lists its steps.
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Proves that the books of stock and of money agree, or tells where they do not.
    ///
    /// Compares, for every product at every location, the counters with the sum of the ledger and with what reservations and orders
    /// hold; and what orders and payments keep with the sum of their payments and refunds. Works while the service runs. Ends with 1 when something is wrong. Needs `database_url`, and brings the schema up
    /// to date.
    Reconcile(reconcile::Command),
    /// Manages API keys at the console.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Prints the OpenAPI 3.1 document, as /openapi.json serves it. Needs no settings.
    Openapi,
    /// Lists what can be called: RPC, REST, permission, key, status. Needs no settings.
    ///
    /// KEY tells of the Idempotency-Key: required, optional, ignored by a write whose answer holds a secret, or "-" on a
    /// read. STATUS is the HTTP status of a success.
    Routes {
        /// Only what this role may call: PLATFORM, ADMIN, MANAGER, OPERATOR, VIEWER, PARTNER or AGENT.
        #[arg(long, value_parser = routes::parse_role)]
        role: Option<Role>,
    },
    /// Prints the effective settings, with where each comes from.
    ///
    /// Reads and checks them as serve does, and tells every mistake. What it prints is a settings file; secrets show as ***.
    Config,
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

fn run(Cli { settings, command }: Cli) -> Result<(), Fault> {
    match command.unwrap_or(Command::Serve) {
        Command::Serve => work(&settings, async |config| serve::run(&config).await),
        Command::Demo => work(&settings, demo::run),
        Command::Migrate(command) => work(&settings, async |config| migrate::run(&config, command).await),
        Command::Reconcile(command) => work(&settings, async |config| reconcile::run(&config, command).await),
        Command::Keys(command) => work(&settings, async |config| keys::run(&config, command).await),
        Command::Openapi => print(crate::published::OPENAPI),
        Command::Routes { role } => print(&routes::table(role)),
        Command::Config => {
            let shown = Config::show(settings.config.as_deref(), settings.flags())?;
            for name in unknown_variables() {
                eprintln!("tradepost: {name}: there is no such setting; the variable is ignored");
            }
            print(&shown)
        }
    }
}

/// Runs what needs settings, logs and a runtime.
fn work(settings: &Settings, run: impl AsyncFnOnce(Config) -> Result<(), Fault>) -> Result<(), Fault> {
    let config = Config::load(settings.config.as_deref(), settings.flags())?;
    logs::install(&config)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(config))
}

/// Writes to standard output. A reader that has seen enough is no fault.
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
