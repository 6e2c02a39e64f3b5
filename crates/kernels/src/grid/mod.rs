//! Codes of one to eight bits per component, and their dot products with one-byte codes.
//!
//! A component is a whole number `u` below 2^bits that stands for `(u − middle) · step`; the code of a vector is the
//! one among those of several steps that points most nearly in the vector's direction (Gao et al., "Practical and
//! asymptotically optimal quantization of high-dimensional vectors", SIGMOD 2025; with one bit the signs, Gao and Long,
//! "RaBitQ", SIGMOD 2024). Instead of the step a code carries `scale`, which makes scale · ⟨code, vector⟩ the squared
//! length of the vector: so estimates of inner products lean to neither side once components were mixed by
//! [`crate::Rotation`].
//!
//! Codes lie in blocks of 64 components: for each whole four bits 32 bytes (byte `i` holds component `i` below and
//! `i + 32` above), then for each further bit eight bytes with one bit per component. Bits of the bytes weigh more.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod encode;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

pub use encode::encode;

use crate::{Level, prefetch};

/// Components of a block.
pub const BLOCK: usize = 64;
/// Most bits per component.
pub const MOST_BITS: usize = 8;

/// Cache lines asked for per code.
const LINES: usize = 8;
/// Rows computed side by side.
const TOGETHER: usize = 4;

/// Calls a function with the number of parts of four bits and of one as constants.
macro_rules! by_parts {
    ($layout:expr, $function:ident($($argument:expr),*)) => {
        match $layout.parts() {
            (0, 1) => $function::<0, 1>($($argument),*),
            (0, 2) => $function::<0, 2>($($argument),*),
            (0, 3) => $function::<0, 3>($($argument),*),
            (1, 0) => $function::<1, 0>($($argument),*),
            (1, 1) => $function::<1, 1>($($argument),*),
            (1, 2) => $function::<1, 2>($($argument),*),
            (1, 3) => $function::<1, 3>($($argument),*),
            _ => $function::<2, 0>($($argument),*),
        }
    };
}
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use by_parts;

type DotsFn = fn(&Layout, &[u8], &[u8], &[u32], &mut Vec<i32>);

/// How the codes of one column lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bits per component, 1 to 8.
    pub bits: usize,
    /// Blocks per code.
    pub blocks: usize,
}

impl Layout {
    /// Codes of `bits` (taken into 1..=8) for vectors of `dim` components.
    pub fn new(bits: usize, dim: usize) -> Self {
        Self { bits: bits.clamp(1, MOST_BITS), blocks: dim.div_ceil(BLOCK) }
    }

    /// Parts of four bits, and single bits.
    const fn parts(&self) -> (usize, usize) {
        (self.bits / 4, self.bits % 4)
    }

    /// Bytes of a block.
    const fn block(&self) -> usize {
        self.bits * (BLOCK / 8)
    }

    /// Bytes of a code.
    pub const fn width(&self) -> usize {
        self.blocks * self.block()
    }

    /// Bytes of a query's one-byte code: whole blocks.
    pub const fn query_width(&self) -> usize {
        self.blocks * BLOCK
    }

    /// What a component's number is reduced by: half the largest.
    pub fn middle(&self) -> f32 {
        ((1u32 << self.bits) - 1) as f32 / 2.0
    }
}

/// Dot products between codes and queries; the instruction set is chosen once, when it is made.
#[derive(Clone, Copy, Debug)]
pub struct GridDot {
    many: DotsFn,
}

impl Default for GridDot {
    fn default() -> Self {
        Self::new()
    }
}

impl GridDot {
    /// The version of the level in use (see [`crate::isa`]).
    pub fn new() -> Self {
        Self::at(Level::chosen())
    }

    /// The version of a level, or of the highest one below it that this processor has.
    pub fn at(level: Level) -> Self {
        match level.or_below() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Self { many: avx512::dots },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self { many: avx2::dots },
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self { many: neon::dots },
            _ => Self { many: scalar::dots },
        }
    }

    /// Writes to `out`, cleared first, Σ u · q for each of some `rows` of a block of codes. `query` holds
    /// [`Layout::query_width`] signed bytes within ±127, zeros after the last component. A row outside the block, or a
    /// query of another length, counts as zeros.
    #[inline]
    pub fn dots(&self, layout: &Layout, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
        out.clear();
        if query.len() != layout.query_width() {
            out.resize(rows.len(), 0);
            return;
        }
        (self.many)(layout, query, codes, rows, out);
    }
}

/// The code of a row, empty when it is outside.
#[inline(always)]
fn code(codes: &[u8], width: usize, row: u32) -> &[u8] {
    let start = row as usize * width;
    codes.get(start..start + width).unwrap_or(&[])
}

/// Asks for the codes of the first `count` rows.
#[inline(always)]
fn ahead(codes: &[u8], width: usize, rows: &[u32], count: usize) {
    for row in rows.iter().take(count) {
        prefetch(code(codes, width, *row), LINES);
    }
}

/// Takes rows in groups of [`TOGETHER`]; groups with a row outside go one by one.
#[inline(always)]
fn grouped(
    layout: &Layout,
    query: &[u8],
    codes: &[u8],
    rows: &[u32],
    out: &mut Vec<i32>,
    four: impl Fn([&[u8]; TOGETHER]) -> [i32; TOGETHER],
) {
    let width = layout.width();
    let (groups, rest) = rows.as_chunks::<TOGETHER>();
    let mut take = |group: [u32; TOGETHER], count: usize| {
        let group = group.map(|row| code(codes, width, row));
        match group.iter().all(|code| code.len() == width) {
            true => out.extend(four(group).iter().take(count)),
            false => out.extend(group.iter().take(count).map(|code| scalar::dot(layout, query, code))),
        }
    };
    for (done, group) in groups.iter().enumerate() {
        ahead(codes, width, &rows[(done + 1) * TOGETHER..], TOGETHER);
        take(*group, TOGETHER);
    }
    if let Some(last) = rest.last() {
        let mut group = [*last; TOGETHER];
        group.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        take(group, rest.len());
    }
}
