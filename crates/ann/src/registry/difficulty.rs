//! How hard a column is to search.

use crate::{VectorsView, exact_search_batch};
use elanus_kernels::{Element, Metric, TopK};

/// Rows whose neighbourhoods are looked at.
const SAMPLE: usize = 64;
/// Neighbours of each.
const NEAREST: usize = 20;
/// Rows they are looked for in, at most.
const AMONG: usize = 200_000;

/// The local intrinsic dimension: by which power of the distance the number of rows around a row grows, about. The
/// maximum likelihood estimate (Levina and Bickel 2004) over sampled rows, whose inverses are averaged (MacKay and
/// Ghahramani 2005). `None` for bits, and where rows are too few or too many of them equal.
pub(super) fn intrinsic_dimension(vectors: &VectorsView<'_>, metric: Metric, threads: usize) -> Option<f32> {
    // Inner products are no distances; how rows lie is told by those between them.
    let metric = if metric == Metric::Cosine { Metric::Cosine } else { Metric::L2 };
    let rows = vectors.rows.min(AMONG);
    if vectors.element == Element::Bit || rows < SAMPLE * NEAREST {
        return None;
    }
    let part = VectorsView { rows, ..*vectors };
    let queries: Vec<&[u8]> = (0..SAMPLE).map(|at| vectors.row(at * rows / SAMPLE)).collect();
    // A row's nearest is itself.
    let mut tops = vec![TopK::new(NEAREST + 1); SAMPLE];
    exact_search_batch(&part, metric, &queries, None, None, &mut tops, threads);
    let inverses: Vec<f32> = tops.into_iter().filter_map(|top| inverse(top, metric)).collect();
    let mean = inverses.iter().sum::<f32>() / inverses.len() as f32;
    (inverses.len() * 2 >= SAMPLE && mean > 0.0).then(|| 1.0 / mean)
}

/// The mean logarithm of how much farther the farthest neighbour is than the others.
fn inverse(top: TopK, metric: Metric) -> Option<f32> {
    let square = |key: f32| if metric == Metric::Cosine { 2.0 + 2.0 * key } else { key };
    let squares: Vec<f32> = top.into_sorted().iter().skip(1).map(|hit| square(hit.key)).collect();
    let (farthest, others) = squares.split_last()?;
    // Keys of equal directions differ from zero by rounding only.
    let least = farthest * 1e-6;
    let apart: Vec<f32> = others.iter().copied().filter(|square| *square > least).collect();
    if apart.len() * 2 < NEAREST || !farthest.is_finite() {
        return None;
    }
    let logs: f32 = apart.iter().map(|square| (farthest / square).ln() / 2.0).sum();
    Some(logs / apart.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauss(rows: usize, dim: usize, constant: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(11);
        let mut normal = || (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
        let row = |_| (0..dim + constant).map(|at| if at < dim { normal() } else { 1.0 }).collect::<Vec<_>>();
        (0..rows).flat_map(row).flat_map(f32::to_le_bytes).collect()
    }

    fn of(data: &[u8], dim: usize, metric: Metric) -> Option<f32> {
        let vectors = VectorsView { data, dim, rows: data.len() / dim / 4, element: Element::F32 };
        intrinsic_dimension(&vectors, metric, 2)
    }

    #[test]
    fn components_that_do_not_vary_do_not_count() {
        let near = |value: Option<f32>, low: f32, high: f32| {
            let value = value.expect("rows lie apart");
            assert!((low..high).contains(&value), "{value}");
        };
        near(of(&gauss(5_000, 4, 12), 16, Metric::L2), 3.2, 4.8);
        near(of(&gauss(5_000, 4, 12), 16, Metric::Ip), 3.2, 4.8);
        near(of(&gauss(5_000, 5, 0), 5, Metric::Cosine), 3.2, 4.8);
        near(of(&gauss(5_000, 32, 0), 32, Metric::L2), 15.0, 30.0);
    }

    #[test]
    fn equal_rows_and_few_rows_say_nothing() {
        assert_eq!(of(&gauss(5_000, 0, 8), 8, Metric::L2), None);
        assert_eq!(of(&gauss(5_000, 0, 8), 8, Metric::Cosine), None);
        assert_eq!(of(&gauss(500, 8, 0), 8, Metric::L2), None);
        let zeros = vec![0u8; 5_000 * 32];
        assert_eq!(of(&zeros, 8, Metric::Cosine), None);
    }
}
