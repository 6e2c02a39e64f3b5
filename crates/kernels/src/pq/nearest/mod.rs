//! The nearest of the centres of a piece, for a strip of vectors.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

use super::strips::{LANES, Lane};
use crate::Level;

/// What is nearest to each vector of a strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    /// Squared distances; infinite where no centre is at a finite one.
    pub squares: Lane,
    /// Numbers of the centres, the first among equals; 0 where no centre is at a finite distance.
    pub numbers: [u32; LANES],
}

/// The nearest of `centres`, which lie one after the other, each with a float for every lane of `strip`.
///
/// All levels add the same squares in the same order: their results are equal to the last bit.
pub(super) fn nearest(level: Level, strip: &[Lane], centres: &[f32]) -> Nearest {
    let kernel: fn(&[Lane], &[f32]) -> Nearest = match level.or_below() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512::nearest,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => avx2::nearest,
        #[cfg(target_arch = "aarch64")]
        Level::Neon => neon::nearest,
        _ => scalar::nearest,
    };
    kernel(strip, centres)
}
