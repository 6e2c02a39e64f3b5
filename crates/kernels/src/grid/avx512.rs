//! Versions for x86-64 processors with AVX-512 and its byte dot products (VNNI).
//!
//! A code's numbers are positive bytes, as the instruction wants its first factor.
#![allow(unsafe_code)]

use super::{BLOCK, Layout, TOGETHER, by_parts, grouped};
use std::arch::x86_64::*;

pub(super) fn dots(layout: &Layout, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `GridDot` hands this out only at levels that the processor has, and only with queries of whole blocks.
    unsafe { by_parts!(layout, dots_of(layout, query, codes, rows, out)) }
}

/// # Safety
/// The processor has the features, and the layout has `N` parts of four bits and `P` of one.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn dots_of<const N: usize, const P: usize>(
    layout: &Layout,
    query: &[u8],
    codes: &[u8],
    rows: &[u32],
    out: &mut Vec<i32>,
) {
    // SAFETY: `grouped` hands out whole codes, and the query has as many blocks.
    grouped(layout, query, codes, rows, out, |group| unsafe { four::<N, P>(query, group) });
}

/// # Safety
/// The processor has the features, and every code holds as many blocks as the query.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn four<const N: usize, const P: usize>(query: &[u8], codes: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let size = (4 * N + P) * (BLOCK / 8);
    let mut sums = [_mm512_setzero_si512(); TOGETHER];
    for block in 0..query.len() / BLOCK {
        // SAFETY: the query has this block.
        let signed = unsafe { _mm512_loadu_si512(query.as_ptr().add(block * BLOCK).cast()) };
        for (sum, code) in sums.iter_mut().zip(codes) {
            // SAFETY: the code has this block, `size` bytes long.
            let numbers = unsafe { numbers::<N, P>(code.as_ptr().add(block * size)) };
            *sum = _mm512_dpbusd_epi32(*sum, numbers, signed);
        }
    }
    add_lanes(sums)
}

/// # Safety
/// A block of `N` parts of four bits and `P` of one is readable at `p`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn numbers<const N: usize, const P: usize>(p: *const u8) -> __m512i {
    let low = _mm512_set1_epi8(15);
    let mut numbers = _mm512_setzero_si512();
    for part in 0..N {
        // SAFETY: the caller's promise; the load needs no alignment.
        let bytes = unsafe { _mm256_loadu_si256(p.add(part * 32).cast()) };
        let both = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(bytes), _mm256_srli_epi16::<4>(bytes));
        let bits = _mm512_and_si512(both, low);
        // Numbers hold at most 4 bits here, so the shift within 16-bit lanes carries nothing over.
        numbers = if part == 0 { bits } else { _mm512_or_si512(_mm512_slli_epi16::<4>(numbers), bits) };
    }
    for plane in 0..P {
        // SAFETY: as above.
        let mask = unsafe { p.add(N * 32 + plane * 8).cast::<u64>().read_unaligned() };
        let shifted = _mm512_add_epi8(numbers, numbers);
        numbers = _mm512_mask_add_epi8(shifted, mask, shifted, _mm512_set1_epi8(1));
    }
    numbers
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn add_lanes(sums: [__m512i; TOGETHER]) -> [i32; TOGETHER] {
    let halves = sums.map(|v| _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64::<1>(v)));
    let pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(halves[0], halves[1]), _mm256_hadd_epi32(halves[2], halves[3]));
    let four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
    let mut out = [0; TOGETHER];
    // SAFETY: the array has room for the four numbers; the store needs no alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), four) };
    out
}
