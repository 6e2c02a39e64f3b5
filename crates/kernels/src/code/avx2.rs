//! Versions for x86-64 processors with AVX2.
//!
//! The bytes of one code, made positive, times the bytes of the other with the first one's sign: pairs of products
//! fit 16 bits because components are within ±127.
#![allow(unsafe_code)]

use super::{BLOCK, TOGETHER, ahead, code, grouped, plain_dot};
use std::arch::x86_64::*;

pub(super) fn dot(a: &[u8], b: &[u8]) -> i32 {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dot_here(a, b) }
}

pub(super) fn dots(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dots_here(query, codes, rows, out) }
}

/// # Safety
/// 32 bytes at `p` are readable.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(p: *const u8) -> __m256i {
    // SAFETY: the caller's promise; the load needs no alignment.
    unsafe { _mm256_loadu_si256(p.cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn add_products(sum: __m256i, positive: __m256i, sign: __m256i, other: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(positive, _mm256_sign_epi8(other, sign));
    _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

#[target_feature(enable = "avx2")]
fn dot_here(a: &[u8], b: &[u8]) -> i32 {
    let len = a.len().min(b.len());
    let (mut sum, mut at) = (_mm256_setzero_si256(), 0);
    while at + BLOCK <= len {
        let (p, q) = (a.as_ptr().wrapping_add(at), b.as_ptr().wrapping_add(at));
        // SAFETY: `at + BLOCK <= len`, so both loads stay within their codes.
        let (x, y) = unsafe { (load(p), load(q)) };
        sum = add_products(sum, _mm256_abs_epi8(x), x, y);
        at += BLOCK;
    }
    let four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    let two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    let one = _mm_add_epi32(two, _mm_shuffle_epi32::<1>(two));
    _mm_cvtsi128_si32(one) + plain_dot(&a[at..len], &b[at..len])
}

#[target_feature(enable = "avx2")]
fn dots_here(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    grouped(query, codes, rows, out, |group| dot_four(query, group), |code| dot_here(query, code));
}

/// Dot products with codes that are all as long as the query: a whole number of blocks.
#[inline]
#[target_feature(enable = "avx2")]
fn dot_four(query: &[u8], codes: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let len = codes.iter().fold(query.len(), |len, code| len.min(code.len()));
    let (mut sums, mut at) = ([_mm256_setzero_si256(); TOGETHER], 0);
    while at + BLOCK <= len {
        // SAFETY: `at + BLOCK <= len`, so the load stays within the query.
        let sign = unsafe { load(query.as_ptr().wrapping_add(at)) };
        let positive = _mm256_abs_epi8(sign);
        for (sum, code) in sums.iter_mut().zip(codes) {
            // SAFETY: `len` is no more than the code's length, so the load stays within it.
            let other = unsafe { load(code.as_ptr().wrapping_add(at)) };
            *sum = add_products(*sum, positive, sign, other);
        }
        at += BLOCK;
    }
    let pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    let four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
    [
        _mm_extract_epi32::<0>(four),
        _mm_extract_epi32::<1>(four),
        _mm_extract_epi32::<2>(four),
        _mm_extract_epi32::<3>(four),
    ]
}

pub(super) fn dot_any(a: &[u8], b: &[u8]) -> i32 {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dot_any_here(a, b) }
}

pub(super) fn dots_any(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    out.clear();
    for (done, row) in rows.iter().enumerate() {
        ahead(codes, query.len(), rows.get(done + TOGETHER..).unwrap_or(&[]), 1);
        out.push(dot_any(query, code(codes, query.len(), *row)));
    }
}

/// Widened to 16 bits, so that no byte overflows.
#[target_feature(enable = "avx2")]
fn dot_any_here(a: &[u8], b: &[u8]) -> i32 {
    let len = a.len().min(b.len());
    let (mut sum, mut at) = (_mm256_setzero_si256(), 0);
    while at + BLOCK / 2 <= len {
        let (p, q) = (a.as_ptr().wrapping_add(at), b.as_ptr().wrapping_add(at));
        // SAFETY: `at + 16 <= len`, so both loads stay within their codes; they need no alignment.
        let (x, y) = unsafe { (_mm_loadu_si128(p.cast()), _mm_loadu_si128(q.cast())) };
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(x), _mm256_cvtepi8_epi16(y)));
        at += BLOCK / 2;
    }
    let four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
    let two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    let one = _mm_add_epi32(two, _mm_shuffle_epi32::<1>(two));
    _mm_cvtsi128_si32(one) + plain_dot(&a[at..len], &b[at..len])
}
