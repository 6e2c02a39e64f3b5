//! Versions for x86-64 processors with AVX2, FMA, F16C and POPCNT.
//!
//! Every function outside the macros takes rows of equal length, of any alignment, and reads only within them.
#![allow(unsafe_code)]

use super::scalar::{self, BF16, Decode, F16, F32, Sums};
use super::{Kernel, Metric};
use crate::Element;
use std::arch::x86_64::*;

/// The kernel for a metric and an element. Call it only where the level is supported.
pub(super) fn kernel(metric: Metric, element: Element) -> Option<Kernel> {
    Some(match (metric, element) {
        (Metric::L2, Element::F32) => Kernel::Direct(f32s::l2),
        (Metric::L2, Element::F16) => Kernel::Direct(f16s::l2),
        (Metric::L2, Element::BF16) => Kernel::Direct(bf16s::l2),
        (Metric::L2, Element::I8) => Kernel::Direct(bytes::l2),
        (Metric::Ip, Element::F32) => Kernel::Negated(f32s::dot),
        (Metric::Ip, Element::F16) => Kernel::Negated(f16s::dot),
        (Metric::Ip, Element::BF16) => Kernel::Negated(bf16s::dot),
        (Metric::Ip, Element::I8) => Kernel::Negated(bytes::dot),
        (Metric::Cosine, Element::F32) => Kernel::Cosine(f32s::sums, f32s::half, scalar::wide_sums::<4, F32>),
        (Metric::Cosine, Element::F16) => Kernel::Cosine(f16s::sums, f16s::half, scalar::wide_sums::<2, F16>),
        (Metric::Cosine, Element::BF16) => {
            Kernel::Cosine(bf16s::sums, bf16s::half, scalar::wide_sums::<2, BF16>)
        }
        (Metric::Cosine, Element::I8) => Kernel::Cosine(bytes::sums, bytes::half, scalar::wide_sums_i8),
        (Metric::Hamming, Element::Bit) => Kernel::Direct(bits::hamming),
        (Metric::Jaccard, Element::Bit) => Kernel::Direct(bits::jaccard),
        (Metric::L2 | Metric::Ip | Metric::Cosine, Element::Bit) => return None,
        (Metric::Hamming | Metric::Jaccard | Metric::MhJaccard(_), _) => return None,
    })
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn add_lanes(v: __m256) -> f32 {
    let four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
}

/// # Safety
/// 32 bytes at `p` are readable.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn load_f32(p: *const u8) -> __m256 {
    // SAFETY: the caller's promise; the load needs no alignment.
    unsafe { _mm256_loadu_ps(p.cast()) }
}

/// # Safety
/// 16 bytes at `p` are readable.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn load_f16(p: *const u8) -> __m256 {
    // SAFETY: the caller's promise; the load needs no alignment.
    _mm256_cvtph_ps(unsafe { _mm_loadu_si128(p.cast()) })
}

/// # Safety
/// 16 bytes at `p` are readable.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn load_bf16(p: *const u8) -> __m256 {
    // SAFETY: the caller's promise; the load needs no alignment.
    let halves = unsafe { _mm_loadu_si128(p.cast()) };
    _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(halves)))
}

macro_rules! float_kernels {
    ($module:ident, $width:literal, $element:ty, $load:ident) => {
        mod $module {
            use super::*;

            /// Calls `step` with eight elements of both rows and a number 0..4, then `last` with the rest.
            macro_rules! walk {
                ($a:ident, $b:ident, $step:expr, $last:expr) => {{
                    const BLOCK: usize = 8 * $width;
                    let len = $a.len().min($b.len());
                    let mut at = 0;
                    while at + 4 * BLOCK <= len {
                        for lane in 0..4 {
                            let offset = at + lane * BLOCK;
                            let (p, q) = ($a.as_ptr().wrapping_add(offset), $b.as_ptr().wrapping_add(offset));
                            // SAFETY: `offset + BLOCK <= len`, so both loads stay within their rows.
                            let (x, y) = unsafe { ($load(p), $load(q)) };
                            $step(lane, x, y);
                        }
                        at += 4 * BLOCK;
                    }
                    while at + BLOCK <= len {
                        let (p, q) = ($a.as_ptr().wrapping_add(at), $b.as_ptr().wrapping_add(at));
                        // SAFETY: `at + BLOCK <= len`, so both loads stay within their rows.
                        let (x, y) = unsafe { ($load(p), $load(q)) };
                        $step(0, x, y);
                        at += BLOCK;
                    }
                    let (xs, _) = $a[at..len].as_chunks::<$width>();
                    let (ys, _) = $b[at..len].as_chunks::<$width>();
                    for (x, y) in xs.iter().zip(ys) {
                        let decode = <$element as Decode<$width>>::decode;
                        $last(decode(*x), decode(*y));
                    }
                }};
            }

            #[target_feature(enable = "avx2,fma,f16c")]
            fn l2_here(a: &[u8], b: &[u8]) -> f32 {
                let mut sums = [_mm256_setzero_ps(); 4];
                let mut rest = 0.0;
                walk!(
                    a,
                    b,
                    |lane: usize, x, y| {
                        let difference = _mm256_sub_ps(x, y);
                        sums[lane] = _mm256_fmadd_ps(difference, difference, sums[lane]);
                    },
                    |x: f32, y: f32| rest += (x - y) * (x - y)
                );
                add_four(sums) + rest
            }

            #[target_feature(enable = "avx2,fma,f16c")]
            fn dot_here(a: &[u8], b: &[u8]) -> f32 {
                let mut sums = [_mm256_setzero_ps(); 4];
                let mut rest = 0.0;
                walk!(
                    a,
                    b,
                    |lane: usize, x, y| sums[lane] = _mm256_fmadd_ps(x, y, sums[lane]),
                    |x: f32, y: f32| rest += x * y
                );
                add_four(sums) + rest
            }

            #[target_feature(enable = "avx2,fma,f16c")]
            fn sums_here(a: &[u8], b: &[u8]) -> Sums {
                let (mut xy, mut xx, mut yy) =
                    ([_mm256_setzero_ps(); 4], [_mm256_setzero_ps(); 4], [_mm256_setzero_ps(); 4]);
                let mut rest = [0.0; 3];
                walk!(
                    a,
                    b,
                    |lane: usize, x, y| {
                        xy[lane] = _mm256_fmadd_ps(x, y, xy[lane]);
                        xx[lane] = _mm256_fmadd_ps(x, x, xx[lane]);
                        yy[lane] = _mm256_fmadd_ps(y, y, yy[lane]);
                    },
                    |x: f32, y: f32| {
                        rest[0] += x * y;
                        rest[1] += x * x;
                        rest[2] += y * y;
                    }
                );
                [add_four(xy) + rest[0], add_four(xx) + rest[1], add_four(yy) + rest[2]]
            }

            #[target_feature(enable = "avx2,fma,f16c")]
            fn half_here(a: &[u8], b: &[u8]) -> [f32; 2] {
                let (mut xy, mut yy) = ([_mm256_setzero_ps(); 4], [_mm256_setzero_ps(); 4]);
                let mut rest = [0.0; 2];
                walk!(
                    a,
                    b,
                    |lane: usize, x, y| {
                        xy[lane] = _mm256_fmadd_ps(x, y, xy[lane]);
                        yy[lane] = _mm256_fmadd_ps(y, y, yy[lane]);
                    },
                    |x: f32, y: f32| {
                        rest[0] += x * y;
                        rest[1] += y * y;
                    }
                );
                [add_four(xy) + rest[0], add_four(yy) + rest[1]]
            }

            pub(super) fn l2(a: &[u8], b: &[u8]) -> f32 {
                // SAFETY: `kernel` hands this out only where the level is supported.
                unsafe { l2_here(a, b) }
            }

            pub(super) fn dot(a: &[u8], b: &[u8]) -> f32 {
                // SAFETY: `kernel` hands this out only where the level is supported.
                unsafe { dot_here(a, b) }
            }

            pub(super) fn half(a: &[u8], b: &[u8]) -> [f32; 2] {
                // SAFETY: `kernel` hands this out only where the level is supported.
                unsafe { half_here(a, b) }
            }

            pub(super) fn sums(a: &[u8], b: &[u8]) -> Sums {
                // SAFETY: `kernel` hands this out only where the level is supported.
                unsafe { sums_here(a, b) }
            }
        }
    };
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn add_four(sums: [__m256; 4]) -> f32 {
    add_lanes(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])))
}

float_kernels!(f32s, 4, F32, load_f32);
float_kernels!(f16s, 2, F16, load_f16);
float_kernels!(bf16s, 2, BF16, load_bf16);

/// Signed bytes. A 32-bit lane takes at most `MAX_DIM / 8` products of two bytes, less than 2³¹ in all for
/// products; squared differences may be four times as large, so sums are widened block by block.
mod bytes {
    use super::*;

    const STEP: usize = 16;
    /// Bytes summed before the lanes are emptied: 2¹⁵ / 8 lanes · 255² stays below 2³¹.
    const BLOCK: usize = 1 << 15;

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add_lanes(v: __m256i) -> i64 {
        let four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v));
        let wide = _mm256_cvtepi32_epi64(four);
        let two = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
        _mm_cvtsi128_si64(two) + _mm_extract_epi64::<1>(two)
    }

    /// # Safety
    /// 16 bytes at `p` are readable.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(p: *const u8) -> __m256i {
        // SAFETY: the caller's promise; the load needs no alignment.
        _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(p.cast()) })
    }

    macro_rules! integer_kernel {
        ($safe:ident, $here:ident, |$x:ident, $y:ident| $vector:expr, $rest:expr) => {
            #[target_feature(enable = "avx2")]
            fn $here(a: &[u8], b: &[u8]) -> f32 {
                let mut sum = 0i64;
                for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
                    let len = a.len().min(b.len());
                    let (mut lanes, mut at) = (_mm256_setzero_si256(), 0);
                    while at + STEP <= len {
                        // SAFETY: `at + STEP <= len`, so both loads stay within their rows.
                        let ($x, $y) = unsafe { (load(a.as_ptr().add(at)), load(b.as_ptr().add(at))) };
                        lanes = _mm256_add_epi32(lanes, $vector);
                        at += STEP;
                    }
                    sum += add_lanes(lanes) + $rest(&a[at..len], &b[at..len]) as i64;
                }
                sum as f32
            }

            pub(in super::super) fn $safe(a: &[u8], b: &[u8]) -> f32 {
                // SAFETY: `kernel` hands this out only where the level is supported.
                unsafe { $here(a, b) }
            }
        };
    }

    integer_kernel!(dot, dot_here, |x, y| _mm256_madd_epi16(x, y), scalar::dot_i8);
    integer_kernel!(
        l2,
        l2_here,
        |x, y| {
            let difference = _mm256_sub_epi16(x, y);
            _mm256_madd_epi16(difference, difference)
        },
        scalar::l2_i8
    );

    pub(super) fn sums(a: &[u8], b: &[u8]) -> Sums {
        [dot(a, b), dot(a, a), dot(b, b)]
    }

    pub(super) fn half(a: &[u8], b: &[u8]) -> [f32; 2] {
        [dot(a, b), dot(b, b)]
    }
}

/// Bits: the plain loops, compiled with the population count instruction.
mod bits {
    use super::*;

    #[target_feature(enable = "popcnt")]
    fn hamming_here(a: &[u8], b: &[u8]) -> f32 {
        scalar::hamming(a, b)
    }

    #[target_feature(enable = "popcnt")]
    fn jaccard_here(a: &[u8], b: &[u8]) -> f32 {
        scalar::jaccard(a, b)
    }

    pub(super) fn hamming(a: &[u8], b: &[u8]) -> f32 {
        // SAFETY: `kernel` hands this out only where the level is supported.
        unsafe { hamming_here(a, b) }
    }

    pub(super) fn jaccard(a: &[u8], b: &[u8]) -> f32 {
        // SAFETY: `kernel` hands this out only where the level is supported.
        unsafe { jaccard_here(a, b) }
    }
}
