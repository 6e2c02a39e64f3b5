//! The version for x86-64 processors with AVX-512: eight names of sixteen rows at a time.
#![allow(unsafe_code)]

use super::avx2::weave;
use super::{GROUP_CODES, GROUP_TABLES, ROWS, safe};
use std::arch::x86_64::*;

pub(super) fn sums<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    // SAFETY: `BlockSums` hands this out only where the level is supported.
    unsafe { sums_here(tables, blocks) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn sums_here<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    let mut totals = [[_mm256_setzero_si256(); 2]; N];
    for (tables, blocks) in safe(tables, blocks) {
        // Sums of pairs of bytes: the lower byte's with what the upper ones add above it, and the upper byte's alone.
        let mut sums = [[_mm512_setzero_si512(); 2]; N];
        for (group, tables) in tables.iter().enumerate() {
            let tables = halves(tables);
            for ([both, upper], block) in sums.iter_mut().zip(blocks) {
                let Some(codes) = block.get(group) else { continue };
                let [first, second] = entries(tables, codes);
                *both = _mm512_add_epi16(*both, _mm512_add_epi16(first, second));
                let uppers = _mm512_add_epi16(_mm512_srli_epi16::<8>(first), _mm512_srli_epi16::<8>(second));
                *upper = _mm512_add_epi16(*upper, uppers);
            }
        }
        for ([even, odd], [both, upper]) in totals.iter_mut().zip(sums) {
            let lower = _mm512_sub_epi16(both, _mm512_slli_epi16::<8>(upper));
            *even = _mm256_add_epi32(*even, add_lanes(lower));
            *odd = _mm256_add_epi32(*odd, add_lanes(upper));
        }
    }
    totals.map(|[even, odd]| weave(even, odd))
}

/// The tables of a group: those of the first names and of the second ones.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn halves(tables: &[u8; GROUP_TABLES]) -> [__m512i; 2] {
    let tables = tables.as_ptr();
    // SAFETY: the array holds two registers; the loads need no alignment.
    unsafe { [_mm512_loadu_si512(tables.cast()), _mm512_loadu_si512(tables.add(64).cast())] }
}

/// The entries that the names of a group say, those of the first names and of the second ones.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn entries([first, second]: [__m512i; 2], codes: &[u8; GROUP_CODES]) -> [__m512i; 2] {
    let low = _mm512_set1_epi8(15);
    // SAFETY: the array holds a register; the load needs no alignment.
    let codes = unsafe { _mm512_loadu_si512(codes.as_ptr().cast()) };
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
