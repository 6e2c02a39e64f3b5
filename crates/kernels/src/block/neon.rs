//! Versions for ARM processors with NEON: 12 queries by two registers of rows fill 24 of 32 registers.
#![allow(unsafe_code)]

use super::{Line, scalar};
use std::arch::aarch64::*;

/// Rows of a panel.
const ROWS: usize = 8;
/// Queries of a tile.
const QUERIES: usize = 12;
/// Queries whose sums of codes fit the registers.
const HALF: usize = QUERIES / 2;
/// Words of a register.
const LANES: usize = 4;

pub(super) fn floats(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { floats_here(tile, panel, out) }
}

pub(super) fn codes(tile: &[u32], panel: &[u32], _: &[i32], out: &mut [i32]) {
    let (first, second) = out.split_at_mut(out.len().min(HALF * ROWS));
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe {
        codes_here(tile, 0, panel, first);
        codes_here(tile, HALF, panel, second);
    }
}

pub(super) fn below(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { below_here(dots, terms, scales, line) }
}

pub(super) fn transpose(from: &[u32], stride: usize, lanes: usize, to: &mut [u32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { transpose_here(from, stride, lanes, to) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(words: &[u32; LANES]) -> uint32x4_t {
    // SAFETY: the array holds a register.
    unsafe { vld1q_u32(words.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn load_floats(floats: &[f32; LANES]) -> float32x4_t {
    // SAFETY: the array holds a register.
    unsafe { vld1q_f32(floats.as_ptr()) }
}

/// A row of words as registers.
#[inline]
#[target_feature(enable = "neon")]
fn registers<const N: usize>(words: &[u32]) -> [uint32x4_t; N] {
    let words = words.as_chunks::<LANES>().0;
    std::array::from_fn(|at| words.get(at).map_or(vdupq_n_u32(0), |words| load(words)))
}

#[target_feature(enable = "neon")]
fn floats_here(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    let mut sums = [[vdupq_n_f32(0.0); 2]; QUERIES];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        let rows = registers::<2>(rows).map(|words| vreinterpretq_f32_u32(words));
        let queries = registers::<{ QUERIES / LANES }>(queries).map(|words| vreinterpretq_f32_u32(words));
        for (sums, queries) in sums.as_chunks_mut::<LANES>().0.iter_mut().zip(queries) {
            sums[0] = [0, 1].map(|at| vfmaq_laneq_f32::<0>(sums[0][at], rows[at], queries));
            sums[1] = [0, 1].map(|at| vfmaq_laneq_f32::<1>(sums[1][at], rows[at], queries));
            sums[2] = [0, 1].map(|at| vfmaq_laneq_f32::<2>(sums[2][at], rows[at], queries));
            sums[3] = [0, 1].map(|at| vfmaq_laneq_f32::<3>(sums[3][at], rows[at], queries));
        }
    }
    for (sum, out) in sums.into_iter().flatten().zip(out.as_chunks_mut::<LANES>().0) {
        // SAFETY: the array has room for a register.
        unsafe { vst1q_f32(out.as_mut_ptr(), sum) };
    }
}

/// Half of the queries, from `first` on. A register of a panel is four rows of four bytes: products of two rows at a time,
/// pairs of them in one lane, added up in the end.
#[target_feature(enable = "neon")]
fn codes_here(tile: &[u32], first: usize, panel: &[u32], out: &mut [i32]) {
    let mut sums = [[[vdupq_n_s32(0); 2]; 2]; HALF];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        let rows = registers::<2>(rows).map(|words| vreinterpretq_s8_u32(words));
        for (sums, query) in sums.iter_mut().zip(queries.iter().skip(first)) {
            let query = vreinterpretq_s8_u32(vdupq_n_u32(*query));
            for ([low, high], rows) in sums.iter_mut().zip(rows) {
                *low = vpadalq_s16(*low, vmull_s8(vget_low_s8(rows), vget_low_s8(query)));
                *high = vpadalq_s16(*high, vmull_high_s8(rows, query));
            }
        }
    }
    for ([low, high], out) in sums.into_iter().flatten().zip(out.as_chunks_mut::<LANES>().0) {
        // SAFETY: the array has room for a register.
        unsafe { vst1q_s32(out.as_mut_ptr(), vpaddq_s32(low, high)) };
    }
}

#[target_feature(enable = "neon")]
fn below_here(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    let (Some(dots), Some(terms), Some(scales)) =
        (dots.first_chunk::<ROWS>(), terms.first_chunk::<ROWS>(), scales.first_chunk::<ROWS>())
    else {
        return scalar::below(dots, terms, scales, line);
    };
    let [dots, terms, scales] = [dots, terms, scales].map(|floats| floats.as_chunks::<LANES>().0);
    let [base, slope, weight] = [line.base, line.slope, line.weight].map(|value| vdupq_n_f32(value));
    let mut mask = 0;
    for (at, ((dots, terms), scales)) in dots.iter().zip(terms).zip(scales).enumerate() {
        let plus = vaddq_f32(base, vmulq_f32(slope, load_floats(terms)));
        let minus = vmulq_f32(vmulq_f32(weight, load_floats(scales)), load_floats(dots));
        let above = vcgtq_f32(vsubq_f32(plus, minus), vdupq_n_f32(line.limit));
        mask |= vaddvq_u32(vbicq_u32(load(&[1, 2, 4, 8]), above)) << (at * LANES);
    }
    mask
}

/// Four words of four vectors at a time; what is left over word by word.
#[target_feature(enable = "neon")]
fn transpose_here(from: &[u32], stride: usize, lanes: usize, to: &mut [u32]) {
    let steps = to.len() / lanes.max(1);
    let whole = if lanes.is_multiple_of(LANES) { steps / LANES * LANES } else { 0 };
    for first in (0..whole).step_by(LANES) {
        for lane in (0..lanes).step_by(LANES) {
            let word = |n: usize| from.get((lane + n) * stride + first..)?.first_chunk();
            let rows = std::array::from_fn(|n| word(n).map_or(vdupq_n_u32(0), |words| load(words)));
            for (n, column) in transpose_four(rows).into_iter().enumerate() {
                let place = to.get_mut((first + n) * lanes + lane..);
                if let Some(place) = place.and_then(|place| place.first_chunk_mut::<LANES>()) {
                    // SAFETY: the array has room for a register.
                    unsafe { vst1q_u32(place.as_mut_ptr(), column) };
                }
            }
        }
    }
    scalar::transpose_from(from, stride, lanes, to, whole);
}

#[inline]
#[target_feature(enable = "neon")]
fn transpose_four([a, b, c, d]: [uint32x4_t; LANES]) -> [uint32x4_t; LANES] {
    let pairs = [vtrn1q_u32(a, b), vtrn2q_u32(a, b), vtrn1q_u32(c, d), vtrn2q_u32(c, d)];
    let [ab, ab2, cd, cd2] = pairs.map(|words| vreinterpretq_u64_u32(words));
    [vtrn1q_u64(ab, cd), vtrn1q_u64(ab2, cd2), vtrn2q_u64(ab, cd), vtrn2q_u64(ab2, cd2)]
        .map(|words| vreinterpretq_u32_u64(words))
}
