//! `elanus`, the one binary: a server, a quick start, the list of settings, a load generator.

mod bench;
mod explain;
mod log;
mod ports;
mod quickstart;
mod serve;
mod settings;
mod stop;

use clap::{Parser, Subcommand};
use elanus_types::{Error, Result};
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A vector database that speaks the Milvus protocol.
#[derive(Parser)]
#[command(name = "elanus", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load a sample of real texts, search it, then keep serving it.
    Quickstart(quickstart::Arguments),
    /// Serve a data folder to Milvus clients until SIGTERM or Ctrl-C.
    Serve(settings::Chosen),
    /// Show every setting: its value, where that came from, its default, range and meaning.
    Config(settings::Chosen),
    /// Show how a running server answers a filter or a search: indexes used, rows looked at, time.
    Explain(explain::Arguments),
    /// Measure servers, and indexes without one.
    #[command(subcommand)]
    Bench(bench::Command),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Quickstart(arguments) => quickstart::run(&arguments),
        Command::Serve(chosen) => serve::run(&chosen),
        Command::Config(chosen) => config(&chosen),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Bench(command) => bench::run(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn config(chosen: &settings::Chosen) -> Result<()> {
    settings::strange_variables(settings::variables())
        .iter()
        .for_each(|warning| eprintln!("warning: {warning}"));
    match write!(std::io::stdout(), "{}", chosen.settings()?) {
        // Whoever reads may stop early, `head` for example.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io("printing", &error)),
        _ => Ok(()),
    }
}
