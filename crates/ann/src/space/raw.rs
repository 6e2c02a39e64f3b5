//! Rows as they are stored, compared exactly.

use super::{Keys, Pairs, Space};
use crate::VectorsView;
use elanus_kernels::{Distance, Metric, prefetch};

/// Rows ahead of the one compared that are asked for.
const AHEAD: usize = 4;
/// Cache lines asked for per row.
const LINES: usize = 8;

/// The column itself.
#[derive(Clone, Copy)]
pub(crate) struct RawSpace<'a> {
    pub distance: Distance,
    pub vectors: VectorsView<'a>,
    /// While building by inner product: what each row lacks to the longest one, see [`super::codes`].
    pub lacks: &'a [f32],
}

/// A vector, and what it lacks to the longest row.
#[derive(Clone, Copy)]
pub(crate) struct RawProbe<'a> {
    vector: &'a [u8],
    lack: f32,
}

impl RawSpace<'_> {
    pub(crate) fn query<'q>(&self, vector: &'q [u8]) -> RawProbe<'q> {
        RawProbe { vector, lack: 0.0 }
    }

    fn lack(&self, row: u32) -> f32 {
        self.lacks.get(row as usize).copied().unwrap_or(0.0)
    }
}

impl Pairs for RawSpace<'_> {
    fn row(&self, row: u32) -> RawProbe<'_> {
        RawProbe { vector: self.vectors.row(row as usize), lack: self.lack(row) }
    }
}

impl Space for RawSpace<'_> {
    type Probe<'p>
        = RawProbe<'p>
    where
        Self: 'p;

    #[inline]
    fn keys(&self, probe: RawProbe<'_>, rows: &[u32], out: &mut Keys) {
        out.keys.clear();
        out.keys.extend(rows.iter().enumerate().map(|(at, row)| {
            if let Some(later) = rows.get(at + AHEAD) {
                self.prefetch(*later);
            }
            let key = self.distance.key(probe.vector, self.vectors.row(*row as usize));
            match probe.lack != 0.0 {
                true => key - probe.lack * self.lack(*row),
                false => key,
            }
        }));
    }

    #[inline(always)]
    fn prefetch(&self, row: u32) {
        prefetch(self.vectors.row(row as usize), LINES);
    }
}

/// What each row lacks to the longest: √(longest² − length²). Empty for other metrics.
pub(crate) fn lacks(metric: Metric, squares: &[f32]) -> Vec<f32> {
    if metric != Metric::Ip {
        return Vec::new();
    }
    let finite = squares.iter().copied().filter(|square| square.is_finite());
    let longest = finite.fold(0.0f32, f32::max);
    squares.iter().map(|square| (longest - square).max(0.0).sqrt()).collect()
}
