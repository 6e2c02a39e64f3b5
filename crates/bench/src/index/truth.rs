//! Which answers are right: those at most as far as the last of the true neighbours.

use super::Plan;
use super::vectors::{self, Vectors};
use elanus_ann::{VectorsView, exact_search_batch};
use elanus_kernels::{Bitmap, Distance, Hit, Metric, TopK};
use elanus_runtime::Progress;
use elanus_types::{Error, Result};
use std::path::Path;

/// The same distance may differ in its last bits from one kernel to another.
const TOLERANCE: f32 = 1e-5;
/// Queries that are compared with the rows together.
const BATCH: usize = 128;
/// Queries by which a file of neighbours is judged.
const SAMPLE: usize = 8;
/// How far, relatively, a file's neighbours may be from the true ones: others compute less exactly.
const SLACK: f32 = 1e-3;

/// The keys of the last true neighbours, query by query.
pub(super) struct Truth {
    worst: Vec<f32>,
    /// True neighbours of a query: fewer than asked for where a filter allows fewer rows.
    of: usize,
}

impl Truth {
    /// The share of the true neighbours that a search found. Other rows at the same distance are as good.
    pub(super) fn recall(&self, query: usize, found: &[Hit]) -> f64 {
        let worst = self.worst.get(query).copied().unwrap_or(f32::NEG_INFINITY);
        let limit = worst + worst.abs() * TOLERANCE;
        let right = found.iter().filter(|hit| hit.key <= limit).count().min(self.of);
        if self.of == 0 { 1.0 } else { right as f64 / self.of as f64 }
    }
}

/// Computes them on all threads.
pub(super) fn compute(
    plan: &Plan,
    base: &Vectors,
    queries: &Vectors,
    filter: Option<&Bitmap>,
    progress: &Progress,
) -> Truth {
    let (base, queries) = (base.view(), queries.view());
    progress.set_total(queries.rows as u64);
    let all: Vec<&[u8]> = (0..queries.rows).map(|query| queries.row(query)).collect();
    let mut worst = Vec::with_capacity(all.len());
    for some in all.chunks(BATCH) {
        worst.extend(last_exact(&base, plan, some, filter));
        progress.add(some.len() as u64);
    }
    let of = plan.k.min(filter.map_or(base.rows, Bitmap::count));
    Truth { worst, of }
}

fn last_exact(base: &VectorsView<'_>, plan: &Plan, queries: &[&[u8]], filter: Option<&Bitmap>) -> Vec<f32> {
    let mut outs = vec![TopK::new(plan.k); queries.len()];
    exact_search_batch(base, plan.metric, queries, filter, None, &mut outs, plan.threads);
    let last = |out: TopK| out.into_sorted().last().map_or(f32::NEG_INFINITY, |hit| hit.key);
    outs.into_iter().map(last).collect()
}

/// Reads the neighbours from a file and checks that they are those of these vectors.
pub(super) fn read(path: &Path, plan: &Plan, base: &Vectors, queries: &Vectors) -> Result<Truth> {
    let ids = vectors::read_ids(path)?;
    of_ids(&ids, plan, &base.view(), &queries.view()).map_err(|error| error.context(path.display()))
}

fn of_ids(ids: &[Vec<i64>], plan: &Plan, base: &VectorsView<'_>, queries: &VectorsView<'_>) -> Result<Truth> {
    let (k, metric) = (plan.k, plan.metric);
    let distance = distance(metric, base)?;
    if ids.len() != queries.rows {
        let (have, want) = (ids.len(), queries.rows);
        return Err(Error::invalid(format!(
            "{have} rows, but there are {want} queries: expected one row each"
        )));
    }
    if let Some(short) = ids.iter().find(|row| row.len() < k) {
        let text = format!("{} neighbours of each query, expected at least k = {k}", short.len());
        return Err(Error::invalid(text));
    }
    let mut worst = Vec::with_capacity(ids.len());
    for (query, row) in ids.iter().enumerate() {
        let mut last = f32::NEG_INFINITY;
        for id in row.iter().take(k) {
            let at = usize::try_from(*id).ok().filter(|at| *at < base.rows).ok_or_else(|| {
                Error::invalid(format!(
                    "query {query} has neighbour {id}, but there are rows 0 to {}",
                    base.rows - 1
                ))
            })?;
            last = last.max(distance.key(queries.row(query), base.row(at)));
        }
        worst.push(last);
    }
    let sample: Vec<&[u8]> = (0..queries.rows.min(SAMPLE)).map(|query| queries.row(query)).collect();
    let exact = last_exact(base, plan, &sample, None);
    for (query, (last, exact)) in worst.iter().zip(exact).enumerate() {
        if *last > exact + exact.abs() * SLACK {
            return Err(Error::invalid(format!(
                "not the {k} nearest of query {query} by {metric}: the last of them is farther ({last}) than the last \
                 true one ({exact}); is it of other vectors or of another metric?"
            )));
        }
    }
    Ok(Truth { worst, of: k })
}

fn distance(metric: Metric, vectors: &VectorsView<'_>) -> Result<Distance> {
    Distance::new(metric, vectors.element, vectors.dim).ok_or_else(|| {
        let (element, dim) = (vectors.element.name(), vectors.dim);
        Error::invalid(format!("metric {metric} cannot compare {element} vectors of {dim} dimensions"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_kernels::{Element, convert::f32_bytes};

    fn plan(metric: Metric, k: usize) -> Plan {
        Plan { metric, k, ..Plan::new("".into(), "".into()) }
    }

    #[test]
    fn ties_are_right_and_more_than_k_is_not_more() {
        let truth = Truth { worst: vec![2.0], of: 2 };
        let hits = |keys: &[f32]| keys.iter().map(|key| Hit { key: *key, row: 0 }).collect::<Vec<_>>();
        assert_eq!(truth.recall(0, &hits(&[1.0, 2.000_001])), 1.0);
        assert_eq!(truth.recall(0, &hits(&[1.0, 2.1])), 0.5);
        assert_eq!(truth.recall(0, &hits(&[2.0, 2.0, 2.0])), 1.0);
        assert_eq!(truth.recall(1, &hits(&[2.0])), 0.0);
    }

    #[test]
    fn neighbours_of_other_vectors_are_refused() {
        let data = f32_bytes(&[0.0, 0.0, 1.0, 0.0, 5.0, 5.0, 1.0, 3.0]);
        let base = VectorsView::new(Element::F32, 2, &data);
        let asked = f32_bytes(&[0.0, 1.0]);
        let queries = VectorsView::new(Element::F32, 2, &asked);
        let read = |metric, ids: &[i64]| of_ids(&[ids.to_vec()], &plan(metric, 2), &base, &queries);
        assert_eq!(read(Metric::L2, &[0, 1, 2]).map(|truth| truth.worst), Ok(vec![2.0]));
        let message = |metric, ids| read(metric, ids).err().expect("refused").message().to_owned();
        assert!(message(Metric::L2, &[0, 2]).contains("not the 2 nearest of query 0 by L2"));
        assert!(message(Metric::Ip, &[0, 1]).contains("another metric"));
        assert!(message(Metric::L2, &[0]).contains("1 neighbours of each query, expected at least k = 2"));
        assert!(message(Metric::L2, &[0, 4]).contains("query 0 has neighbour 4, but there are rows 0 to 3"));
        assert!(message(Metric::L2, &[0, -1]).contains("neighbour -1"));
        let none = of_ids(&[], &plan(Metric::L2, 1), &base, &queries).err().expect("refused");
        assert!(none.message().contains("0 rows, but there are 1 queries"));
    }
}
