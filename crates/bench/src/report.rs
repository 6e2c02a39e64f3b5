//! Results as a table and as JSON.

use crate::plan::{Filter, Plan};
use crate::tally::Tally;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// Everything a run measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Server address.
    pub uri: String,
    /// What the server calls itself.
    pub server: String,
    /// Index type asked for.
    pub index: String,
    /// Index parameters asked for.
    pub index_params: Map<String, Value>,
    /// Metric.
    pub metric: String,
    /// Filling the collection; absent when it was there.
    pub fill: Option<FillReport>,
    /// One entry per combination.
    pub searches: Vec<SearchReport>,
}

/// Filling a collection.
#[derive(Clone, Debug, Serialize)]
pub struct FillReport {
    /// Rows inserted.
    pub rows: usize,
    /// Dimensions.
    pub dimensions: usize,
    /// Until the last insert was acknowledged.
    #[serde(serialize_with = "seconds")]
    pub inserted: Duration,
    /// Until everything was indexed and loaded, inserting included.
    #[serde(serialize_with = "seconds")]
    pub ready: Duration,
}

/// One combination of clients, parameters and filter.
#[derive(Clone, Debug, Serialize)]
pub struct SearchReport {
    /// Clients.
    pub clients: usize,
    /// Search parameters.
    pub params: Map<String, Value>,
    /// Filter expression.
    pub filter: String,
    /// Vectors per search.
    pub nq: usize,
    /// Hits per vector.
    pub limit: usize,
    /// Searches per second asked for; absent in a closed loop.
    pub rate: Option<f64>,
    /// Searches per second answered.
    pub searches_per_second: f64,
    /// Searches answered.
    pub answered: u64,
    /// Searches failed.
    pub errors: u64,
    /// The first failure.
    pub complaint: Option<String>,
    /// Share of the true neighbours found.
    pub recall: Option<f64>,
    /// Latencies in milliseconds.
    pub latency_ms: Latency,
}

/// Latencies in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Latency {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// 95 of 100 are faster.
    pub p95: f64,
    /// 99 of 100 are faster.
    pub p99: f64,
    /// 999 of 1,000 are faster.
    pub p999: f64,
    /// Slowest.
    pub max: f64,
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

impl Report {
    pub(crate) fn new(plan: &Plan, server: String) -> Self {
        Report {
            uri: plan.uri.clone(),
            server,
            index: plan.index.clone(),
            index_params: plan.index_params.clone(),
            metric: plan.metric.name().to_owned(),
            fill: None,
            searches: Vec::new(),
        }
    }

    /// The report as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl SearchReport {
    pub(crate) fn new(
        plan: &Plan,
        filter: &Filter,
        params: &Map<String, Value>,
        clients: usize,
        tally: &Tally,
    ) -> Self {
        SearchReport {
            clients,
            params: params.clone(),
            filter: filter.expression(),
            nq: plan.nq,
            limit: plan.limit,
            rate: plan.rate,
            searches_per_second: tally.rate(),
            answered: tally.latency.len(),
            errors: tally.errors,
            complaint: tally.complaint.clone(),
            recall: tally.recall(),
            latency_ms: Latency::of(tally),
        }
    }

    /// The combination and its figures in one line.
    pub fn line(&self) -> String {
        let recall = self.recall.map_or_else(|| "-".to_owned(), |recall| format!("{recall:.4}"));
        let params = Value::Object(self.params.clone()).to_string();
        let filter = if self.filter.is_empty() { "-" } else { &self.filter };
        let Latency { p50, p95, p99, max, .. } = self.latency_ms;
        let mut line = format!(
            "{:>7}  {params:<14}  {filter:<16}  {:>9.0}  {recall:>6}  {p50:>8.2}  {p95:>8.2}  {p99:>8.2}  {max:>8.1}  {:>6}",
            self.clients, self.searches_per_second, self.errors
        );
        if let Some(complaint) = &self.complaint {
            line.push_str(&format!("  {complaint}"));
        }
        line
    }
}

impl Latency {
    fn of(tally: &Tally) -> Self {
        let at = |quantile: f64| tally.latency.value_at_quantile(quantile) as f64 / 1000.0;
        Latency {
            mean: tally.latency.mean() / 1000.0,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: tally.latency.max() as f64 / 1000.0,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} at {}, index {}, metric {}", self.server, self.uri, self.index, self.metric)?;
        if let Some(fill) = &self.fill {
            let (inserted, ready) = (fill.inserted.as_secs_f64(), fill.ready.as_secs_f64());
            let rate = fill.rows as f64 / inserted.max(1e-9);
            writeln!(
                f,
                "{} rows of {} dimensions: inserted in {inserted:.2} s ({rate:.0} rows/s), ready after {ready:.2} s",
                fill.rows, fill.dimensions
            )?;
        }
        if !self.searches.is_empty() {
            writeln!(
                f,
                "{:>7}  {:<14}  {:<16}  {:>9}  {:>6}  {:>8}  {:>8}  {:>8}  {:>8}  {:>6}",
                "clients",
                "params",
                "filter",
                "per s",
                "recall",
                "p50 ms",
                "p95 ms",
                "p99 ms",
                "max ms",
                "errors"
            )?;
        }
        self.searches.iter().try_for_each(|row| writeln!(f, "{}", row.line()))
    }
}
