//! The version for x86-64 processors with AVX2: four names of sixteen rows at a time.
#![allow(unsafe_code)]

use super::{ROWS, safe};
use std::arch::x86_64::*;

/// Bytes of a register.
const STEP: usize = 32;

pub(super) fn sums(tables: &[u8], block: &[u8]) -> [u32; ROWS] {
    // SAFETY: `BlockSums` hands this out only where the level is supported.
    unsafe { sums_here(tables, block) }
}

#[target_feature(enable = "avx2")]
fn sums_here(tables: &[u8], block: &[u8]) -> [u32; ROWS] {
    let mut even = _mm256_setzero_si256();
    let mut odd = even;
    for groups in safe(tables, block) {
        let (mut both, mut upper) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for (tables, codes) in groups {
            let (first, second) = tables.split_at(tables.len() / 2);
            let (first, second) = (first.as_chunks::<STEP>().0, second.as_chunks::<STEP>().0);
            for ((codes, first), second) in codes.as_chunks::<STEP>().0.iter().zip(first).zip(second) {
                let [first, second] = entries(codes, first, second);
                both = _mm256_add_epi16(both, _mm256_add_epi16(first, second));
                let uppers = _mm256_add_epi16(_mm256_srli_epi16::<8>(first), _mm256_srli_epi16::<8>(second));
                upper = _mm256_add_epi16(upper, uppers);
            }
        }
        let lower = _mm256_sub_epi16(both, _mm256_slli_epi16::<8>(upper));
        even = _mm256_add_epi32(even, add_lanes(lower));
        odd = _mm256_add_epi32(odd, add_lanes(upper));
    }
    weave(even, odd)
}

/// The sums of rows with even numbers and of those with odd ones, in the order of the rows.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn weave(even: __m256i, odd: __m256i) -> [u32; ROWS] {
    let (mut evens, mut odds) = ([0u32; ROWS / 2], [0u32; ROWS / 2]);
    // SAFETY: both arrays have room for eight numbers; the stores need no alignment.
    unsafe {
        _mm256_storeu_si256(evens.as_mut_ptr().cast(), even);
        _mm256_storeu_si256(odds.as_mut_ptr().cast(), odd);
    }
    std::array::from_fn(|row| if row % 2 == 0 { evens[row / 2] } else { odds[row / 2] })
}

/// The entries that the names of two pairs say, those of the first names and of the second ones.
#[inline]
#[target_feature(enable = "avx2")]
fn entries(codes: &[u8; STEP], first: &[u8; STEP], second: &[u8; STEP]) -> [__m256i; 2] {
    let low = _mm256_set1_epi8(15);
    // SAFETY: the arrays hold a register each; the loads need no alignment.
    let [codes, first, second] =
        unsafe { [codes, first, second].map(|bytes| _mm256_loadu_si256(bytes.as_ptr().cast())) };
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
