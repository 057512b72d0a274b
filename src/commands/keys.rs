//! `tradepost keys`: for the operator, whom the operating system has let in.

use std::io::Write as _;
use std::time::Duration;

use clap::Subcommand;

use crate::app::access::{DEFAULT_TENANT, issue_key};
use crate::config::Config;
use crate::contract::policy::Role;
use crate::domain::api_key::{Grant, NewKey};
use crate::server::{Fault, open_app};
use crate::store::migrate;

/// Longest life that can be asked for: a hundred years, so that the end is a time that the contract can tell.
const MAX_LIFE: Duration = Duration::from_hours(100 * 366 * 24);

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Creates a key and prints it, once.
    ///
    /// Needs `database_url`, and brings the schema up to date. Works while the service runs. The key is all that is printed, so
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
        /// Its tenant: the id, or the name where only one has it.
        #[arg(long, default_value = DEFAULT_TENANT)]
        tenant: String,
        /// The person behind it; `console` when not given.
        #[arg(long)]
        owner: Option<String>,
        /// When it stops working, from now: 90d, 12h, 30m, 45s; never when not given.
        #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
        expires: Option<Duration>,
    },
}

/// Runs the command.
pub(super) async fn run(config: &Config, command: Command) -> Result<(), Fault> {
    let Command::Create { name, role, platform, tenant, owner, expires } = command;
    let grant = Grant::Role(if platform { Role::Platform } else { role });
    migrate::up(&config.database_url, config.engine).await?;
    let app = open_app(config).await?;
    let expire_time = expires.map(|duration| app.clock.now().plus(duration));
    let new = NewKey { name, grant, customer: None, owner, expire_time };
    let secret = issue_key(&app, &tenant, new).await?;
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

fn parse_duration(text: &str) -> Result<Duration, String> {
    let seconds_of = |unit| match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = number.parse::<u64>().ok().zip(seconds_of(unit)).and_then(|(number, unit)| number.checked_mul(unit));
    let life = seconds.map(Duration::from_secs).filter(|life| !life.is_zero() && *life <= MAX_LIFE);
    life.ok_or_else(|| "must be a number and a unit (s, m, h, d), up to a hundred years: 90d, 12h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_read() {
        for (text, hours) in [("90d", 90 * 24), ("12h", 12), ("120m", 2), ("7200s", 2)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_hours(hours)), "{text}");
        }
        for wrong in ["", "d", "90", "90w", "-1d", "1.5h", "0s", "1 d", "d1", "99999999999999999999d", "40000d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
