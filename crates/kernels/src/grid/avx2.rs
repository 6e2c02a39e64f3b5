//! Versions for x86-64 processors with AVX2.
//!
//! Products of a number below 128 and a signed byte, two together, fit 16 bits; eight bits are taken four at a time.
#![allow(unsafe_code)]

use super::{BLOCK, Layout, TOGETHER, by_parts, grouped};
use std::arch::x86_64::*;

pub(super) fn dots(layout: &Layout, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `GridDot` hands this out only at levels that the processor has, and only with queries of whole blocks.
    unsafe { by_parts!(layout, dots_of(layout, query, codes, rows, out)) }
}

/// # Safety
/// The processor has the feature, and the layout has `N` parts of four bits and `P` of one.
#[target_feature(enable = "avx2")]
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
/// The processor has the feature, and every code holds as many blocks as the query.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn four<const N: usize, const P: usize>(query: &[u8], codes: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let size = (4 * N + P) * (BLOCK / 8);
    let mut sums = [_mm256_setzero_si256(); TOGETHER];
    for block in 0..query.len() / BLOCK {
        // SAFETY: the query has this block of two registers.
        let signed = unsafe {
            let p = query.as_ptr().add(block * BLOCK);
            [_mm256_loadu_si256(p.cast()), _mm256_loadu_si256(p.add(32).cast())]
        };
        for (sum, code) in sums.iter_mut().zip(codes) {
            // SAFETY: the code has this block, `size` bytes long.
            *sum = unsafe { add_block::<N, P>(*sum, signed, code.as_ptr().add(block * size)) };
        }
    }
    add_lanes(sums)
}

/// # Safety
/// A block of `N` parts of four bits and `P` of one is readable at `p`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn add_block<const N: usize, const P: usize>(
    sum: __m256i,
    signed: [__m256i; 2],
    p: *const u8,
) -> __m256i {
    let low = _mm256_set1_epi8(15);
    let (mut numbers, mut sum) = ([_mm256_setzero_si256(); 2], sum);
    for part in 0..N {
        // SAFETY: the caller's promise; the load needs no alignment.
        let bytes = unsafe { _mm256_loadu_si256(p.add(part * 32).cast()) };
        let bits = [_mm256_and_si256(bytes, low), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), low)];
        if N == 2 && part == 0 {
            // Sixteen times the upper four bits.
            let pairs = add_pairs(bits, signed);
            sum = _mm256_add_epi32(sum, _mm256_slli_epi32::<4>(pairs));
        } else {
            numbers = bits;
        }
    }
    for plane in 0..P {
        // SAFETY: as above.
        let mask = unsafe { p.add(N * 32 + plane * 8).cast::<u64>().read_unaligned() };
        let ones = [mask as u32, (mask >> 32) as u32].map(|mask| spread(mask));
        for (numbers, ones) in numbers.iter_mut().zip(ones) {
            *numbers = _mm256_sub_epi8(_mm256_add_epi8(*numbers, *numbers), ones);
        }
    }
    _mm256_add_epi32(sum, add_pairs(numbers, signed))
}

#[inline]
#[target_feature(enable = "avx2")]
fn add_pairs(numbers: [__m256i; 2], signed: [__m256i; 2]) -> __m256i {
    let ones = _mm256_set1_epi16(1);
    let [a, b] = [0, 1].map(|i| _mm256_madd_epi16(_mm256_maddubs_epi16(numbers[i], signed[i]), ones));
    _mm256_add_epi32(a, b)
}

/// Bytes of all ones where the mask has a one.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(mask: u32) -> __m256i {
    let which = _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303);
    let bit = _mm256_set1_epi64x(0x8040_2010_0804_0201u64 as i64);
    let bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(mask as i32), which);
    _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit)
}

#[inline]
#[target_feature(enable = "avx2")]
fn add_lanes(sums: [__m256i; TOGETHER]) -> [i32; TOGETHER] {
    let pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    let four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
    let mut out = [0; TOGETHER];
    // SAFETY: the array has room for the four numbers; the store needs no alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), four) };
    out
}
