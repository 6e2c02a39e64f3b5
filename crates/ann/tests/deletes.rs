//! Deleted rows reach an index as rows that its filter leaves out: every kind still finds as many as are asked for, and
//! the right ones. Bands of signatures, which find fewer by design, are compared with the truth in `minhash.rs`.

mod common;

use common::{Column, recall};
use elanus_ann::{Body, BuildRequest, Index, Kind, SearchParams, build, open, resolve};
use elanus_kernels::{Bitmap, Element, Metric};
use elanus_runtime::{Cancel, Progress};
use std::sync::Arc;

const ROWS: usize = 6_000;
const DIM: usize = 32;
/// Rows of a clump are this far apart, see [`Column::clumped`].
const CLUMPS: usize = (ROWS + 40) / 50 + 1;

/// The index that users get who name a kind.
fn index(kind: Kind, column: &Column) -> Box<dyn Index> {
    let params = [("m".to_owned(), "16".to_owned())].into();
    let params = if kind.name().contains("PQ") { params } else { Default::default() };
    let resolved = resolve(kind.name(), &params, ROWS, DIM, column.element, column.metric).expect("resolves");
    assert_eq!(resolved.kind, kind);
    let request = BuildRequest {
        kind,
        hnsw: resolved.hnsw,
        ivf: resolved.ivf,
        metric: column.metric,
        vectors: column.view(),
        threads: 2,
    };
    let body: Body = Arc::new(build(&request, &Progress::new(), &Cancel::new()).expect("builds"));
    open(kind, column.metric, &column.view(), body).expect("opens")
}

/// Rows that are left when a share of them goes, one by one or in whole clumps.
fn left(share: f64, clumps: bool) -> Bitmap {
    let mut random = fastrand::Rng::with_seed(11);
    let gone: Vec<bool> = (0..ROWS).map(|_| random.f64() < share).collect();
    let row = |row: usize| if clumps { gone[row % CLUMPS] } else { gone[row] };
    Bitmap::from_bools(&(0..ROWS).map(|at| !row(at)).collect::<Vec<_>>())
}

fn check(kind: Kind, element: Element, metric: Metric) {
    let (column, queries) = Column::clumped(element, metric, DIM, ROWS + 40, 12).split(ROWS);
    let index = index(kind, &column);
    for share in [0.0, 0.1, 0.5, 0.9] {
        for (clumps, k) in [(false, 10), (true, 10), (false, 100)] {
            let filter = left(share, clumps);
            // As many hits as there are is part of what this asserts.
            let (found, _) =
                recall(index.as_ref(), &column, &queries, k, &SearchParams::default(), Some(&filter));
            assert!(found >= 0.93, "{kind} {metric} {share} deleted, in clumps {clumps}, k {k}: {found}");
        }
    }
}

#[test]
fn every_kind_finds_what_is_left() {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::MinHashLsh) {
        for (element, metric) in [(Element::F32, Metric::L2), (Element::F16, Metric::Cosine)] {
            check(kind, element, metric);
        }
    }
}

#[test]
fn bytes_and_bits_are_found_too() {
    for kind in [Kind::Hnsw, Kind::IvfFlat, Kind::IvfSq8] {
        check(kind, Element::I8, Metric::Ip);
    }
    for kind in [Kind::Hnsw, Kind::IvfFlat] {
        check(kind, Element::Bit, Metric::Hamming);
    }
}

#[test]
fn fewer_rows_than_asked_for_are_all_found() {
    let (column, queries) = Column::clumped(Element::F32, Metric::L2, DIM, ROWS + 40, 12).split(ROWS);
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::MinHashLsh) {
        let index = index(kind, &column);
        for rows in [0, 1, 7] {
            let filter = Bitmap::from_bools(&(0..ROWS).map(|row| row % 800 < rows).collect::<Vec<_>>());
            let params = SearchParams::default();
            let (found, _) = recall(index.as_ref(), &column, &queries, 100, &params, Some(&filter));
            assert!(found == 1.0 || rows == 0, "{kind} {rows}");
        }
    }
}
