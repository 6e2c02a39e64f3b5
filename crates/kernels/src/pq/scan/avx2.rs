//! The version for x86-64 processors with AVX2: four names of sixteen rows at a time.
#![allow(unsafe_code)]

use super::{ROWS, safe};
use std::arch::x86_64::*;

/// Bytes of a register.
const STEP: usize = 32;

pub(super) fn sums<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    // SAFETY: `BlockSums` hands this out only where the level is supported.
    unsafe { sums_here(tables, blocks) }
}

#[target_feature(enable = "avx2")]
fn sums_here<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    let mut totals = [[_mm256_setzero_si256(); 2]; N];
    for (tables, blocks) in safe(tables, blocks) {
        let mut sums = [[_mm256_setzero_si256(); 2]; N];
        for (group, tables) in tables.iter().enumerate() {
            let (first, second) = tables.split_at(tables.len() / 2);
            let (first, second) = (first.as_chunks::<STEP>().0, second.as_chunks::<STEP>().0);
            for (half, tables) in first.iter().zip(second).enumerate() {
                let tables = [load(tables.0), load(tables.1)];
                for ([both, upper], block) in sums.iter_mut().zip(blocks) {
                    let codes = block.get(group).and_then(|codes| codes.as_chunks::<STEP>().0.get(half));
                    let Some(codes) = codes else { continue };
                    let [first, second] = entries(tables, load(codes));
                    *both = _mm256_add_epi16(*both, _mm256_add_epi16(first, second));
                    let uppers = [first, second].map(|entries| _mm256_srli_epi16::<8>(entries));
                    *upper = _mm256_add_epi16(*upper, _mm256_add_epi16(uppers[0], uppers[1]));
                }
            }
        }
        for ([even, odd], [both, upper]) in totals.iter_mut().zip(sums) {
            let lower = _mm256_sub_epi16(both, _mm256_slli_epi16::<8>(upper));
            *even = _mm256_add_epi32(*even, add_lanes(lower));
            *odd = _mm256_add_epi32(*odd, add_lanes(upper));
        }
    }
    totals.map(|[even, odd]| weave(even, odd))
}

/// The sums of rows with even numbers and of those with odd ones, in the order of the rows.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn weave(even: __m256i, odd: __m256i) -> [u32; ROWS] {
    let (low, high) = (_mm256_unpacklo_epi32(even, odd), _mm256_unpackhi_epi32(even, odd));
    let mut sums = [0u32; ROWS];
    // SAFETY: the array has room for two registers; the stores need no alignment.
    unsafe {
        let to = sums.as_mut_ptr();
        _mm256_storeu_si256(to.cast(), _mm256_permute2x128_si256::<0x20>(low, high));
        _mm256_storeu_si256(to.add(ROWS / 2).cast(), _mm256_permute2x128_si256::<0x31>(low, high));
    }
    sums
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; STEP]) -> __m256i {
    // SAFETY: the array holds a register; the load needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

/// The entries that the names of two pairs say, those of the first names and of the second ones.
#[inline]
#[target_feature(enable = "avx2")]
fn entries([first, second]: [__m256i; 2], codes: __m256i) -> [__m256i; 2] {
    let low = _mm256_set1_epi8(15);
    let below = _mm256_and_si256(codes, low);
    let above = _mm256_and_si256(_mm256_srli_epi16::<4>(codes), low);
    [_mm256_shuffle_epi8(first, below), _mm256_shuffle_epi8(second, above)]
}

/// Both lanes of eight 16-bit numbers added up.
#[inline]
#[target_feature(enable = "avx2")]
fn add_lanes(numbers: __m256i) -> __m256i {
    let [a, b] = [_mm256_castsi256_si128(numbers), _mm256_extracti128_si256::<1>(numbers)];
    _mm256_add_epi32(_mm256_cvtepu16_epi32(a), _mm256_cvtepu16_epi32(b))
}
