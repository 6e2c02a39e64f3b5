//! The version for x86-64 processors with AVX-512: eight names of sixteen rows at a time.
#![allow(unsafe_code)]

use super::avx2::weave;
use super::{GROUP_CODES, GROUP_TABLES, ROWS, safe};
use std::arch::x86_64::*;

pub(super) fn sums(tables: &[u8], block: &[u8]) -> [u32; ROWS] {
    // SAFETY: `BlockSums` hands this out only where the level is supported.
    unsafe { sums_here(tables, block) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn sums_here(tables: &[u8], block: &[u8]) -> [u32; ROWS] {
    let mut even = _mm256_setzero_si256();
    let mut odd = even;
    for groups in safe(tables, block) {
        let (mut both, mut upper) = (_mm512_setzero_si512(), _mm512_setzero_si512());
        for (tables, codes) in groups {
            let [first, second] = entries(tables, codes);
            // Sums of pairs of bytes: the lower byte's with what the upper ones add above it, and the upper byte's alone.
            both = _mm512_add_epi16(both, _mm512_add_epi16(first, second));
            let uppers = _mm512_add_epi16(_mm512_srli_epi16::<8>(first), _mm512_srli_epi16::<8>(second));
            upper = _mm512_add_epi16(upper, uppers);
        }
        let lower = _mm512_sub_epi16(both, _mm512_slli_epi16::<8>(upper));
        even = _mm256_add_epi32(even, add_lanes(lower));
        odd = _mm256_add_epi32(odd, add_lanes(upper));
    }
    weave(even, odd)
}

/// The entries that the names of a group say, those of the first names and of the second ones.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn entries(tables: &[u8; GROUP_TABLES], codes: &[u8; GROUP_CODES]) -> [__m512i; 2] {
    let low = _mm512_set1_epi8(15);
    // SAFETY: the arrays hold 128 and 64 bytes; the loads need no alignment.
    let (codes, first, second) = unsafe {
        let tables = tables.as_ptr();
        (
            _mm512_loadu_si512(codes.as_ptr().cast()),
            _mm512_loadu_si512(tables.cast()),
            _mm512_loadu_si512(tables.add(64).cast()),
        )
    };
    let below = _mm512_and_si512(codes, low);
    let above = _mm512_and_si512(_mm512_srli_epi16::<4>(codes), low);
    [_mm512_shuffle_epi8(first, below), _mm512_shuffle_epi8(second, above)]
}

/// The four lanes of eight 16-bit numbers added up.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn add_lanes(numbers: __m512i) -> __m256i {
    let [a, b] = [_mm512_castsi512_si256(numbers), _mm512_extracti64x4_epi64::<1>(numbers)];
    let sums = _mm512_add_epi32(_mm512_cvtepu16_epi32(a), _mm512_cvtepu16_epi32(b));
    _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64::<1>(sums))
}
