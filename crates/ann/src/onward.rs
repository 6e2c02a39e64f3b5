//! When a search from a key on, or one that later pages go on from, may trust codes.
//!
//! What a page misses no later page finds, for each begins where the one before ended. So rows count from as far below
//! the limit on as codes are off, and a page whose last hits are within that of the last nodes found is not trusted.

use crate::asked::Asked;
use elanus_kernels::TopK;

/// Searches tried, each finding [`WIDER`] times as many nodes as the one before.
pub(crate) const TRIES: usize = 4;
pub(crate) const WIDER: usize = 3;
/// The largest error among few rows is not the largest of all.
const MARGIN: f32 = 1.5;

/// How far keys on codes may be off, by some pairs of a key and an exact one.
pub(crate) fn off(pairs: impl Iterator<Item = (f32, f32)>) -> f32 {
    let errors = pairs.map(|(key, exact)| (key - exact).abs()).filter(|off| off.is_finite());
    errors.fold(0.0, f32::max) * MARGIN
}

/// Whether no node beyond `worst`, by its code, can have an exact key among the hits.
pub(crate) fn is_trusted(asked: &Asked<'_>, hits: &TopK, worst: f32, off: f32) -> bool {
    hits.threshold().min(asked.bound.high) <= worst - off
}
