//! Versions for x86-64 processors with AVX2 and FMA: 6 queries by two registers of rows fill 12 of 16 registers.
#![allow(unsafe_code)]

use super::{Line, scalar};
use std::arch::x86_64::*;

/// Rows of a panel.
const ROWS: usize = 16;
/// Queries of a tile.
const QUERIES: usize = 6;
/// Words of a register.
const LANES: usize = 8;

pub(super) fn floats(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { floats_here(tile, panel, out) }
}

pub(super) fn codes(tile: &[u32], panel: &[u32], _: &[i32], out: &mut [i32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { codes_here(tile, panel, out) }
}

pub(super) fn below(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { below_here(dots, terms, scales, line) }
}

pub(super) fn nearest(dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { nearest_here(dots, terms, scales, line) }
}

pub(super) fn transpose(from: &[u32], stride: usize, lanes: usize, to: &mut [u32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { transpose_here(from, stride, lanes, to) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(words: &[u32; LANES]) -> __m256i {
    // SAFETY: the array holds a register; the load needs no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(register: __m256i, out: &mut [[u8; 4]; LANES]) {
    // SAFETY: the array holds a register; the store needs no alignment.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), register) }
}

/// Adds to the sums of every query for every step of tile and panel, then writes them to `out`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn walk(
    tile: &[u32],
    panel: &[u32],
    out: &mut [[u8; 4]],
    add: impl Fn(__m256i, __m256i, __m256i) -> __m256i,
) {
    let mut sums = [[_mm256_setzero_si256(); 2]; QUERIES];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        let (Some(low), Some(high)) = (rows.first_chunk(), rows.last_chunk()) else { return };
        let (low, high) = (load(low), load(high));
        for (sums, query) in sums.iter_mut().zip(queries) {
            let query = _mm256_set1_epi32(*query as i32);
            sums[0] = add(sums[0], query, low);
            sums[1] = add(sums[1], query, high);
        }
    }
    for (sum, out) in sums.into_iter().flatten().zip(out.as_chunks_mut().0) {
        store(sum, out);
    }
}

#[target_feature(enable = "avx2,fma")]
fn floats_here(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    walk(tile, panel, bytemuck::cast_slice_mut(out), |sum, query, row| {
        let [sum, query, row] = [sum, query, row].map(|words| _mm256_castsi256_ps(words));
        _mm256_castps_si256(_mm256_fmadd_ps(query, row, sum))
    });
}

#[target_feature(enable = "avx2,fma")]
fn codes_here(tile: &[u32], panel: &[u32], out: &mut [i32]) {
    walk(tile, panel, bytemuck::cast_slice_mut(out), |sum, query, row| {
        _mm256_add_epi32(sum, _mm256_madd_epi16(query, row))
    });
}

#[target_feature(enable = "avx2")]
fn below_here(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    let (Some(dots), Some(terms), Some(scales)) =
        (dots.first_chunk::<ROWS>(), terms.first_chunk::<ROWS>(), scales.first_chunk::<ROWS>())
    else {
        return scalar::below(dots, terms, scales, line);
    };
    let [base, slope, weight] = [line.base, line.slope, line.weight].map(|value| _mm256_set1_ps(value));
    let limit = _mm256_set1_ps(line.limit);
    let mut mask = 0;
    for at in [0, LANES] {
        // SAFETY: every array holds two registers; the loads need no alignment.
        let [dots, terms, scales] =
            unsafe { [dots, terms, scales].map(|floats| _mm256_loadu_ps(floats.as_ptr().add(at))) };
        let plus = _mm256_add_ps(base, _mm256_mul_ps(slope, terms));
        let key = _mm256_sub_ps(plus, _mm256_mul_ps(_mm256_mul_ps(weight, scales), dots));
        mask |= (_mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NGT_UQ>(key, limit)) as u32) << at;
    }
    mask
}

#[target_feature(enable = "avx2")]
fn nearest_here(dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
    scalar::nearest(dots, terms, scales, line)
}

/// Eight words of eight vectors at a time; what is left over word by word.
#[target_feature(enable = "avx2")]
fn transpose_here(from: &[u32], stride: usize, lanes: usize, to: &mut [u32]) {
    let steps = to.len() / lanes.max(1);
    let whole = if lanes.is_multiple_of(LANES) { steps / LANES * LANES } else { 0 };
    for first in (0..whole).step_by(LANES) {
        for lane in (0..lanes).step_by(LANES) {
            let word = |n: usize| from.get((lane + n) * stride + first..)?.first_chunk();
            let rows = std::array::from_fn(|n| word(n).map_or(_mm256_setzero_si256(), |words| load(words)));
            for (n, column) in transpose_eight(rows).into_iter().enumerate() {
                let place = to.get_mut((first + n) * lanes + lane..);
                if let Some(place) = place.and_then(|place| place.first_chunk_mut::<LANES>()) {
                    store(column, bytemuck::cast_mut(place));
                }
            }
        }
    }
    scalar::transpose_from(from, stride, lanes, to, whole);
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose_eight(rows: [__m256i; LANES]) -> [__m256i; LANES] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (ab, ab2) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let (cd, cd2) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    let (ef, ef2) = (_mm256_unpacklo_epi32(e, f), _mm256_unpackhi_epi32(e, f));
    let (gh, gh2) = (_mm256_unpacklo_epi32(g, h), _mm256_unpackhi_epi32(g, h));
    // Columns n and n + 4 of the first four rows, then of the last four.
    let first = [
        _mm256_unpacklo_epi64(ab, cd),
        _mm256_unpackhi_epi64(ab, cd),
        _mm256_unpacklo_epi64(ab2, cd2),
        _mm256_unpackhi_epi64(ab2, cd2),
    ];
    let last = [
        _mm256_unpacklo_epi64(ef, gh),
        _mm256_unpackhi_epi64(ef, gh),
        _mm256_unpacklo_epi64(ef2, gh2),
        _mm256_unpackhi_epi64(ef2, gh2),
    ];
    std::array::from_fn(|n| match n < 4 {
        true => _mm256_permute2x128_si256::<0x20>(first[n], last[n]),
        false => _mm256_permute2x128_si256::<0x31>(first[n - 4], last[n - 4]),
    })
}
