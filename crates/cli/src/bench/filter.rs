//! `elanus bench filter`: counts under filters, without a server.

use super::write;
use elanus_bench::filter::{Plan, export, run};
use elanus_types::{Error, Result};
use std::path::PathBuf;

/// Options of `bench filter`.
#[derive(clap::Args)]
pub struct Filter {
    /// Rows to make.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Threads of the database.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How often each filter is asked.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// An empty folder for the database, which is left there; a temporary one that is removed if not given.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Write the rows as comma separated values to this file and end.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Measures and prints a table.
pub fn measure(options: &Filter) -> Result<()> {
    if let Some(path) = &options.export {
        return export(path, options.rows);
    }
    let temporary = std::env::temp_dir().join(format!("elanus-bench-filter-{}", std::process::id()));
    let folder = options.data.as_ref().unwrap_or(&temporary);
    let plan = Plan { rows: options.rows, threads: options.threads, rounds: options.rounds };
    let report = run(&plan, folder, &mut |what| eprintln!("{what}…"));
    if options.data.is_none()
        && let Err(error) = std::fs::remove_dir_all(&temporary)
    {
        eprintln!("cannot remove {}: {error}", temporary.display());
    }
    let report = report?;
    println!("{:<18} {:>9} {:>12} {:>12}", "filter", "rows", "scan µs", "index µs");
    for filter in &report.filters {
        let (name, rows) = (filter.name, filter.rows);
        println!("{name:<18} {rows:>9} {:>12.1} {:>12.1}", filter.scan_micros, filter.index_micros);
    }
    println!("indexes made in {:.2} s", report.index_seconds);
    report.indexes.iter().for_each(|index| println!("  {index}"));
    match &options.json {
        Some(path) => {
            let text = serde_json::to_string_pretty(&report)
                .map_err(|error| Error::internal(format!("cannot write figures: {error}")))?;
            write(path, &text)
        }
        None => Ok(()),
    }
}
