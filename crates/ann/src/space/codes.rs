//! Rows as one-byte codes.
//!
//! With `s` the scale of a code and `d` the dot product of two codes, every metric is one formula:
//! key = base + slope · term(row) − weight · s(row) · d. The term of a row is its squared length for L2, and for
//! inner products what it lacks to the longest row (see [`CodeSpace::row`]).

use super::{Keys, Pairs, Space};
use elanus_kernels::block::Line;
use elanus_kernels::{CodeDot, Metric, code, prefetch};

/// Bytes of the numbers that belong to a code: scale and term, as floats.
pub(crate) const NUMBERS: usize = 8;

/// Codes of all rows and their numbers.
#[derive(Clone, Copy)]
pub(crate) struct CodeSpace<'a> {
    pub metric: Metric,
    pub dot: CodeDot,
    /// Bytes of a code.
    pub width: usize,
    /// Codes, row after row.
    pub codes: &'a [u8],
    /// Scale and term, row after row.
    pub numbers: &'a [[u8; NUMBERS]],
}

/// A code with the numbers of the formula.
#[derive(Clone, Copy)]
pub(crate) struct CodeProbe<'a> {
    code: &'a [u8],
    base: f32,
    slope: f32,
    weight: f32,
}

impl CodeProbe<'_> {
    /// The formula, without a limit.
    pub(crate) fn line(&self) -> Line {
        Line { base: self.base, slope: self.slope, weight: self.weight, limit: f32::INFINITY }
    }
}

impl<'a> CodeSpace<'a> {
    /// The code of a row; empty when there is no such row.
    pub(crate) fn code(&self, row: u32) -> &'a [u8] {
        let start = row as usize * self.width;
        self.codes.get(start..start + self.width).unwrap_or(&[])
    }

    /// Scale and term of a row.
    #[inline(always)]
    pub(crate) fn numbers(&self, row: u32) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h] = self.numbers.get(row as usize).copied().unwrap_or_default();
        (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
    }

    /// A row as if it were a query.
    pub(crate) fn row_as_query(&self, row: u32) -> CodeProbe<'_> {
        self.query(self.code(row), self.numbers(row).0)
    }

    /// A query whose code and scale these are.
    pub(crate) fn query<'q>(&self, code: &'q [u8], scale: f32) -> CodeProbe<'q>
    where
        'a: 'q,
    {
        match self.metric {
            Metric::L2 => {
                let term = squared_length(&self.dot, code, scale);
                CodeProbe { code, base: term, slope: 1.0, weight: 2.0 * scale }
            }
            _ => CodeProbe { code, base: 0.0, slope: 0.0, weight: scale },
        }
    }
}

/// |code · scale|².
pub(crate) fn squared_length(dot: &CodeDot, code: &[u8], scale: f32) -> f32 {
    dot.dot(code, code) as f32 * scale * scale
}

impl Pairs for CodeSpace<'_> {
    /// For inner products rows get one more component, which makes all equally long: then the nearest by inner
    /// product are the nearest in space, and links lead somewhere. Queries have zero there.
    fn row(&self, row: u32) -> CodeProbe<'_> {
        let (scale, term) = self.numbers(row);
        let code = self.code(row);
        match self.metric {
            Metric::L2 => CodeProbe { code, base: term, slope: 1.0, weight: 2.0 * scale },
            Metric::Ip => CodeProbe { code, base: 0.0, slope: -term, weight: scale },
            _ => CodeProbe { code, base: 0.0, slope: 0.0, weight: scale },
        }
    }
}

impl<'a> Space for CodeSpace<'a> {
    type Probe<'p>
        = CodeProbe<'p>
    where
        Self: 'p;

    #[inline]
    fn keys(&self, probe: CodeProbe<'_>, rows: &[u32], out: &mut Keys) {
        for row in rows {
            prefetch(self.numbers.get(*row as usize).map_or(&[], |numbers| numbers.as_slice()), 1);
        }
        self.dot.dots(probe.code, self.codes, rows, &mut out.dots);
        out.keys.clear();
        out.keys.extend(rows.iter().zip(&out.dots).map(|(row, dot)| {
            let (scale, term) = self.numbers(*row);
            probe.base + probe.slope * term - probe.weight * scale * *dot as f32
        }));
    }

    #[inline(always)]
    fn prefetch(&self, row: u32) {
        prefetch(self.code(row), 8);
    }
}

/// Codes of a block of rows, made while building.
pub(crate) struct Encoder<'a> {
    pub metric: Metric,
    pub dot: CodeDot,
    /// What is taken off every vector first: for L2, where only differences count, the mean.
    pub mean: &'a [f32],
}

impl Encoder<'_> {
    /// Appends the code of a vector, which is changed on the way, and returns its scale.
    pub(crate) fn encode(&self, vector: &mut [f32], codes: &mut Vec<u8>) -> f32 {
        match self.metric {
            Metric::Cosine => normalize(vector),
            _ => vector.iter_mut().zip(self.mean).for_each(|(v, mean)| *v -= mean),
        }
        code::quantize(vector, codes)
    }

    /// The code's term, but for inner products, which need all rows.
    pub(crate) fn term(&self, code: &[u8], scale: f32) -> f32 {
        match self.metric {
            Metric::Cosine => 0.0,
            _ => squared_length(&self.dot, code, scale),
        }
    }
}

fn normalize(vector: &mut [f32]) {
    let squares: f64 = vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
    if squares > 0.0 && squares.is_finite() {
        let inverse = 1.0 / squares.sqrt();
        vector.iter_mut().for_each(|v| *v = (f64::from(*v) * inverse) as f32);
    }
}
