//! `tradepost reconcile`: proves that counters, ledger and what is held agree, and that money adds up, or says where not.

use std::io::Write as _;

use clap::Args;

use crate::app::access::tenant_named;
use crate::app::inventory::reconcile;
use crate::app::money_books::money_drifts;
use crate::config::Config;
use crate::server::{Fault, open_app};
use crate::store::migrate;

/// What to look at, and what to do.
#[derive(Debug, Args)]
pub(super) struct Command {
    /// Makes the books agree: on hand is what the ledger says, reserved is what reservations and orders hold.
    #[arg(long)]
    repair: bool,
    /// Only of this tenant: the id, or the name where only one has it.
    #[arg(long)]
    tenant: Option<String>,
}

/// Runs the command. That something is wrong, and stays so, is a fault.
pub(super) async fn run(config: &Config, Command { repair, tenant }: Command) -> Result<(), Fault> {
    migrate::up(&config.database_url, config.engine).await?;
    let app = open_app(config).await?;
    let tenant = match &tenant {
        Some(wanted) => Some(tenant_named(&app, wanted).await?),
        None => None,
    };
    let mut out = std::io::stdout();
    let mut unread = Ok(());
    let tally = reconcile(&app, tenant, repair, |line| {
        if let Err(error) = writeln!(out, "{line}") {
            unread = Err(error);
        }
    })
    .await?;
    let money = money_drifts(&app, tenant).await?;
    app.db.close().await;
    unread?;
    for line in &money {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{} places, {} wrong{}", tally.places, tally.wrong, if repair { ", mended" } else { "" })?;
    if !money.is_empty() {
        return Err(format!("the money of {} orders or payments does not add up", money.len()).into());
    }
    match tally.wrong {
        0 => Ok(()),
        _ if repair => Ok(()),
        wrong => Err(format!("{wrong} places are wrong; reconcile --repair puts them right").into()),
    }
}
