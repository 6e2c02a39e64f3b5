//! Versions for x86-64 processors with AVX-512.
//!
//! Every function takes rows of any length and alignment and reads only within them: what is left after the last
//! whole register is read under a mask, zeros in its other lanes.
#![allow(unsafe_code)]

use super::scalar::{self, BF16, F16, F32, Sums};
use super::{Kernel, Metric};
use crate::Element;
use std::arch::x86_64::*;

/// Elements of a register of floats.
const LANES: usize = 16;
/// Registers summed side by side.
const TOGETHER: usize = 4;

/// The kernel for a metric and an element. Call it only where the level is supported.
pub(super) fn kernel(metric: Metric, element: Element) -> Option<Kernel> {
    Some(match (metric, element) {
        (Metric::L2, Element::F32) => Kernel::Direct(l2::<F32>),
        (Metric::L2, Element::F16) => Kernel::Direct(l2::<F16>),
        (Metric::L2, Element::BF16) => Kernel::Direct(l2::<BF16>),
        (Metric::L2, Element::I8) => Kernel::Direct(l2_bytes),
        (Metric::Ip, Element::F32) => Kernel::Negated(dot::<F32>),
        (Metric::Ip, Element::F16) => Kernel::Negated(dot::<F16>),
        (Metric::Ip, Element::BF16) => Kernel::Negated(dot::<BF16>),
        (Metric::Ip, Element::I8) => Kernel::Negated(dot_bytes),
        (Metric::Cosine, Element::F32) => {
            Kernel::Cosine(sums::<F32>, half::<F32>, scalar::wide_sums::<4, F32>)
        }
        (Metric::Cosine, Element::F16) => {
            Kernel::Cosine(sums::<F16>, half::<F16>, scalar::wide_sums::<2, F16>)
        }
        (Metric::Cosine, Element::BF16) => {
            Kernel::Cosine(sums::<BF16>, half::<BF16>, scalar::wide_sums::<2, BF16>)
        }
        (Metric::Cosine, Element::I8) => Kernel::Cosine(sums_bytes, half_bytes, scalar::wide_sums_i8),
        (Metric::Hamming, Element::Bit) => Kernel::Direct(hamming),
        (Metric::Jaccard, Element::Bit) => Kernel::Direct(jaccard),
        (Metric::L2 | Metric::Ip | Metric::Cosine, Element::Bit) => return None,
        (Metric::Hamming | Metric::Jaccard | Metric::MhJaccard(_), _) => return None,
    })
}

/// An element that registers can be filled with.
trait Load {
    /// Bytes of one.
    const WIDTH: usize;

    /// # Safety
    /// The level is supported, and the elements that `mask` selects, counted from `p`, are readable.
    unsafe fn load(p: *const u8, mask: __mmask16) -> __m512;
}

impl Load for F32 {
    const WIDTH: usize = 4;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn load(p: *const u8, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; other elements are not touched, and the load needs no alignment.
        unsafe { _mm512_maskz_loadu_ps(mask, p.cast()) }
    }
}

impl Load for F16 {
    const WIDTH: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn load(p: *const u8, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; other elements are not touched, and the load needs no alignment.
        _mm512_cvtph_ps(unsafe { _mm256_maskz_loadu_epi16(mask, p.cast()) })
    }
}

impl Load for BF16 {
    const WIDTH: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn load(p: *const u8, mask: __mmask16) -> __m512 {
        // SAFETY: the caller's promise; other elements are not touched, and the load needs no alignment.
        let halves = unsafe { _mm256_maskz_loadu_epi16(mask, p.cast()) };
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
    }
}

/// Calls `step` with the sums to add to and a register of both rows, over their whole length; the sums' lanes added up.
/// Zeros beyond the end must add nothing.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn walk<E: Load, const N: usize>(
    a: &[u8],
    b: &[u8],
    step: impl Fn(&mut [__m512; N], __m512, __m512),
) -> [f32; N] {
    let len = a.len().min(b.len()) / E::WIDTH;
    let mut sums = [[_mm512_setzero_ps(); N]; TOGETHER];
    let mut at = 0;
    while at + TOGETHER * LANES <= len {
        for (lane, sums) in sums.iter_mut().enumerate() {
            let offset = (at + lane * LANES) * E::WIDTH;
            let (p, q) = (a.as_ptr().wrapping_add(offset), b.as_ptr().wrapping_add(offset));
            // SAFETY: `at + TOGETHER * LANES` elements are within both rows.
            let (x, y) = unsafe { (E::load(p, __mmask16::MAX), E::load(q, __mmask16::MAX)) };
            step(sums, x, y);
        }
        at += TOGETHER * LANES;
    }
    for sums in &mut sums {
        let left = len.saturating_sub(at).min(LANES);
        if left == 0 {
            break;
        }
        let (p, q) = (a.as_ptr().wrapping_add(at * E::WIDTH), b.as_ptr().wrapping_add(at * E::WIDTH));
        let mask = (1u32 << left).wrapping_sub(1) as __mmask16;
        // SAFETY: the mask selects the `left` elements that follow `at` in both rows.
        let (x, y) = unsafe { (E::load(p, mask), E::load(q, mask)) };
        step(sums, x, y);
        at += LANES;
    }
    let [first, second, third, fourth] = sums;
    std::array::from_fn(|n| {
        let halves = (_mm512_add_ps(first[n], second[n]), _mm512_add_ps(third[n], fourth[n]));
        _mm512_reduce_add_ps(_mm512_add_ps(halves.0, halves.1))
    })
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn l2_here<E: Load>(a: &[u8], b: &[u8]) -> f32 {
    let [sum] = walk::<E, 1>(a, b, |sums, x, y| {
        let difference = _mm512_sub_ps(x, y);
        sums[0] = _mm512_fmadd_ps(difference, difference, sums[0]);
    });
    sum
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn dot_here<E: Load>(a: &[u8], b: &[u8]) -> f32 {
    let [sum] = walk::<E, 1>(a, b, |sums, x, y| sums[0] = _mm512_fmadd_ps(x, y, sums[0]));
    sum
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn sums_here<E: Load>(a: &[u8], b: &[u8]) -> Sums {
    walk::<E, 3>(a, b, |sums, x, y| {
        sums[0] = _mm512_fmadd_ps(x, y, sums[0]);
        sums[1] = _mm512_fmadd_ps(x, x, sums[1]);
        sums[2] = _mm512_fmadd_ps(y, y, sums[2]);
    })
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn half_here<E: Load>(a: &[u8], b: &[u8]) -> [f32; 2] {
    walk::<E, 2>(a, b, |sums, x, y| {
        sums[0] = _mm512_fmadd_ps(x, y, sums[0]);
        sums[1] = _mm512_fmadd_ps(y, y, sums[1]);
    })
}

/// A function that anybody may call for one that needs the level.
macro_rules! on_this_level {
    ($($name:ident$(<$e:ident>)? = $here:ident -> $out:ty;)*) => {$(
        fn $name$(<$e: Load>)?(a: &[u8], b: &[u8]) -> $out {
            // SAFETY: `kernel` hands this out only where the level is supported.
            unsafe { $here$(::<$e>)?(a, b) }
        }
    )*};
}

on_this_level! {
    l2<E> = l2_here -> f32;
    dot<E> = dot_here -> f32;
    sums<E> = sums_here -> Sums;
    half<E> = half_here -> [f32; 2];
    l2_bytes = l2_bytes_here -> f32;
    dot_bytes = dot_bytes_here -> f32;
    hamming = hamming_here -> f32;
    jaccard = jaccard_here -> f32;
}

fn sums_bytes(a: &[u8], b: &[u8]) -> Sums {
    [dot_bytes(a, b), dot_bytes(a, a), dot_bytes(b, b)]
}

fn half_bytes(a: &[u8], b: &[u8]) -> [f32; 2] {
    [dot_bytes(a, b), dot_bytes(b, b)]
}

/// `step` bytes from `at` on at most, zeros after the last.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn bytes(row: &[u8], at: usize, step: usize) -> __m512i {
    let left = row.len().saturating_sub(at).min(step);
    let mask = if left == 64 { u64::MAX } else { (1u64 << left) - 1 };
    // SAFETY: the mask selects the `left` bytes that follow `at`; others are not touched.
    unsafe { _mm512_maskz_loadu_epi8(mask, row.as_ptr().wrapping_add(at).cast()) }
}

/// The lanes' sum, which may be beyond 32 bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn add_wide(lanes: __m512i) -> i64 {
    let low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(lanes));
    let high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64::<1>(lanes));
    _mm512_reduce_add_epi64(_mm512_add_epi64(low, high))
}

/// One side gets 128 added to every byte, as the instruction wants it, and 128 times the other is taken off again. A lane
/// stays below 2³¹: `MAX_DIM / 16` products of less than 2¹⁵ each.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn dot_bytes_here(a: &[u8], b: &[u8]) -> f32 {
    let len = a.len().min(b.len());
    let offset = _mm512_set1_epi8(i8::MIN);
    let (mut sum, mut surplus) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for at in (0..len).step_by(64) {
        let signed = bytes(&a[..len], at, 64);
        sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(bytes(&b[..len], at, 64), offset), signed);
        surplus = _mm512_dpbusd_epi32(surplus, offset, signed);
    }
    (add_wide(sum) - add_wide(surplus)) as f32
}

/// Differences need 16 bits. A lane stays below 2³¹: `MAX_DIM / 16` squares of less than 2¹⁶ each.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn l2_bytes_here(a: &[u8], b: &[u8]) -> f32 {
    let len = a.len().min(b.len());
    let wide = |row: &[u8], at| {
        _mm512_cvtepi8_epi16(_mm512_castsi512_si256(bytes(row.get(..len).unwrap_or(row), at, 32)))
    };
    let mut sum = _mm512_setzero_si512();
    for at in (0..len).step_by(32) {
        let difference = _mm512_sub_epi16(wide(a, at), wide(b, at));
        sum = _mm512_dpwssd_epi32(sum, difference, difference);
    }
    add_wide(sum) as f32
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq")]
fn hamming_here(a: &[u8], b: &[u8]) -> f32 {
    let len = a.len().min(b.len());
    let mut sum = _mm512_setzero_si512();
    for at in (0..len).step_by(64) {
        let differing = _mm512_xor_si512(bytes(&a[..len], at, 64), bytes(&b[..len], at, 64));
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(differing));
    }
    _mm512_reduce_add_epi64(sum) as f32
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq")]
fn jaccard_here(a: &[u8], b: &[u8]) -> f32 {
    let len = a.len().min(b.len());
    let (mut both, mut any) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for at in (0..len).step_by(64) {
        let (x, y) = (bytes(&a[..len], at, 64), bytes(&b[..len], at, 64));
        both = _mm512_add_epi64(both, _mm512_popcnt_epi64(_mm512_and_si512(x, y)));
        any = _mm512_add_epi64(any, _mm512_popcnt_epi64(_mm512_or_si512(x, y)));
    }
    scalar::unlike(_mm512_reduce_add_epi64(both) as u32, _mm512_reduce_add_epi64(any) as u32)
}
