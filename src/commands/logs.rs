//! Where log lines go: standard error, so that what commands answer stays clean.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::server::Fault;

/// Starts writing log lines.
pub(super) fn install(config: &Config) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(&config.log)?;
    let pretty = match config.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // What cannot be logged, because the disk is full, must not stop what is being logged.
    let logs = logs.log_internal_errors(false);
    if pretty { logs.try_init() } else { logs.json().flatten_event(true).with_span_list(false).try_init() }
}
