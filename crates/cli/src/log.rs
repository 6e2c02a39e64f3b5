//! The log: to standard error, so that standard output stays clean.

use elanus_types::{Error, Result};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging what `filter` lets through.
pub fn start(filter: &str) -> Result<()> {
    let parsed = EnvFilter::try_new(filter).map_err(|error| {
        Error::invalid(format!("setting log: {filter}: {error}; for example info,elanus_engine=debug"))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init()
        .map_err(|error| Error::internal(format!("starting the log: {error}")))
}
