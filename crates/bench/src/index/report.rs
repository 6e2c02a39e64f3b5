//! Results as a table and as JSON.

use super::build::Built;
use super::vectors::Vectors;
use super::{Contender, Plan};
use elanus_ann::Resolved;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Everything a run measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of Elanus.
    pub version: String,
    /// File of the vectors.
    pub base: String,
    /// File of the queries.
    pub queries: String,
    /// Vectors.
    pub rows: usize,
    /// Dimensions.
    pub dimensions: usize,
    /// What a component is.
    pub element: String,
    /// Bytes of the vectors.
    pub vector_bytes: usize,
    /// Metric.
    pub metric: String,
    /// Queries in the file.
    pub query_count: usize,
    /// Hits per query.
    pub k: usize,
    /// Threads that build and that search in batches.
    pub threads: usize,
    /// One entry per index.
    pub kinds: Vec<KindReport>,
}

/// One index.
#[derive(Clone, Debug, Serialize)]
pub struct KindReport {
    /// Name and parameters as asked for.
    pub label: String,
    /// Index type asked for.
    pub index_type: String,
    /// Parameters asked for.
    pub params: BTreeMap<String, String>,
    /// What was chosen for that, and why.
    pub chosen: String,
    /// What it says of itself.
    pub description: String,
    /// Seconds that building took; absent when an earlier run built it.
    pub build_seconds: Option<f64>,
    /// Bytes it occupies beside the vectors.
    pub index_bytes: usize,
    /// One entry per filter.
    pub curves: Vec<Curve>,
}

/// An index at several efforts.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// Share of rows that may answer, in percent.
    pub filter_percent: f64,
    /// The search parameter that is the effort; empty for kinds without one.
    pub parameter: String,
    /// Value of `refine_k`; absent = the kind's own.
    pub refine_k: Option<f32>,
    /// The first is what the index does by itself.
    pub points: Vec<Point>,
    /// What searches found that name the recall to aim at; empty for kinds that have no efforts to choose from.
    pub targets: Vec<Point>,
}

/// One effort.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// Value of the search parameter; absent = what the index found sufficient when it was built.
    pub effort: Option<usize>,
    /// Recall aimed at; absent where a search names none.
    pub recall_target: Option<f64>,
    /// Queries answered: fewer than there are where answering takes long.
    pub queries: usize,
    /// Mean share of the true neighbours found.
    pub recall: f64,
    /// The same of the worst twentieth of the queries.
    pub recall_worst: f64,
    /// Queries per second, one after the other on one thread.
    pub queries_per_second: f64,
    /// Queries per second when all threads are given many at once.
    pub batch_queries_per_second: f64,
    /// Median time of a query in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 queries take less.
    pub p99_ms: f64,
    /// Distances computed on compact codes, per query.
    pub codes: f64,
    /// Distances computed on the vectors, per query.
    pub exact: f64,
    /// Graph nodes whose links were followed, per query.
    pub hops: f64,
    /// Whether some query compared every allowed row.
    pub scanned: bool,
}

impl Report {
    pub(super) fn new(plan: &Plan, base: &Vectors, query_count: usize) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            base: plan.base.display().to_string(),
            queries: plan.queries.display().to_string(),
            rows: base.rows,
            dimensions: base.dim,
            element: base.element.name().to_owned(),
            vector_bytes: base.view().data.len(),
            metric: plan.metric.name().to_owned(),
            query_count,
            k: plan.k,
            threads: plan.threads,
            kinds: Vec::new(),
        }
    }

    /// The report as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl KindReport {
    pub(super) fn new(contender: &Contender, resolved: &Resolved, built: &Built) -> Self {
        Self {
            label: contender.label(),
            index_type: contender.name.clone(),
            params: contender.params.clone(),
            chosen: resolved.reason.clone(),
            description: built.index.describe(),
            build_seconds: built.seconds,
            index_bytes: built.index.memory_bytes(),
            curves: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, rows, dimensions, element, metric, query_count, k, .. } = self;
        let megabytes = self.vector_bytes as f64 / 1e6;
        writeln!(
            f,
            "{base}: {rows} x {dimensions} {element}, {megabytes:.1} MB; {metric}, {query_count} queries, k {k}"
        )?;
        self.kinds.iter().try_for_each(|kind| kind.show(f, self.threads))
    }
}

impl KindReport {
    fn show(&self, f: &mut fmt::Formatter<'_>, threads: usize) -> fmt::Result {
        let built = match self.build_seconds {
            Some(seconds) => format!("built in {seconds:.2} s (threads: {threads})"),
            None => "built by an earlier run".to_owned(),
        };
        let chosen = if self.chosen == self.label { String::new() } else { format!(": {}", self.chosen) };
        writeln!(f, "\n{}{chosen}\n{}", self.label, self.description)?;
        writeln!(f, "{built}, {:.1} MB beside the vectors", self.index_bytes as f64 / 1e6)?;
        self.curves.iter().try_for_each(|curve| curve.show(f, threads))
    }
}

impl Curve {
    /// Without points yet.
    pub(super) fn new(filter_percent: f64, parameter: &str, refine_k: Option<f32>) -> Self {
        let (points, targets) = (Vec::new(), Vec::new());
        Self { filter_percent, parameter: parameter.to_owned(), refine_k, points, targets }
    }

    /// What its searches have in common, for people; empty for plain ones.
    pub(super) fn restrictions(&self) -> String {
        let refined = self.refine_k.map_or_else(String::new, |factor| format!(", refine_k {factor}"));
        match self.filter_percent < 100.0 {
            true => format!("{refined}, filter {} %", self.filter_percent),
            false => refined,
        }
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, threads: usize) -> fmt::Result {
        if let Some(restrictions) = self.restrictions().strip_prefix(", ") {
            writeln!(f, "{restrictions}")?;
        }
        let parameter = if self.parameter.is_empty() { "effort" } else { &self.parameter };
        table(f, parameter, &self.points, threads)?;
        match self.targets.is_empty() {
            true => Ok(()),
            false => table(f, "target", &self.targets, threads),
        }
    }
}

/// One line for each point; the first column is what they differ in.
fn table(f: &mut fmt::Formatter<'_>, first: &str, points: &[Point], threads: usize) -> fmt::Result {
    let batch = format!("batch on {threads}");
    writeln!(
        f,
        "{first:>9}  {:>6}  {:>9}  {:>9}  {batch:>12}  {:>8}  {:>8}  {:>8}  {:>8}",
        "recall", "worst 5 %", "queries/s", "p50 ms", "p99 ms", "codes", "exact"
    )?;
    points.iter().try_for_each(|point| writeln!(f, "{}", point.line()))
}

impl Point {
    fn line(&self) -> String {
        let effort = match (self.effort, self.recall_target) {
            (Some(effort), _) => effort.to_string(),
            (None, Some(target)) => target.to_string(),
            (None, None) => "default".to_owned(),
        };
        let batch = self.batch_queries_per_second;
        let Self { recall, recall_worst, queries_per_second, p50_ms, p99_ms, codes, exact, .. } = self;
        format!(
            "{effort:>9}  {recall:.4}  {recall_worst:>9.4}  {queries_per_second:>9.0}  {batch:>12.0}  {p50_ms:>8.3}  {p99_ms:>8.3}  \
             {codes:>8.0}  {exact:>8.0}"
        )
    }
}
