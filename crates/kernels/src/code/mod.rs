//! One-byte codes: a vector as signed bytes and a scale, and dot products between codes.
//!
//! Codes lie row after row in one block, [`stride`] bytes each, zeros after the last component. Components are
//! within ±127, which [`CodeDot::new`] relies on for exact sums (−128 may give a wrong sum, nothing worse);
//! [`CodeDot::any_bytes`] takes all.

use crate::{Level, prefetch};

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(test)]
mod tests;

/// Codes fill whole blocks of this many bytes.
pub const BLOCK: usize = 32;

/// Largest magnitude of a component.
const LARGEST: f32 = 127.0;

type DotFn = fn(&[u8], &[u8]) -> i32;
type DotsFn = fn(&[u8], &[u8], &[u32], &mut Vec<i32>);

/// Bytes of a code of `dim` components.
pub const fn stride(dim: usize) -> usize {
    dim.next_multiple_of(BLOCK)
}

/// Appends the code of `vector` and returns its scale: component ≈ byte × scale. A vector without a finite
/// non-zero component becomes zeros with scale 0.
pub fn quantize(vector: &[f32], out: &mut Vec<u8>) -> f32 {
    let largest = largest(vector);
    let inverse = LARGEST / largest;
    let legal = largest > 0.0 && largest.is_finite() && inverse.is_finite();
    let inverse = if legal { inverse } else { 0.0 };
    out.extend(vector.iter().map(|v| nearest(v * inverse)));
    out.resize(out.len() + stride(vector.len()) - vector.len(), 0);
    if legal { largest / LARGEST } else { 0.0 }
}

/// Dot products between codes; the instruction set is chosen once, when it is made.
#[derive(Clone, Copy, Debug)]
pub struct CodeDot {
    one: DotFn,
    many: DotsFn,
}

/// The largest magnitude, NaN left out; by lanes, since one running maximum waits for itself.
fn largest(vector: &[f32]) -> f32 {
    let mut most = [0.0f32; 16];
    let (blocks, rest) = vector.as_chunks::<16>();
    for block in blocks {
        most.iter_mut().zip(block).for_each(|(most, v)| *most = most.max(v.abs()));
    }
    most.iter().chain(rest).fold(0.0, |most, v| most.max(v.abs()))
}

/// The nearest whole number, ties to even, as a signed byte; 0 for NaN. Adding 1.5 · 2²³ leaves the whole number in the
/// lowest bits, without a call per component as rounding is on processors without the instruction.
#[inline(always)]
fn nearest(value: f32) -> u8 {
    let known = if value.is_nan() { 0.0 } else { value };
    (known + 12_582_912.0).to_bits() as u8
}

impl Default for CodeDot {
    fn default() -> Self {
        Self::new()
    }
}

impl CodeDot {
    /// The version of the level in use (see [`crate::isa`]).
    pub fn new() -> Self {
        Self::at(Level::chosen())
    }

    /// The version of a level, or of the highest one below it that this processor has.
    pub fn at(level: Level) -> Self {
        match level.or_below() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Self { one: avx512::dot, many: avx512::dots },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self { one: avx2::dot, many: avx2::dots },
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self { one: neon::dot::<false>, many: neon::dots::<false> },
            _ => Self::scalar(),
        }
    }

    /// As [`CodeDot::new`], but exact for every byte, −128 included.
    pub fn any_bytes() -> Self {
        Self::any_bytes_at(Level::chosen())
    }

    /// As [`CodeDot::at`], but exact for every byte, −128 included.
    pub fn any_bytes_at(level: Level) -> Self {
        match level.or_below() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self { one: avx2::dot_any, many: avx2::dots_any },
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self { one: neon::dot::<true>, many: neon::dots::<true> },
            level => Self::at(level),
        }
    }

    /// The plain version that every processor runs.
    pub fn scalar() -> Self {
        Self { one: plain_dot, many: plain_dots }
    }

    /// The dot product of two codes of equal length.
    #[inline]
    pub fn dot(&self, a: &[u8], b: &[u8]) -> i32 {
        (self.one)(a, b)
    }

    /// Writes to `out`, cleared first, the dot product of `query` with each of some `rows` of a block of codes
    /// that are as long as the query. A row outside the block counts as zeros.
    #[inline]
    pub fn dots(&self, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
        (self.many)(query, codes, rows, out);
    }
}

fn plain_dot(a: &[u8], b: &[u8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x as i8) * i32::from(*y as i8)).sum()
}

fn plain_dots(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    out.clear();
    out.extend(rows.iter().map(|row| plain_dot(query, code(codes, query.len(), *row))));
}

/// Rows computed side by side.
const TOGETHER: usize = 4;

/// Takes rows in groups of [`TOGETHER`] where codes are whole blocks as long as the query, else one by one.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn grouped(
    query: &[u8],
    codes: &[u8],
    rows: &[u32],
    out: &mut Vec<i32>,
    four: impl Fn([&[u8]; TOGETHER]) -> [i32; TOGETHER],
    one: impl Fn(&[u8]) -> i32,
) {
    out.clear();
    let (groups, rest) = rows.as_chunks::<TOGETHER>();
    for (done, group) in groups.iter().enumerate() {
        ahead(codes, query.len(), &rows[(done + 1) * TOGETHER..], TOGETHER);
        let group = group.map(|row| code(codes, query.len(), row));
        if query.len().is_multiple_of(BLOCK) && group.iter().all(|code| code.len() == query.len()) {
            out.extend(four(group));
        } else {
            out.extend(group.map(&one));
        }
    }
    out.extend(rest.iter().map(|row| one(code(codes, query.len(), *row))));
}

/// Rows whose codes are asked for before they are needed, at most this many cache lines each.
const LINES_AHEAD: usize = 16;

/// Asks for the codes of the first `count` rows.
#[inline(always)]
fn ahead(codes: &[u8], len: usize, rows: &[u32], count: usize) {
    for row in rows.iter().take(count) {
        prefetch(code(codes, len, *row), LINES_AHEAD);
    }
}

/// The code of a row, empty when it is outside the block.
#[inline]
fn code(codes: &[u8], len: usize, row: u32) -> &[u8] {
    let start = row as usize * len;
    codes.get(start..start + len).unwrap_or(&[])
}
