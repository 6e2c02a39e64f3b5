//! Exact neighbours, to judge a server's answers by.

use crate::Say;
use crate::npy::{self, Array};
use crate::plan::{Filter, Plan, bucket};
use elanus_kernels::{Distance, Element, Metric, TopK};
use elanus_types::{Error, Result};
use std::time::Instant;

/// Ids of the true neighbours of every query, nearest first; no rows at all when they are not known.
pub(crate) type Truth = Vec<Vec<i64>>;

/// Reads or computes them.
pub(crate) fn find(
    plan: &Plan,
    vectors: Option<&Array>,
    queries: &Array,
    filter: &Filter,
    say: Say<'_>,
) -> Result<Truth> {
    if let Some(path) = &plan.truth {
        let mut truth = npy::read(path)?.integers()?;
        if truth.len() < queries.rows {
            return Err(Error::invalid(format!("{} has fewer rows than there are queries", path.display())));
        }
        truth.iter_mut().for_each(|row| row.truncate(plan.limit));
        return Ok(truth);
    }
    let (Some(vectors), Some(bound)) = (vectors, filter.bound()) else { return Ok(Vec::new()) };
    let begin = Instant::now();
    let truth = compute(plan.metric, vectors, queries, bound, plan.limit)?;
    say(&format!("exact neighbours of {} queries in {:.1} s", queries.rows, begin.elapsed().as_secs_f64()));
    Ok(truth)
}

/// Scans every row for every query, on all cores.
fn compute(metric: Metric, vectors: &Array, queries: &Array, bound: i64, limit: usize) -> Result<Truth> {
    let distance = Distance::new(metric, Element::F32, vectors.columns)
        .ok_or_else(|| Error::invalid(format!("{} does not compare float vectors", metric.name())))?;
    let allowed: Vec<bool> = (0..vectors.rows as i64).map(|id| bucket(id) < bound).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = queries.rows.div_ceil(threads).max(1);
    let scan =
        |query: usize| nearest(&distance, &vectors.data, &queries.slice(query, query + 1), &allowed, limit);
    let ranges = (0..queries.rows).step_by(share).map(|begin| begin..(begin + share).min(queries.rows));
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            ranges.map(|range| scope.spawn(|| range.map(scan).collect::<Truth>())).collect();
        let parts = workers.into_iter().map(|worker| worker.join());
        let parts: std::result::Result<Vec<Truth>, _> = parts.collect();
        parts.map(|parts| parts.concat()).map_err(|_| Error::internal("computing exact neighbours failed"))
    })
}

fn nearest(distance: &Distance, rows: &[u8], query: &[u8], allowed: &[bool], limit: usize) -> Vec<i64> {
    let mut best = TopK::new(limit);
    for (row, (bytes, allowed)) in rows.chunks_exact(distance.width()).zip(allowed).enumerate() {
        if *allowed {
            best.push(distance.key(query, bytes), row as u32);
        }
    }
    best.into_sorted().into_iter().map(|hit| i64::from(hit.row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::Kind;

    #[test]
    fn neighbours_are_the_nearest_allowed_rows() {
        let floats = |values: &[f32]| -> Array {
            let data: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            Array { kind: Kind::F32, rows: values.len() / 2, columns: 2, data: data.into() }
        };
        let vectors = floats(&[0.0, 0.0, 1.0, 0.0, 5.0, 5.0, 1.0, 1.0]);
        let queries = floats(&[0.0, 0.0, 5.0, 4.0, 1.0, 2.0]);
        let truth = compute(Metric::L2, &vectors, &queries, 10_000, 2).unwrap();
        assert_eq!(truth, vec![vec![0, 1], vec![2, 3], vec![3, 1]]);
        let some = compute(Metric::L2, &vectors, &queries, 5_000, 9).unwrap();
        let allowed = (0..4).filter(|id| bucket(*id) < 5_000).count();
        assert!(some.iter().all(|row| row.len() == allowed));
    }
}
