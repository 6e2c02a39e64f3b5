//! Every kind of index against comparing all rows, on columns where indexes go wrong most easily.

mod common;
mod kinds;

use common::{Column, pairs, recall, search};
use elanus_ann::{Index, Kind, SearchParams};
use elanus_kernels::isa::VARIABLE;
use elanus_kernels::{Bitmap, Element, Level, Metric, TopK, convert};
use kinds::{HARD, index, kinds};

const DIM: usize = 32;

/// A column of rows that `value` gives by row, in units that suit the element.
fn column(element: Element, metric: Metric, rows: usize, value: impl Fn(usize, usize) -> f32) -> Column {
    let scale = if element == Element::I8 { 40.0 } else { 1.0 };
    let values: Vec<f32> = (0..rows)
        .flat_map(|row| (0..DIM).map(move |at| (row, at)))
        .map(|(row, at)| value(row, at) * scale)
        .collect();
    let mut data = Vec::new();
    convert::encode(element, &values, &mut data);
    Column { element, metric, dim: DIM, data }
}

/// A value between −1 and 1 that looks random.
fn noise(row: usize, at: usize) -> f32 {
    fastrand::Rng::with_seed((row * DIM + at) as u64).f32() * 2.0 - 1.0
}

/// Sets of few different rows, or few rows.
fn small_sets(element: Element, metric: Metric) -> Vec<(&'static str, Column)> {
    vec![
        ("none", column(element, metric, 0, noise)),
        ("one", column(element, metric, 1, noise)),
        ("two", column(element, metric, 2, noise)),
        ("zeros", column(element, metric, 300, |_, _| 0.0)),
        ("equal", column(element, metric, 300, |_, at| noise(0, at))),
        ("duplicates", column(element, metric, 300, |row, at| noise(row % 7, at))),
        ("mostly one", column(element, metric, 300, |row, at| noise(row.saturating_sub(280), at))),
        ("along a line", column(element, metric, 300, |row, at| row as f32 / 150.0 - 1.0 + at as f32 / 64.0)),
    ]
}

/// None, no row, one row, some, and all but a few; longer and shorter than the column.
fn filters(rows: usize) -> Vec<Option<Bitmap>> {
    let bits = |rows: usize, keep: fn(usize) -> bool| {
        Some(Bitmap::from_bools(&(0..rows).map(keep).collect::<Vec<_>>()))
    };
    vec![
        None,
        bits(rows, |_| false),
        bits(rows + 70, |row| row == 5),
        bits(rows, |row| row % 3 == 1),
        bits(rows / 2, |row| row % 9 != 0),
    ]
}

/// As many hits as there are allowed rows, or k, and (`search` checks) each of them allowed, with its exact key. Rows as near
/// as the true ones are as good, and so are those that differ from them by less than codes can tell. Many searches at
/// once find what single ones find.
fn complete(index: &dyn Index, column: &Column, queries: &Column, what: &str) {
    let rows = column.view().rows;
    for filter in filters(rows) {
        for k in [1, 3, rows + 5] {
            let all: Vec<&[u8]> = (0..queries.view().rows).map(|at| queries.view().row(at)).collect();
            let mut outs = vec![TopK::new(k); all.len()];
            index.search_many(&column.view(), &all, k, &HARD, filter.as_ref(), &mut outs);
            for (query, out) in all.iter().zip(outs) {
                let truth = column.exact(query, k, &HARD, filter.as_ref());
                let (hits, _) = search(index, column, query, k, &HARD, filter.as_ref());
                assert_eq!(hits.len(), truth.len(), "{what} k {k}");
                assert_eq!(out.into_sorted(), hits, "{what} k {k}: many at once");
                if k > rows {
                    assert_eq!(hits, truth, "{what} k {k}");
                }
                let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
                let wrong = hits.iter().find(|hit| hit.key > worst && hit.key > worst + slack(column, query));
                assert_eq!(wrong, None, "{what} k {k}: the last should be {worst}");
            }
        }
    }
}

/// A fiftieth of the way from the nearest row to the farthest.
fn slack(column: &Column, query: &[u8]) -> f32 {
    let all = column.exact(query, usize::MAX, &HARD, None);
    all.first().zip(all.last()).map_or(0.0, |(near, far)| (far.key - near.key) / 50.0)
}

#[test]
fn small_and_degenerate_sets_are_answered_in_full() {
    for (element, metric) in pairs() {
        let queries = column(element, metric, 6, |row, at| if row == 0 { 0.0 } else { noise(row * 3, at) });
        for (kind, index_type) in kinds(element) {
            for (name, column) in small_sets(element, metric) {
                let index = index(&column, kind, index_type);
                assert_eq!(index.kind(), kind);
                complete(
                    index.as_ref(),
                    &column,
                    &queries,
                    &format!("{kind} {metric} {} {name}", element.name()),
                );
            }
        }
    }
}

/// Far from the rows, and of another scale where scales exist.
fn strangers(element: Element, metric: Metric) -> Column {
    column(element, metric, 20, |row, at| noise(9_000 + row, at) * 3.0 + if at % 2 == 0 { 2.0 } else { -1.0 })
}

#[test]
fn tight_clusters_and_strange_queries_keep_the_recall() {
    for (element, metric) in pairs() {
        let spread = if element == Element::I8 || element == Element::Bit { 0.6 } else { 0.1 };
        let rows = |row: usize, at: usize| noise(row % 5, at) + noise(row + 77, at) * spread;
        let clusters = column(element, metric, 1_500, rows);
        let near = column(element, metric, 20, |row, at| rows(row * 3 + 5_000, at));
        for (kind, index_type) in kinds(element) {
            let index = index(&clusters, kind, index_type);
            for (name, queries) in [("near", &near), ("strange", &strangers(element, metric))] {
                for filter in [None, filters(1_500).swap_remove(3)] {
                    let (found, _) = recall(index.as_ref(), &clusters, queries, 10, &HARD, filter.as_ref());
                    let what =
                        format!("{kind} {metric} {} {name}, filter {}", element.name(), filter.is_some());
                    assert!(found >= 0.95, "{what}: {found}");
                    let any = SearchParams::default();
                    let (found, _) = recall(index.as_ref(), &clusters, queries, 10, &any, filter.as_ref());
                    assert!(found >= 0.85, "{what}, found sufficient: {found}");
                }
            }
        }
    }
}

#[test]
fn kinds_with_an_effort_tell_what_they_measured() {
    let column = column(Element::F32, Metric::L2, 600, noise);
    for (kind, index_type) in kinds(Element::F32) {
        let measured = index(&column, kind, index_type).measured(elanus_ann::RECALL_TARGET);
        let told = [1, 10, 100].map(|k| measured.contains(&format!("for {k} hits (recall ")));
        assert_eq!(told, [kind != Kind::Flat; 3], "{kind}: {measured}");
        let parameter = if kind.is_graph() { "ef " } else { "nprobe " };
        assert!(measured.is_empty() || measured.starts_with(parameter), "{kind}: {measured}");
    }
}

/// The tests above run with the level in use; this runs one of them again with every other level of the processor.
#[test]
fn every_level_of_instructions_answers_in_full() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    for level in Level::supported().filter(|level| *level != Level::chosen()) {
        let exe = std::env::current_exe().expect("known");
        let mut child = std::process::Command::new(exe);
        child.args(["--exact", "small_and_degenerate_sets_are_answered_in_full"]).env(VARIABLE, level.name());
        let out = child.output().expect("runs");
        let text = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success() && text.contains("1 passed"), "{}: {text}", level.name());
        println!("{}: answered in full", level.name());
    }
}
