//! Searches under filters of any share, whether or not they have to do with the query: what they find, and what they cost
//! beside a scan of the allowed rows, counted in bytes compared.

mod common;

use common::{Column, search};
use elanus_ann::{Index, SearchParams, SearchStats};
use elanus_kernels::{Bitmap, Distance, Element, Metric, convert};

const ROWS: usize = 20_000;
const DIM: usize = 128;
const QUERIES: usize = 60;
/// Bytes of the numbers beside a code.
const NUMBERS: f64 = 8.0;

/// Which rows a filter allows.
#[derive(Clone, Copy, Debug)]
enum Pick {
    Random,
    Near,
    Far,
    /// Near some row.
    Other,
}

const PICKS: [Pick; 4] = [Pick::Random, Pick::Near, Pick::Far, Pick::Other];

/// Values without any structure.
fn uniform(rows: usize, seed: u64) -> Column {
    let mut random = fastrand::Rng::with_seed(seed);
    let values: Vec<f32> = (0..rows * 16).map(|_| random.f32()).collect();
    let data = convert::f32_bytes(&values);
    Column { element: Element::F32, metric: Metric::L2, dim: 16, data }
}

fn clumped() -> (Column, Column) {
    Column::clumped(Element::F32, Metric::Cosine, DIM, ROWS + QUERIES, 21).split(ROWS)
}

fn filter(column: &Column, query: &[u8], pick: Pick, share: f64, seed: usize) -> Bitmap {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let distance = Distance::new(column.metric, column.element, column.dim).expect("legal pair");
    let other = random.usize(..ROWS);
    let mut keyed: Vec<(f32, usize)> = (0..ROWS)
        .map(|row| {
            let vector = column.view().row(row);
            let key = match pick {
                Pick::Random => random.f32(),
                Pick::Near => distance.key(query, vector),
                Pick::Far => -distance.key(query, vector),
                Pick::Other => distance.key(column.view().row(other), vector),
            };
            (key, row)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut filter = Bitmap::zeros(ROWS);
    keyed[..(ROWS as f64 * share) as usize].iter().for_each(|(_, row)| filter.set(*row));
    filter
}

/// Share of the true hits found and the cost relative to a scan, over all queries.
fn run(
    index: &dyn Index,
    column: &Column,
    queries: &Column,
    k: usize,
    filter: impl Fn(usize) -> Bitmap,
) -> (f64, f64) {
    let (mut right, mut of, mut allowed) = (0, 0, 0);
    let (params, mut cost) = (SearchParams::default(), SearchStats::default());
    for at in 0..queries.view().rows {
        let (query, filter) = (queries.view().row(at), filter(at));
        let truth = column.exact(query, k, &params, Some(&filter));
        let (hits, stats) = search(index, column, query, k, &params, Some(&filter));
        assert_eq!(hits.len(), truth.len());
        let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
        right += hits.iter().filter(|hit| hit.key <= worst).count();
        of += truth.len();
        allowed += filter.count();
        cost.add(stats);
    }
    let (dim, width) = (column.dim as f64, column.element.width(column.dim) as f64);
    let code = match index.describe() {
        text if text.contains("4-bit") => dim / 2.0 + NUMBERS,
        text if text.contains("the vectors stored") => width,
        _ => dim + NUMBERS,
    };
    let bytes = cost.approximate as f64 * code + cost.exact as f64 * width;
    (right as f64 / of as f64, bytes / (allowed as f64 * width))
}

fn check(column: &Column, queries: &Column) {
    let index = column.index();
    for pick in PICKS {
        for share in [0.003, 0.01, 0.1, 0.3, 0.5, 0.9] {
            for k in [1, 10, 100] {
                let filter = |at| filter(column, queries.view().row(at), pick, share, at);
                let (found, cost) = run(index.as_ref(), column, queries, k, filter);
                assert!(
                    found >= 0.95,
                    "{pick:?} {share} k {k}: found {found}, cost {cost}, {}",
                    index.describe()
                );
                assert!(
                    cost <= 1.5,
                    "{pick:?} {share} k {k}: found {found}, cost {cost}, {}",
                    index.describe()
                );
            }
        }
    }
}

#[test]
fn clumps_are_found_at_the_cost_of_a_scan_at_most() {
    let (column, queries) = clumped();
    check(&column, &queries);
}

#[test]
fn rows_without_structure_are_found_at_the_cost_of_a_scan_at_most() {
    let (column, queries) = uniform(ROWS + QUERIES, 22).split(ROWS);
    check(&column, &queries);
}

#[test]
fn many_rows_allowed_at_random_cost_a_fraction_of_a_scan() {
    let (column, queries) = clumped();
    let index = column.index();
    for (share, most) in [(0.1, 0.4), (0.2, 0.4), (0.5, 0.15), (0.9, 0.1)] {
        let filter = |at| filter(&column, queries.view().row(at), Pick::Random, share, at);
        let (_, cost) = run(index.as_ref(), &column, &queries, 10, filter);
        assert!(cost <= most, "{share}: {cost}");
    }
}

#[test]
fn deleted_rows_cost_little_and_hide_nothing() {
    let (column, queries) = clumped();
    let index = column.index();
    let all = |_| Bitmap::ones(ROWS);
    for k in [1, 10, 100] {
        let (_, whole) = run(index.as_ref(), &column, &queries, k, all);
        for deleted in [0.1, 0.5, 0.9] {
            let filter = |at| filter(&column, queries.view().row(at), Pick::Random, 1.0 - deleted, at);
            let (found, cost) = run(index.as_ref(), &column, &queries, k, filter);
            assert!(found >= 0.95, "k {k}, {deleted} deleted: {found}");
            // Of as many rows as there were.
            let (cost, most) = (cost * (1.0 - deleted), whole * (2.5 / (1.0 - deleted)).min(6.0));
            assert!(cost <= most, "k {k}, {deleted} deleted: {cost} of a scan, {whole} without deletes");
        }
    }
}
