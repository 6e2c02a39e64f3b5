//! A read taken apart: what was planned, what it found, how long each part took.

use super::search::Prepared;
use super::snapshot::{Snapshot, Wanted};
use crate::local::World;
use elanus_filter::Predicate;
use elanus_segment::{Segment, SegmentStats};
use elanus_types::explain::{Explain, ExplainRequest, FilterExplain, SegmentExplain, Stage, VectorExplain};
use elanus_types::query::QueryRequest;
use elanus_types::search::SearchRequest;
use elanus_types::{Result, Timestamp};
use std::time::Instant;

impl World {
    /// Runs a read and tells how it went: as a whole, then segment by segment, each alone on this thread.
    pub fn explain(&self, request: &ExplainRequest) -> Result<Explain> {
        match request {
            ExplainRequest::Query(query) => self.explain_query(query),
            ExplainRequest::Search(search) => self.explain_search(search),
        }
    }

    fn explain_query(&self, request: &QueryRequest) -> Result<Explain> {
        let mut stages = Stages::default();
        let wanted = Wanted::newest(&request.target, &request.partitions, "query");
        let meta = wanted.meta(self)?;
        let zone = super::zone(&meta, &request.filter)?;
        let predicate = elanus_filter::compile_in(&request.filter, &meta.schema, &zone)?;
        stages.end("plan");
        let snapshot = wanted.pin(self, meta, predicate.as_ref())?;
        stages.end("pin");
        let segments = explain_segments(&snapshot, predicate.as_ref(), None)?;
        stages.end("segments one by one");
        let result = self.query(request)?;
        stages.end("the whole query");
        let answered = result.fields.first().map_or(0, |field| field.column.len());
        let text = &request.filter.expression;
        Ok(summary(&snapshot, text, predicate.as_ref(), segments, answered, stages))
    }

    fn explain_search(&self, request: &SearchRequest) -> Result<Explain> {
        let mut stages = Stages::default();
        let wanted = Wanted::newest(&request.target, &request.partitions, "search");
        let meta = wanted.meta(self)?;
        let prepared = self.prepare(&meta, request)?;
        stages.end("plan");
        let snapshot = wanted.pin(self, meta, prepared.predicate.as_deref())?;
        stages.end("pin");
        let segments = explain_segments(&snapshot, prepared.predicate.as_deref(), Some(&prepared))?;
        stages.end("segments one by one");
        let result = self.search(request)?;
        stages.end("the whole search");
        let predicate = prepared.predicate.as_deref();
        let answered = result.topks.iter().sum();
        Ok(summary(&snapshot, &request.filter.expression, predicate, segments, answered, stages))
    }
}

fn explain_segments(
    snapshot: &Snapshot,
    predicate: Option<&Predicate>,
    search: Option<&Prepared>,
) -> Result<Vec<(SegmentExplain, f64)>> {
    let one = |segment: &dyn Segment| {
        let begin = Instant::now();
        let filter = match predicate {
            Some(predicate) => segment.explain_filter(predicate, snapshot.read)?,
            None => unfiltered(segment, snapshot.read),
        };
        let micros = micros(begin);
        let estimated = predicate.map_or(1.0, |predicate| segment.expected_share(predicate));
        let estimated = if filter.pruned.is_empty() { estimated * filter.visible as f64 } else { 0.0 };
        let vector = match search.filter(|_| filter.passed > 0) {
            Some(prepared) => Some(explain_vectors(snapshot, segment, prepared)?),
            None => None,
        };
        let (id, sealed, rows) = (segment.id(), segment.sealed(), segment.rows());
        Ok((SegmentExplain { id, sealed, rows, filter, vector, micros }, estimated))
    };
    snapshot.segments.iter().map(|segment| one(segment.as_ref())).collect()
}

fn unfiltered(segment: &dyn Segment, read: Timestamp) -> FilterExplain {
    let visible = segment.visible(read).map_or(segment.rows(), |rows| rows.count());
    FilterExplain { visible, passed: visible, ..FilterExplain::default() }
}

fn explain_vectors(snapshot: &Snapshot, segment: &dyn Segment, prepared: &Prepared) -> Result<VectorExplain> {
    let begin = Instant::now();
    let queries: Vec<&[u8]> = prepared.queries.iter().map(|query| query.as_ref()).collect();
    let (_, stats) = prepared.measured(snapshot, segment, &queries, None)?;
    let micros = micros(begin);
    let sealed = snapshot.collection.sealed(segment.id());
    let kind =
        sealed.and_then(|sealed| sealed.files().index_on(prepared.field).map(|index| index.kind.clone()));
    let method = method(kind.as_deref().unwrap_or("index"), &stats);
    Ok(VectorExplain { method, allowed: stats.allowed, distances: stats.distances, micros })
}

fn method(kind: &str, stats: &SegmentStats) -> String {
    match (stats.indexed, stats.scanned) {
        (0, _) => "exact scan of the allowed rows".to_owned(),
        (_, true) => format!("{kind}: all allowed rows compared, which is cheaper here"),
        (_, false) if stats.hops > 0 => format!("{kind}: walk over {} nodes", stats.hops),
        (_, false) => format!("{kind}: index search"),
    }
}

fn summary(
    snapshot: &Snapshot,
    filter: &str,
    predicate: Option<&Predicate>,
    segments: Vec<(SegmentExplain, f64)>,
    answered: usize,
    stages: Stages,
) -> Explain {
    let estimated = segments.iter().map(|(_, estimated)| estimated).sum::<f64>() as usize;
    let segments: Vec<SegmentExplain> = segments.into_iter().map(|(segment, _)| segment).collect();
    let mut read: Vec<i64> = snapshot.segments.iter().map(|segment| segment.partition()).collect();
    read.sort_unstable();
    read.dedup();
    let nothing = predicate.is_some_and(Predicate::is_always_false);
    Explain {
        collection: snapshot.meta.name.clone(),
        filter: filter.to_owned(),
        partitions: (if nothing { 0 } else { read.len() }, snapshot.meta.partitions.len()),
        visible: segments.iter().map(|segment| segment.filter.visible).sum(),
        estimated,
        passed: segments.iter().map(|segment| segment.filter.passed).sum(),
        segments_pruned: segments.iter().filter(|segment| !segment.filter.pruned.is_empty()).count(),
        segments,
        answered,
        stages: stages.0,
    }
}

/// Stages that follow one another.
struct Stages(Vec<Stage>, Instant);

impl Default for Stages {
    fn default() -> Self {
        Self(Vec::new(), Instant::now())
    }
}

impl Stages {
    fn end(&mut self, name: &'static str) {
        self.0.push(Stage { name, micros: micros(self.1) });
        self.1 = Instant::now();
    }
}

fn micros(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e6
}
