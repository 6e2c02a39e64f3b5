//! Measuring an index by queries that were really asked.
//!
//! When an index is built, rows stand in for queries. Queries can be easier to answer than rows hidden from the graph, or
//! come from elsewhere than the rows; then only queries tell which effort is right.

use crate::effort::{Curves, MEASURED, Point, share};
use crate::{Index, SearchParams, VectorsView, exact_hits, exact_search_batch};
use elanus_kernels::{Bitmap, Metric, TopK};
use elanus_runtime::Cancel;
use elanus_types::Result;

/// Recall at which no larger effort is tried.
const PERFECT: f32 = 0.998;

/// Finds what share of the true neighbours of `queries` each effort of an index finds among the rows of `valid` (all
/// rows, if there is none), for [`Index::adopt`]. `None` for kinds without an effort, and without queries.
///
/// One thread compares every query with all rows, and searches up to two dozen times for each.
pub fn learn(
    index: &dyn Index,
    vectors: &VectorsView<'_>,
    metric: Metric,
    queries: &[&[u8]],
    valid: Option<&Bitmap>,
    cancel: &Cancel,
) -> Result<Option<Curves>> {
    let efforts = index.efforts();
    if efforts.is_empty() || queries.is_empty() {
        return Ok(None);
    }
    let truth = truth(vectors, metric, queries, valid);
    let mut curves = Curves { asked: u32::try_from(queries.len()).unwrap_or(u32::MAX), ..Curves::default() };
    let mut done = [false; MEASURED.len()];
    for effort in efforts {
        // A search for ten says how a search for one fares.
        for (k, those) in [(MEASURED[1], 0..2), (MEASURED[2], 2..3)] {
            cancel.check()?;
            let too_small = index.kind().is_graph() && effort < k;
            if too_small || done[those.clone()].iter().all(|done| *done) {
                continue;
            }
            let found = found(index, vectors, metric, (queries, k, effort), valid);
            for at in those.filter(|at| !done[*at]).collect::<Vec<_>>() {
                let shares = found.iter().zip(&truth).map(|(found, truth)| share(found, truth, MEASURED[at]));
                let point = Point::of(effort, &mut shares.collect::<Vec<_>>());
                done[at] = point.recall >= PERFECT;
                curves.points[at].push(point);
            }
        }
    }
    Ok(Some(curves))
}

/// Of every query the keys of its nearest rows, ascending.
fn truth(
    vectors: &VectorsView<'_>,
    metric: Metric,
    queries: &[&[u8]],
    valid: Option<&Bitmap>,
) -> Vec<Vec<f32>> {
    let most = MEASURED.into_iter().max().unwrap_or(1);
    let mut tops = vec![TopK::new(most); queries.len()];
    exact_search_batch(vectors, metric, queries, valid, None, &mut tops, 1);
    tops.into_iter().map(|top| top.into_sorted().iter().map(|hit| hit.key).collect()).collect()
}

/// Of every query the keys of the `k` rows that an effort finds, nearest first by the index's own account.
fn found(
    index: &dyn Index,
    vectors: &VectorsView<'_>,
    metric: Metric,
    (queries, k, effort): (&[&[u8]], usize, usize),
    valid: Option<&Bitmap>,
) -> Vec<Vec<f32>> {
    let params = SearchParams { ef: Some(effort), nprobe: Some(effort), ..SearchParams::default() };
    let mut tops = vec![TopK::new(k); queries.len()];
    index.search_many(vectors, queries, k, &params, valid, &mut tops);
    let keys = |(query, top): (&&[u8], TopK)| {
        let hits = exact_hits(vectors, metric, query, top.into_sorted());
        hits.iter().map(|hit| hit.key).collect()
    };
    queries.iter().zip(tops).map(keys).collect()
}
