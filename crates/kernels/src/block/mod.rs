//! Many against many: dot products of a tile of queries with a panel of rows.
//!
//! Both are packed first: words of 32 bits lie side by side, the first word of every vector, then the second of every
//! vector, and so on, zeros where there are fewer vectors than [`Block::rows`] or [`Block::queries`]. A step of the kernel
//! then takes one word of each query and one of each row, and the sums stay in registers. Words are floats
//! ([`Numbers`]) or a few bytes of a code ([`Codes`]); tiles are chosen so that they fill the registers of a level.
//!
//! Every sum runs over the words in order, so results do not depend on which vectors share a tile or a panel.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pack;
mod scalar;
#[cfg(test)]
mod tests;

pub use pack::Packer;

use crate::{Element, Level};
use std::marker::PhantomData;

/// Rows of a panel at most, of any level.
pub const MOST_ROWS: usize = 32;
/// Queries of a tile at most, of any level.
pub const MOST_QUERIES: usize = 12;

type FloatTile = fn(&[u32], &[u32], &mut [f32]);
type CodeTile = fn(&[u32], &[u32], &[i32], &mut [i32]);
type BelowFn = fn(&[f32], &[f32], &[f32], &Line) -> u32;
type NearestFn = fn(&[i32], &[f32], &[f32], &Line) -> Option<u32>;
type TransposeFn = fn(&[u32], usize, usize, &mut [u32]);

/// A key as a function of a dot product and two numbers of the row:
/// base + slope · term(row) − weight · scale(row) · dot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// What all rows have in common.
    pub base: f32,
    /// Times the row's term.
    pub slope: f32,
    /// Times the row's scale and the dot product.
    pub weight: f32,
    /// Keys of interest are not above it.
    pub limit: f32,
}

impl Line {
    /// The key.
    #[inline(always)]
    pub fn key(&self, term: f32, scale: f32, dot: f32) -> f32 {
        self.base + self.slope * term - self.weight * scale * dot
    }
}

/// Vectors of numbers, compared as floats.
#[derive(Clone, Copy, Debug)]
pub struct Numbers;

/// Codes of signed bytes.
#[derive(Clone, Copy, Debug)]
pub struct Codes;

/// The kernels of one level; `T` says what words are.
#[derive(Clone, Copy, Debug)]
pub struct Block<T> {
    level: Level,
    rows: usize,
    queries: usize,
    what: PhantomData<T>,
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Self::at(Level::chosen())
    }
}

impl<T> Block<T> {
    /// The kernels of a level, or of the highest one below it that this processor has.
    pub fn at(level: Level) -> Self {
        let level = level.or_below();
        let (rows, queries) = match level {
            Level::Scalar => (8, 4),
            Level::Neon => (8, 12),
            Level::Avx2 => (16, 6),
            Level::Avx512 => (32, 12),
        };
        Self { level, rows, queries, what: PhantomData }
    }

    /// Rows of a panel.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Queries of a tile.
    pub fn queries(&self) -> usize {
        self.queries
    }

    fn transpose(&self) -> TransposeFn {
        match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => avx2::transpose,
            #[cfg(target_arch = "aarch64")]
            Level::Neon => neon::transpose,
            _ => scalar::transpose,
        }
    }
}

impl Block<Numbers> {
    /// Packs vectors of `element` into panels of rows.
    pub fn row_packer(&self, element: Element, dim: usize) -> Packer {
        Packer::numbers(self.rows, self.transpose(), element, dim)
    }

    /// Packs vectors of `element` into tiles of queries.
    pub fn query_packer(&self, element: Element, dim: usize) -> Packer {
        Packer::numbers(self.queries, self.transpose(), element, dim)
    }

    /// Writes to `out` the dot products of a tile with a panel: those of the first query with all rows, then those of the
    /// second, and so on.
    pub fn dots(&self, tile: &[u32], panel: &[u32], out: &mut [f32]) {
        let kernel: FloatTile = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::floats,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::floats,
            #[cfg(target_arch = "aarch64")]
            Level::Neon => neon::floats,
            _ => scalar::floats,
        };
        kernel(tile, panel, out);
    }

    /// Which rows of a panel (by bit, the first row lowest) have a key that is not above the line's limit, NaN included,
    /// for one query's dot products.
    #[inline]
    pub fn below(&self, dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
        let kernel: BelowFn = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::below,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::below,
            #[cfg(target_arch = "aarch64")]
            Level::Neon => neon::below,
            _ => scalar::below,
        };
        kernel(dots, terms, scales, line)
    }
}

impl Block<Codes> {
    /// Packs codes of `len` bytes into panels of rows.
    pub fn row_packer(&self, len: usize) -> Packer {
        Packer::codes(self.rows, self.transpose(), self.bytes(), len)
    }

    /// Packs codes of `len` bytes into tiles of queries.
    pub fn query_packer(&self, len: usize) -> Packer {
        let bytes = if self.is_offset() { pack::Bytes::Offset } else { self.bytes() };
        Packer::codes(self.queries, self.transpose(), bytes, len)
    }

    /// What [`Block::dots`] needs to know of each row of a panel; to be handed back to it.
    pub fn surplus(&self, code: &[u8]) -> i32 {
        match self.is_offset() {
            true => code.iter().map(|byte| i32::from(*byte as i8)).sum::<i32>().wrapping_mul(128),
            false => 0,
        }
    }

    /// Writes to `out` the exact dot products of a tile with a panel: those of the first query with all rows, then those of
    /// the second, and so on. `surplus` is that of every row of the panel. They must fit 32 bits.
    pub fn dots(&self, tile: &[u32], panel: &[u32], surplus: &[i32], out: &mut [i32]) {
        let kernel: CodeTile = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::codes,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::codes,
            #[cfg(target_arch = "aarch64")]
            Level::Neon => neon::codes,
            _ => scalar::codes,
        };
        kernel(tile, panel, surplus, out);
    }

    /// The first row with the smallest key, in the order of [`f32::total_cmp`]; the line's limit does not count.
    pub fn nearest(&self, dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
        let kernel: NearestFn = match self.level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::nearest,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::nearest,
            _ => scalar::nearest,
        };
        kernel(dots, terms, scales, line)
    }

    fn is_offset(&self) -> bool {
        self.level == Level::Avx512
    }

    fn bytes(&self) -> pack::Bytes {
        match self.level {
            Level::Avx512 | Level::Neon => pack::Bytes::Four,
            Level::Scalar | Level::Avx2 => pack::Bytes::Pairs,
        }
    }
}
