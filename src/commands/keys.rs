//! `tradepost keys`: for the operator, whom the operating system has let in.

use std::io::Write as _;

use clap::Subcommand;

use crate::app::access::{DEFAULT_TENANT, issue_key};
use crate::config::Config;
use crate::contract::policy::Role;
use crate::domain::api_key::NewKey;
use crate::server::{Fault, open_app};
use crate::store::migrate;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Creates a key and prints it, once.
    ///
    /// Needs database_url, and brings the schema up to date. Works while the service runs. The key is all that is printed, so
    /// that a script can keep it.
    Create {
        /// What it is for.
        #[arg(long, default_value = "console")]
        name: String,
        /// Its role: ADMIN, MANAGER, OPERATOR, VIEWER or AGENT.
        #[arg(long, default_value = "ADMIN", value_parser = parse_role)]
        role: Role,
        /// A PLATFORM key, which may create tenants.
        #[arg(long, conflicts_with = "role")]
        platform: bool,
        /// The name of its tenant.
        #[arg(long, default_value = DEFAULT_TENANT)]
        tenant: String,
    },
}

/// Runs the command.
pub(super) async fn run(config: &Config, command: Command) -> Result<(), Fault> {
    let Command::Create { name, role, platform, tenant } = command;
    let role = if platform { Role::Platform } else { role };
    migrate::up(&config.database_url, config.engine).await?;
    let app = open_app(config).await?;
    let secret = issue_key(&app, &tenant, NewKey { name, role, customer: None }).await?;
    app.db.close().await;
    // Whoever does not read it has no key: that is a fault, even when the reader has gone.
    Ok(writeln!(std::io::stdout(), "{secret}")?)
}

fn parse_role(text: &str) -> Result<Role, String> {
    match text.to_uppercase().parse() {
        Ok(Role::Platform) => Err("use --platform".to_owned()),
        Ok(Role::Partner) => Err("a PARTNER key is bound to a customer: create it with POST /v1/api_keys".to_owned()),
        Ok(role) => Ok(role),
        Err(_) => Err("must be ADMIN, MANAGER, OPERATOR, VIEWER or AGENT".to_owned()),
    }
}
