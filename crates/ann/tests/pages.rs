//! Searches from a key on: together the pages of an iterator have what one search has.

mod common;

use common::{ANY, Column, search};
use elanus_ann::{
    Body, Bound, BuildRequest, Coding, HnswParams, Index, IvfParams, Kind, SearchParams, build, open,
};
use elanus_kernels::{Element, Metric};
use elanus_runtime::{Cancel, Progress};
use std::collections::HashSet;
use std::sync::Arc;

/// Hits of a page, and pages.
const PAGE: usize = 100;
const PAGES: usize = 8;

fn index(column: &Column, kind: Kind) -> Box<dyn Index> {
    let few = Coding::Product { pieces: column.dim / 2, stages: 1, bits: 4 };
    let ivf = IvfParams { coding: (kind == Kind::IvfPq).then_some(few), ..IvfParams::default() };
    let hnsw = HnswParams { m: 16, ef_construction: 100, ..HnswParams::default() };
    let request = BuildRequest { kind, hnsw, ivf, metric: column.metric, vectors: column.view(), threads: 2 };
    let body: Body = Arc::new(build(&request, &Progress::new(), &Cancel::new()).expect("builds"));
    open(kind, column.metric, &column.view(), body).expect("opens")
}

/// Rows of all pages, each from the last key of the one before on.
fn paged(index: &dyn Index, column: &Column, query: &[u8]) -> Vec<u32> {
    let mut rows = Vec::new();
    let mut low = f32::NEG_INFINITY;
    for _ in 0..PAGES {
        let params = SearchParams { bound: Some(Bound { low, high: f32::INFINITY }), ..ANY };
        let (hits, _) = search(index, column, query, PAGE, &params, None);
        rows.extend(hits.iter().map(|hit| hit.row));
        low = hits.last().map_or(low, |hit| hit.key.next_up());
    }
    rows
}

#[test]
fn pages_have_what_one_search_has() {
    for metric in [Metric::L2, Metric::Cosine, Metric::Ip] {
        let (column, queries) = Column::clumped(Element::F32, metric, 48, 12_010, 9).split(12_000);
        for kind in [Kind::Hnsw, Kind::IvfFlat, Kind::IvfSq8, Kind::IvfPq, Kind::IvfRabitq, Kind::Scann] {
            let index = index(&column, kind);
            let (mut right, mut of) = (0, 0);
            for query in (0..10).map(|at| queries.view().row(at)) {
                let rows = paged(index.as_ref(), &column, query);
                let once: HashSet<u32> = rows.iter().copied().collect();
                assert_eq!(once.len(), rows.len(), "{kind} {metric}: no row twice");
                let truth = column.exact(query, PAGE * PAGES, &ANY, None);
                right += truth.iter().filter(|hit| once.contains(&hit.row)).count();
                of += truth.len();
            }
            println!("{kind} {metric}: {right} of {of}");
            assert!(right as f64 >= 0.97 * of as f64, "{kind} {metric}: {right} of {of}");
        }
    }
}

/// Codes estimate keys below the least that there can be.
#[test]
fn a_limit_that_leaves_nothing_out_leaves_nothing_out() {
    let column = Column::clumped(Element::F32, Metric::L2, 48, 6_000, 10);
    for kind in [Kind::Hnsw, Kind::IvfSq8, Kind::IvfPq, Kind::IvfRabitq, Kind::Scann] {
        let index = index(&column, kind);
        for row in (0..6_000).step_by(300) {
            let query = column.view().row(row);
            let high = column.exact(query, 5, &ANY, None)[4].key;
            let params = SearchParams { bound: Some(Bound { low: 0.0, high }), ..ANY };
            let (hits, _) = search(index.as_ref(), &column, query, 10, &params, None);
            assert_eq!(hits.first().map(|hit| hit.row), Some(row as u32), "{kind}");
        }
    }
}
