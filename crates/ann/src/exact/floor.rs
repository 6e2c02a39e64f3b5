//! Keys that exact ones are certainly not below, from dot products that were rounded differently.
//!
//! Summing n products in any order, fused or not, is off by at most n · 2⁻²⁴ times the sum of their magnitudes (and a little
//! for n in the thousands), which is at most the product of both lengths. What follows from that for each metric is
//! taken off, with room for the rounding of these few operations themselves.

use elanus_kernels::Metric;
use elanus_kernels::block::Line;

/// Squared lengths outside this range may overflow or lose bits: such rows and queries are compared exactly.
const SAFE: std::ops::Range<f32> = 1e-30..1e30;

/// How floors are computed for a metric and a dimension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Floor {
    metric: Metric,
    /// By how much a sum may be off, as a part of the product of both lengths.
    off: f32,
}

impl Floor {
    pub(super) fn new(metric: Metric, dim: usize) -> Self {
        Self { metric, off: (dim + 32) as f32 * f32::EPSILON * 0.6 }
    }

    /// The line of a query of this squared length.
    pub(super) fn line(&self, square: f32) -> Line {
        let line = |base, slope, weight| Line { base, slope, weight, limit: f32::INFINITY };
        let tiny = f32::MIN_POSITIVE;
        match self.metric {
            _ if !self.knows(square) => line(f32::NAN, 0.0, 0.0),
            Metric::L2 => line(square * (1.0 - 5.0 * self.off) - tiny, 1.0, 2.0),
            Metric::Cosine => line(-6.0 * self.off, 0.0, 1.0 / square.sqrt()),
            _ => line(-tiny, -3.0 * self.off * square.sqrt(), 1.0),
        }
    }

    /// Term and scale of a row of this squared length.
    pub(super) fn numbers(&self, square: f32) -> (f32, f32) {
        match self.metric {
            _ if !self.knows(square) => (0.0, f32::NAN),
            Metric::L2 => (square * (1.0 - 5.0 * self.off), 1.0),
            Metric::Cosine => (0.0, 1.0 / square.sqrt()),
            _ => (square.sqrt(), 1.0),
        }
    }

    fn knows(&self, square: f32) -> bool {
        SAFE.contains(&square) || square == 0.0 && self.metric != Metric::Cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_kernels::{Distance, Element, convert::f32_bytes};

    /// Rows that nearly cancel out, and of very different lengths: where rounding shows most.
    fn row(random: &mut fastrand::Rng, dim: usize, around: f32) -> Vec<f32> {
        let scale = 10f32.powi(random.i32(-3..4));
        (0..dim).map(|_| around + (random.f32() - 0.5) * scale).collect()
    }

    #[test]
    fn no_exact_key_is_below_its_floor() {
        let mut random = fastrand::Rng::with_seed(4);
        for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
            for dim in [1, 3, 40, 900] {
                let floor = Floor::new(metric, dim);
                let distance = Distance::new(metric, Element::F32, dim).expect("legal pair");
                for around in [0.0, 1.0, 1e4] {
                    let (a, b) = (row(&mut random, dim, around), row(&mut random, dim, around));
                    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
                    let (term, scale) = floor.numbers(dot(&b, &b));
                    let bound = floor.line(dot(&a, &a)).key(term, scale, dot(&a, &b));
                    let key = distance.key(&f32_bytes(&a), &f32_bytes(&b));
                    assert!(bound.is_nan() || bound <= key, "{metric} {dim}: {key} below {bound}");
                    assert!(around > 0.0 || bound > key - 0.01 * (dot(&a, &a) + dot(&b, &b)).max(1.0));
                }
            }
        }
    }
}
