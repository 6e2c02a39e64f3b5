//! Measuring: servers over the wire, and [indexes](index) in process.
//!
//! The load generator works with any server that speaks the Milvus protocol, Milvus itself included.
//!
//! [`run`] fills a collection from a `.npy` file, waits until the server has indexed it, then searches with every
//! combination of clients, search parameters and filters that the [`Plan`] names, and reports throughput,
//! latency and recall. It is a native client because a Python one costs over a millisecond a call.
//!
//! Not here: measuring the server's memory or disk.

mod cell;
mod connection;
mod fill;
pub mod filter;
pub mod index;
mod lean;
pub mod npy;
mod plan;
mod report;
mod search;
mod tally;
mod truth;

pub use plan::{Filter, Plan};
pub use report::{FillReport, Report, SearchReport};

use connection::Connection;
use elanus_types::Result;

/// Where a run says what it does, line by line.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// Does what the plan says.
pub async fn run(plan: &Plan, say: Say<'_>) -> Result<Report> {
    let vectors = plan.vectors()?;
    let queries = plan.queries(vectors.as_ref())?;
    let connection = Connection::open(&plan.uri, &plan.database).await?;
    let mut report = Report::new(plan, connection.version().await?);
    if let (Some(vectors), false) = (&vectors, plan.reuse) {
        report.fill = Some(fill::run(plan, vectors, &connection, say).await?);
    }
    let Some(queries) = queries else { return Ok(report) };
    for filter in &plan.filters {
        let truth = truth::find(plan, vectors.as_ref(), &queries, filter, say)?;
        for params in &plan.search_params {
            let requests = cell::requests(plan, &queries, filter, params)?;
            for clients in &plan.clients {
                let measured = search::run(plan, &requests, &truth, *clients).await?;
                let row = SearchReport::new(plan, filter, params, *clients, &measured);
                say(&row.line());
                report.searches.push(row);
            }
        }
    }
    Ok(report)
}
