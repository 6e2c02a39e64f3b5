//! Versions for x86-64 processors with AVX-512: 12 queries by two registers of rows fill 24 of 32 registers.
#![allow(unsafe_code)]

use super::{Line, scalar};
use std::arch::x86_64::*;

/// Rows of a panel.
const ROWS: usize = 32;
/// Queries of a tile.
const QUERIES: usize = 12;
/// Words of a register.
const LANES: usize = 16;

pub(super) fn floats(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { floats_here(tile, panel, out) }
}

pub(super) fn codes(tile: &[u32], panel: &[u32], surplus: &[i32], out: &mut [i32]) {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { codes_here(tile, panel, surplus, out) }
}

pub(super) fn below(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { below_here(dots, terms, scales, line) }
}

pub(super) fn nearest(dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
    // SAFETY: `Block` hands this out only where the level is supported.
    unsafe { nearest_here(dots, terms, scales, line) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_two(words: &[u32; ROWS]) -> [__m512i; 2] {
    // SAFETY: the array holds two registers; the loads need no alignment.
    unsafe {
        [_mm512_loadu_si512(words.as_ptr().cast()), _mm512_loadu_si512(words.as_ptr().add(LANES).cast())]
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_two(sums: [__m512i; 2], out: &mut [[u8; 4]; ROWS]) {
    // SAFETY: the array holds two registers; the stores need no alignment.
    unsafe {
        _mm512_storeu_si512(out.as_mut_ptr().cast(), sums[0]);
        _mm512_storeu_si512(out.as_mut_ptr().add(LANES).cast(), sums[1]);
    }
}

#[target_feature(enable = "avx512f")]
fn floats_here(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    let mut sums = [[_mm512_setzero_ps(); 2]; QUERIES];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        let [low, high] = load_two(rows).map(|rows| _mm512_castsi512_ps(rows));
        for (sums, query) in sums.iter_mut().zip(queries) {
            let query = _mm512_set1_ps(f32::from_bits(*query));
            sums[0] = _mm512_fmadd_ps(query, low, sums[0]);
            sums[1] = _mm512_fmadd_ps(query, high, sums[1]);
        }
    }
    let out = bytemuck::cast_slice_mut::<f32, [u8; 4]>(out);
    for (sums, out) in sums.into_iter().zip(out.as_chunks_mut().0) {
        store_two(sums.map(|sums| _mm512_castps_si512(sums)), out);
    }
}

/// The queries' bytes are 128 too large; what that adds is the rows' surplus, taken off first.
#[target_feature(enable = "avx512f,avx512vnni")]
fn codes_here(tile: &[u32], panel: &[u32], surplus: &[i32], out: &mut [i32]) {
    let mut taken = [0u32; ROWS];
    taken.iter_mut().zip(surplus).for_each(|(taken, surplus)| *taken = surplus.wrapping_neg() as u32);
    let mut sums = [load_two(&taken); QUERIES];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        let [low, high] = load_two(rows);
        for (sums, query) in sums.iter_mut().zip(queries) {
            let query = _mm512_set1_epi32(*query as i32);
            sums[0] = _mm512_dpbusd_epi32(sums[0], query, low);
            sums[1] = _mm512_dpbusd_epi32(sums[1], query, high);
        }
    }
    let out = bytemuck::cast_slice_mut::<i32, [u8; 4]>(out);
    for (sums, out) in sums.into_iter().zip(out.as_chunks_mut().0) {
        store_two(sums, out);
    }
}

#[target_feature(enable = "avx512f")]
fn below_here(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    let (Some(dots), Some(terms), Some(scales)) =
        (dots.first_chunk::<ROWS>(), terms.first_chunk::<ROWS>(), scales.first_chunk::<ROWS>())
    else {
        return scalar::below(dots, terms, scales, line);
    };
    let [base, slope, weight] = [line.base, line.slope, line.weight].map(|value| _mm512_set1_ps(value));
    let limit = _mm512_set1_ps(line.limit);
    let mut mask = 0;
    for at in [0, LANES] {
        // SAFETY: every array holds two registers; the loads need no alignment.
        let [dots, terms, scales] =
            unsafe { [dots, terms, scales].map(|floats| _mm512_loadu_ps(floats.as_ptr().add(at))) };
        let plus = _mm512_add_ps(base, _mm512_mul_ps(slope, terms));
        let key = _mm512_sub_ps(plus, _mm512_mul_ps(_mm512_mul_ps(weight, scales), dots));
        mask |= u32::from(_mm512_cmp_ps_mask::<_CMP_NGT_UQ>(key, limit)) << at;
    }
    mask
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn nearest_here(dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
    scalar::nearest(dots, terms, scales, line)
}
