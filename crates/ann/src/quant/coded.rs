//! Keys from estimates of inner products.

use super::Quantizer;
use crate::space::codes::NUMBERS;
use crate::space::{Keys, Space};
use elanus_kernels::{Metric, prefetch};
use std::ops::Range;

/// Codes of all rows and their numbers. With `d` an inner product that a [`Quantizer`] estimates, every metric is one
/// formula: key = base + slope · term(row) − weight · scale(row) · d.
#[derive(Clone, Copy)]
pub(crate) struct Coded<'a, Q> {
    pub quantizer: &'a Q,
    /// Codes, row after row.
    pub codes: &'a [u8],
    /// Scale and term, row after row.
    pub numbers: &'a [[u8; NUMBERS]],
}

/// A query with the numbers of the formula.
pub(crate) struct CodedProbe<'a, Q: Quantizer> {
    pub query: &'a Q::Query,
    pub frame: Frame,
}

impl<Q: Quantizer> Clone for CodedProbe<'_, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Quantizer> Copy for CodedProbe<'_, Q> {}

/// The numbers of the formula that belong to a query.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub base: f32,
    pub slope: f32,
    pub weight: f32,
}

impl Frame {
    /// Rows are coded by what they differ from one point, `mean`. Changes the query as it must be before
    /// [`Quantizer::prepare`].
    ///
    /// By cosine both sides have length one and are taken relative to the point, so that the error of the estimate
    /// is in proportion to how far they are from it: q · v = 1 − |q − v|² / 2.
    pub(crate) fn around(metric: Metric, mean: impl Iterator<Item = f32> + Clone, query: &mut [f32]) -> Self {
        let square = |query: &[f32]| query.iter().map(|v| v * v).sum::<f32>();
        match metric {
            Metric::L2 => {
                query.iter_mut().zip(mean).for_each(|(v, mean)| *v -= mean);
                Self { base: square(query), slope: 1.0, weight: 2.0 }
            }
            Metric::Cosine => {
                normalize(query);
                query.iter_mut().zip(mean).for_each(|(v, mean)| *v -= mean);
                Self { base: square(query) / 2.0 - 1.0, slope: 0.5, weight: 1.0 }
            }
            _ => {
                let along: f32 = query.iter().zip(mean).map(|(v, mean)| v * mean).sum();
                Self { base: -along, slope: 0.0, weight: 1.0 }
            }
        }
    }

    /// The formula, for a row's numbers and the inner product with its code.
    #[inline(always)]
    fn key(self, [a, b, c, d, e, f, g, h]: [u8; NUMBERS], dot: f32) -> f32 {
        let (scale, term) = (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]));
        self.base + self.slope * term - self.weight * scale * dot
    }

    /// Changes a row's vector as it must be before [`Quantizer::encode`] and returns the row's term.
    pub(crate) fn shift(metric: Metric, mean: &[f32], vector: &mut [f32]) -> f32 {
        let nothing = metric == Metric::Cosine && !normalize(vector);
        vector.iter_mut().zip(mean).for_each(|(v, mean)| *v -= mean);
        let square: f32 = vector.iter().map(|v| v * v).sum();
        match metric {
            // A vector without a direction is at right angles to all, seen from a query that is as far from the mean
            // as most are.
            Metric::Cosine if nothing => 1.0 + square,
            Metric::L2 | Metric::Cosine => square,
            _ => 0.0,
        }
    }
}

/// Makes a vector's length one; false when it has none.
pub(crate) fn normalize(vector: &mut [f32]) -> bool {
    let square: f64 = vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
    let legal = square > 0.0 && square.is_finite();
    if legal {
        let inverse = 1.0 / square.sqrt();
        vector.iter_mut().for_each(|v| *v = (f64::from(*v) * inverse) as f32);
    }
    legal
}

impl<Q: Quantizer> Space for Coded<'_, Q> {
    type Probe<'p>
        = CodedProbe<'p, Q>
    where
        Self: 'p;

    #[inline]
    fn keys(&self, probe: CodedProbe<'_, Q>, rows: &[u32], out: &mut Keys) {
        self.quantizer.dots(probe.query, self.codes, rows, out);
        for (key, row) in out.keys.iter_mut().zip(rows) {
            *key = probe.frame.key(self.numbers.get(*row as usize).copied().unwrap_or_default(), *key);
        }
    }

    #[inline]
    fn run(&self, probe: CodedProbe<'_, Q>, rows: Range<u32>, out: &mut Keys) {
        let numbers = self.numbers.get(rows.start as usize..rows.end as usize).unwrap_or(&[]);
        self.quantizer.run(probe.query, self.codes, rows, out);
        for (key, numbers) in out.keys.iter_mut().zip(numbers) {
            *key = probe.frame.key(*numbers, *key);
        }
    }

    #[inline(always)]
    fn prefetch(&self, row: u32) {
        prefetch(self.numbers.get(row as usize).map_or(&[], |numbers| numbers.as_slice()), 1);
        let width = self.quantizer.width();
        let start = row as usize * width;
        prefetch(self.codes.get(start..start + width).unwrap_or(&[]), 8);
    }
}
