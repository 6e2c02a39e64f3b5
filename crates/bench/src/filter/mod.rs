//! Filters alone: counts over a million rows in one process, without indexes and with them.

mod data;
mod run;

pub use data::{FILTERS, Rows, export};
pub use run::{Measured, Report, run};

/// What is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rows.
    pub rows: usize,
    /// Threads of the database.
    pub threads: usize,
    /// How often each filter is asked; medians count.
    pub rounds: usize,
}

/// One filter and the same in SQL.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// What it is about.
    pub name: &'static str,
    /// In the language of filters.
    pub text: &'static str,
    /// The condition in SQL, over a table of the same columns.
    pub sql: &'static str,
}
