//! What a read did and why: the answer of `explain`.

use crate::query::QueryRequest;
use crate::search::SearchRequest;
use serde::Serialize;

/// The read to explain. It is run.
#[derive(Clone, Debug)]
pub enum ExplainRequest {
    /// Rows by filter.
    Query(Box<QueryRequest>),
    /// Nearest rows.
    Search(Box<SearchRequest>),
}

/// How one condition of a filter was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FilterStep {
    /// The condition.
    pub condition: String,
    /// `scan`, or the index that answered.
    pub method: String,
    /// Rows that conditions before it left open, and so had to be answered.
    pub asked: usize,
    /// True rows expected among all.
    pub estimated: usize,
    /// True rows among those asked.
    pub rows: usize,
    /// Time taken in microseconds.
    pub micros: f64,
}

/// How the filter went in one segment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FilterExplain {
    /// Rows that the read sees.
    pub visible: usize,
    /// Visible rows that pass.
    pub passed: usize,
    /// Why no row had to be looked at; empty = rows were.
    pub pruned: String,
    /// Conditions in the order in which they were answered.
    pub steps: Vec<FilterStep>,
}

/// How the nearest rows of one segment were found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VectorExplain {
    /// The index, or `exact scan`, and how it went about it.
    pub method: String,
    /// Rows that could answer.
    pub allowed: u64,
    /// Distances computed, on codes and on vectors.
    pub distances: u64,
    /// Time in microseconds, the filter's included: it is evaluated once more.
    pub micros: f64,
}

/// What happened in one segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentExplain {
    /// Number of the segment.
    pub id: i64,
    /// In files, or still growing in memory.
    pub sealed: bool,
    /// Stored rows, deleted ones included.
    pub rows: usize,
    /// The filter.
    pub filter: FilterExplain,
    /// The search, when there is one and rows pass.
    pub vector: Option<VectorExplain>,
    /// Time of the filter in microseconds.
    pub micros: f64,
}

/// Time of one stage of the read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// Microseconds.
    pub micros: f64,
}

/// A read taken apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explain {
    /// The collection's real name.
    pub collection: String,
    /// The filter as given.
    pub filter: String,
    /// Partitions read, and all there are.
    pub partitions: (usize, usize),
    /// Rows that the read sees.
    pub visible: usize,
    /// Rows expected to pass the filter.
    pub estimated: usize,
    /// Rows that pass.
    pub passed: usize,
    /// Segments in which no row had to be looked at.
    pub segments_pruned: usize,
    /// Every segment of the partitions read.
    pub segments: Vec<SegmentExplain>,
    /// Rows in the answer.
    pub answered: usize,
    /// Stages in order.
    pub stages: Vec<Stage>,
}
