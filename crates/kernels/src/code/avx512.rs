//! Versions for x86-64 processors with AVX-512 and its byte dot products (VNNI).
//!
//! The instruction multiplies unsigned by signed bytes: one code is made unsigned by adding 128 to every byte, and
//! 128 times the sum of the other code is subtracted in the end. Sums are exact for every byte.
#![allow(unsafe_code)]

use super::{ahead, code};
use std::arch::x86_64::*;

/// Rows computed side by side.
const TOGETHER: usize = 4;
/// Bytes of a register.
const STEP: usize = 64;

pub(super) fn dot(a: &[u8], b: &[u8]) -> i32 {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dot_here(a, b) }
}

pub(super) fn dots(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dots_here(query, codes, rows, out) }
}

/// Bytes from `at` on, zeros after the last; a whole register when there are enough.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn load(bytes: &[u8], at: usize) -> __m512i {
    let left = bytes.len().saturating_sub(at);
    let p = bytes.as_ptr().wrapping_add(at);
    if left >= STEP {
        // SAFETY: `STEP` bytes follow `at`; the load needs no alignment.
        return unsafe { _mm512_loadu_si512(p.cast()) };
    }
    // SAFETY: the mask selects exactly the `left` bytes that follow `at`; others are not touched.
    unsafe { _mm512_maskz_loadu_epi8((1u64 << left) - 1, p.cast()) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dot_here(a: &[u8], b: &[u8]) -> i32 {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let offset = _mm512_set1_epi8(i8::MIN);
    let (mut sum, mut surplus) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for at in (0..len).step_by(STEP) {
        let signed = load(a, at);
        sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(load(b, at), offset), signed);
        surplus = _mm512_dpbusd_epi32(surplus, offset, signed);
    }
    _mm512_reduce_add_epi32(_mm512_sub_epi32(sum, surplus))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dots_here(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    out.clear();
    let offset = _mm512_set1_epi8(i8::MIN);
    let mut surplus = _mm512_setzero_si512();
    for at in (0..query.len()).step_by(STEP) {
        surplus = _mm512_dpbusd_epi32(surplus, offset, load(query, at));
    }
    let (groups, rest) = rows.as_chunks::<TOGETHER>();
    for (done, group) in groups.iter().enumerate() {
        ahead(codes, query.len(), &rows[(done + 1) * TOGETHER..], TOGETHER);
        let group = group.map(|row| code(codes, query.len(), row));
        if group.iter().all(|code| code.len() == query.len()) {
            out.extend(dot_four(query, group, surplus));
        } else {
            out.extend(group.map(|code| dot_here(query, code)));
        }
    }
    out.extend(rest.iter().map(|row| dot_here(query, code(codes, query.len(), *row))));
}

/// Dot products with codes that are all as long as the query, `surplus` taken off.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dot_four(query: &[u8], codes: [&[u8]; TOGETHER], surplus: __m512i) -> [i32; TOGETHER] {
    let offset = _mm512_set1_epi8(i8::MIN);
    let whole = query.len() / STEP * STEP;
    let mut sums = [_mm512_setzero_si512(); TOGETHER];
    for at in (0..whole).step_by(STEP) {
        // SAFETY: `at + STEP <= whole`, no more than the length of the query, which is that of every code; the
        // loads need no alignment.
        unsafe {
            let signed = _mm512_loadu_si512(query.as_ptr().add(at).cast());
            for (sum, code) in sums.iter_mut().zip(codes) {
                let other = _mm512_loadu_si512(code.as_ptr().add(at).cast());
                *sum = _mm512_dpbusd_epi32(*sum, _mm512_xor_si512(other, offset), signed);
            }
        }
    }
    if whole < query.len() {
        let signed = load(query, whole);
        for (sum, code) in sums.iter_mut().zip(codes) {
            *sum = _mm512_dpbusd_epi32(*sum, _mm512_xor_si512(load(code, whole), offset), signed);
        }
    }
    add_lanes(sums.map(|sum| _mm512_sub_epi32(sum, surplus)))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn add_lanes(sums: [__m512i; TOGETHER]) -> [i32; TOGETHER] {
    let halves = sums.map(|v| _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64::<1>(v)));
    let pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(halves[0], halves[1]), _mm256_hadd_epi32(halves[2], halves[3]));
    let four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
    [
        _mm_extract_epi32::<0>(four),
        _mm_extract_epi32::<1>(four),
        _mm_extract_epi32::<2>(four),
        _mm_extract_epi32::<3>(four),
    ]
}
