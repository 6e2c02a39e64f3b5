//! What queries that were asked teach an index.

mod common;

use common::{Column, recall};
use elanus_ann::{BuildRequest, Curves, Index, Kind, RECALL_TARGET, SearchParams, build, learn, open};
use elanus_kernels::{Bitmap, Element, Metric, Slots};
use elanus_runtime::{Cancel, Progress};
use std::sync::Arc;

const ROWS: usize = 12_000;
const DIM: usize = 32;

fn index(kind: Kind, column: &Column) -> Box<dyn Index> {
    let request = BuildRequest { kind, ..column.request(2) };
    let body = build(&request, &Progress::new(), &Cancel::new()).expect("builds");
    open(kind, column.metric, &column.view(), Arc::new(body)).expect("opens")
}

/// Queries unlike the rows: around no clump.
fn strangers(metric: Metric, count: usize, seed: u64) -> Column {
    let mut random = fastrand::Rng::with_seed(seed);
    let values: Vec<f32> = (0..count * DIM).map(|_| (random.f32() - 0.5) * 4.0).collect();
    Column::floats(metric, DIM, &values)
}

fn learnt(index: &dyn Index, column: &Column, queries: &Column, valid: Option<&Bitmap>) -> Option<Curves> {
    let view = queries.view();
    let queries: Vec<&[u8]> = (0..view.rows).map(|at| view.row(at)).collect();
    learn(index, &column.view(), column.metric, &queries, valid, &Cancel::new()).expect("nobody cancels")
}

#[test]
fn new_queries_like_those_asked_find_what_was_promised() {
    for (kind, metric) in [
        (Kind::Hnsw, Metric::Cosine),
        (Kind::Hnsw, Metric::L2),
        (Kind::IvfSq8, Metric::L2),
        (Kind::IvfRabitq, Metric::Ip),
    ] {
        let (column, rest) = Column::clumped(Element::F32, metric, DIM, ROWS + 600, 21).split(ROWS);
        let (asked, held_out) = rest.split(200);
        for (asked, held_out) in [(asked, held_out), (strangers(metric, 200, 22), strangers(metric, 400, 23))]
        {
            let mut index = index(kind, &column);
            index.adopt(learnt(index.as_ref(), &column, &asked, None).expect("an effort to measure"));
            let told = index.measured(RECALL_TARGET);
            assert!(told.contains("over 200 queries asked"), "{told}");
            for target in [0.8, 0.95, 0.99] {
                let params = SearchParams { recall_target: Some(target), ..SearchParams::default() };
                for k in [1, 10, 100] {
                    let (found, _) = recall(index.as_ref(), &column, &held_out, k, &params, None);
                    let least = f64::from(target) - 0.02;
                    assert!(found >= least, "{kind} {metric} k {k} target {target}: {found}, {told}");
                }
            }
        }
    }
}

#[test]
fn easy_queries_are_answered_with_less_effort() {
    let column = Column::clumped(Element::F32, Metric::L2, DIM, ROWS, 24);
    let mut index = index(Kind::Hnsw, &column);
    let view = column.view();
    let rows = Column { data: view.data[..view.width() * 128].to_vec(), ..column };
    let column = Column::clumped(Element::F32, Metric::L2, DIM, ROWS, 24);
    let cost = |index: &dyn Index| {
        let mut out = elanus_kernels::TopK::new(1);
        index
            .search(&column.view(), rows.view().row(0), 1, &SearchParams::default(), None, &mut out)
            .approximate
    };
    let before = cost(index.as_ref());
    index.adopt(learnt(index.as_ref(), &column, &rows, None).expect("an effort to measure"));
    assert!(cost(index.as_ref()) < before, "{} {before}", cost(index.as_ref()));
}

#[test]
fn rows_without_a_vector_are_not_missed() {
    let (column, asked) = Column::clumped(Element::F32, Metric::L2, DIM, 6_064, 25).split(6_000);
    let valid = Bitmap::from_bools(&(0..6_000).map(|row| row % 4 != 0).collect::<Vec<_>>());
    for kind in [Kind::Hnsw, Kind::IvfSq8] {
        let mut index = index(kind, &column);
        index.adopt(learnt(index.as_ref(), &column, &asked, Some(&valid)).expect("an effort to measure"));
        let (found, _) = recall(index.as_ref(), &column, &asked, 10, &SearchParams::default(), Some(&valid));
        assert!(found >= 0.95, "{kind}: {found}");
    }
}

#[test]
fn there_may_be_nothing_to_learn() {
    let column = Column::clumped(Element::F32, Metric::L2, DIM, 3_000, 26);
    let nobody = Column::floats(Metric::L2, DIM, &[]);
    assert_eq!(learnt(index(Kind::Hnsw, &column).as_ref(), &column, &nobody, None), None);
    assert_eq!(learnt(index(Kind::Flat, &column).as_ref(), &column, &column, None), None);
    let metric = Metric::MhJaccard(Slots::new(32).expect("slots").by_band(4));
    let signatures = Column::clumped(Element::Bit, metric, 512, 2_000, 27);
    assert_eq!(learnt(index(Kind::MinHashLsh, &signatures).as_ref(), &signatures, &signatures, None), None);
    let (cancel, index) = (Cancel::new(), index(Kind::Hnsw, &column));
    cancel.cancel();
    let query = column.view().row(0);
    let cancelled = learn(index.as_ref(), &column.view(), Metric::L2, &[query], None, &cancel);
    assert!(cancelled.is_err());
}
