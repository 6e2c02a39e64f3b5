//! Versions for ARM processors with NEON.
//!
//! Every function takes rows of any length and alignment and reads only within them: what is left after the last
//! whole step is copied out first, zeros after it.
#![allow(unsafe_code)]

use super::scalar::{self, BF16, F16, F32, Sums};
use super::{Kernel, Metric};
use crate::Element;
use std::arch::aarch64::*;

/// Elements of a step: two registers of floats.
const LANES: usize = 8;
/// Steps summed side by side.
const TOGETHER: usize = 4;
/// Bytes of a register.
const STEP: usize = 16;
/// Bytes summed before the lanes are emptied: 2¹⁵ / 4 lanes · 255² stays below 2³¹, 2¹⁵ ones below 2¹⁶ in each of eight.
const BLOCK: usize = 1 << 15;

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
    /// The level is supported, and `LANES` elements at `p` are readable.
    unsafe fn load(p: *const u8) -> [float32x4_t; 2];
}

impl Load for F32 {
    const WIDTH: usize = 4;

    #[inline]
    #[target_feature(enable = "neon")]
    unsafe fn load(p: *const u8) -> [float32x4_t; 2] {
        // SAFETY: the caller's promise; loads of bytes need no alignment.
        unsafe { [vreinterpretq_f32_u8(vld1q_u8(p)), vreinterpretq_f32_u8(vld1q_u8(p.add(STEP)))] }
    }
}

impl Load for F16 {
    const WIDTH: usize = 2;

    #[inline]
    #[target_feature(enable = "neon")]
    unsafe fn load(p: *const u8) -> [float32x4_t; 2] {
        // SAFETY: the caller's promise; loads of bytes need no alignment.
        let halves = vreinterpretq_f16_u8(unsafe { vld1q_u8(p) });
        [vcvt_f32_f16(vget_low_f16(halves)), vcvt_high_f32_f16(halves)]
    }
}

impl Load for BF16 {
    const WIDTH: usize = 2;

    #[inline]
    #[target_feature(enable = "neon")]
    unsafe fn load(p: *const u8) -> [float32x4_t; 2] {
        // SAFETY: the caller's promise; loads of bytes need no alignment.
        let halves = vreinterpretq_u16_u8(unsafe { vld1q_u8(p) });
        let words = [vshll_n_u16::<16>(vget_low_u16(halves)), vshll_high_n_u16::<16>(halves)];
        words.map(|words| vreinterpretq_f32_u32(words))
    }
}

/// Calls `step` with the sums to add to and a register of both rows, over their whole length; the sums' lanes added up.
/// Zeros beyond the end must add nothing.
#[inline]
#[target_feature(enable = "neon")]
fn walk<E: Load, const N: usize>(
    a: &[u8],
    b: &[u8],
    step: impl Fn(&mut [float32x4_t; N], float32x4_t, float32x4_t),
) -> [f32; N] {
    let bytes = LANES * E::WIDTH;
    let len = a.len().min(b.len());
    let mut sums = [[[vdupq_n_f32(0.0); N]; 2]; TOGETHER];
    let add = |sums: &mut [[float32x4_t; N]; 2], p: *const u8, q: *const u8| {
        // SAFETY: callers of the closure see to it that `LANES` elements follow both.
        let (x, y) = unsafe { (E::load(p), E::load(q)) };
        step(&mut sums[0], x[0], y[0]);
        step(&mut sums[1], x[1], y[1]);
    };
    let mut at = 0;
    while at + TOGETHER * bytes <= len {
        for (lane, sums) in sums.iter_mut().enumerate() {
            let offset = at + lane * bytes;
            add(sums, a.as_ptr().wrapping_add(offset), b.as_ptr().wrapping_add(offset));
        }
        at += TOGETHER * bytes;
    }
    while at + bytes <= len {
        add(&mut sums[0], a.as_ptr().wrapping_add(at), b.as_ptr().wrapping_add(at));
        at += bytes;
    }
    let last = [a, b].map(|row| last::<{ 2 * STEP }>(row.get(at..len).unwrap_or(&[])));
    add(&mut sums[1], last[0].as_ptr(), last[1].as_ptr());
    let [first, second, third, fourth] = sums;
    std::array::from_fn(|n| {
        let [a, b, c, d] = [first, second, third, fourth].map(|sums| vaddq_f32(sums[0][n], sums[1][n]));
        vaddvq_f32(vaddq_f32(vaddq_f32(a, b), vaddq_f32(c, d)))
    })
}

/// The last bytes of a row, zeros after them.
#[inline(always)]
fn last<const N: usize>(row: &[u8]) -> [u8; N] {
    let mut last = [0; N];
    last.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
    last
}

#[target_feature(enable = "neon")]
fn l2_here<E: Load>(a: &[u8], b: &[u8]) -> f32 {
    let [sum] = walk::<E, 1>(a, b, |sums, x, y| {
        let difference = vsubq_f32(x, y);
        sums[0] = vfmaq_f32(sums[0], difference, difference);
    });
    sum
}

#[target_feature(enable = "neon")]
fn dot_here<E: Load>(a: &[u8], b: &[u8]) -> f32 {
    let [sum] = walk::<E, 1>(a, b, |sums, x, y| sums[0] = vfmaq_f32(sums[0], x, y));
    sum
}

#[target_feature(enable = "neon")]
fn sums_here<E: Load>(a: &[u8], b: &[u8]) -> Sums {
    walk::<E, 3>(a, b, |sums, x, y| {
        sums[0] = vfmaq_f32(sums[0], x, y);
        sums[1] = vfmaq_f32(sums[1], x, x);
        sums[2] = vfmaq_f32(sums[2], y, y);
    })
}

#[target_feature(enable = "neon")]
fn half_here<E: Load>(a: &[u8], b: &[u8]) -> [f32; 2] {
    walk::<E, 2>(a, b, |sums, x, y| {
        sums[0] = vfmaq_f32(sums[0], x, y);
        sums[1] = vfmaq_f32(sums[1], y, y);
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

/// Both rows in blocks whose sums fit their lanes; each by registers, the last one filled up with zeros.
#[inline]
#[target_feature(enable = "neon")]
fn walk_bytes<S>(
    a: &[u8],
    b: &[u8],
    zero: S,
    step: impl Fn(S, uint8x16_t, uint8x16_t) -> S,
    add: impl Fn(S) -> i64,
) -> i64
where
    S: Copy,
{
    let load = |bytes: &[u8; STEP]| {
        // SAFETY: the array holds a register; loads of bytes need no alignment.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    };
    let mut sum = 0;
    for (a, b) in a.chunks(BLOCK).zip(b.chunks(BLOCK)) {
        let len = a.len().min(b.len());
        let ((xs, x), (ys, y)) = (a[..len].as_chunks::<STEP>(), b[..len].as_chunks::<STEP>());
        let whole = xs.iter().zip(ys).fold(zero, |sums, (x, y)| step(sums, load(x), load(y)));
        sum += add(step(whole, load(&last(x)), load(&last(y))));
    }
    sum
}

#[target_feature(enable = "neon")]
fn dot_bytes_here(a: &[u8], b: &[u8]) -> f32 {
    let step = |[low, high]: [int32x4_t; 2], x, y| {
        let (x, y) = (vreinterpretq_s8_u8(x), vreinterpretq_s8_u8(y));
        let products = [vmull_s8(vget_low_s8(x), vget_low_s8(y)), vmull_high_s8(x, y)];
        [vpadalq_s16(low, products[0]), vpadalq_s16(high, products[1])]
    };
    walk_bytes(a, b, [vdupq_n_s32(0); 2], step, |sums| add_wide(sums)) as f32
}

#[target_feature(enable = "neon")]
fn l2_bytes_here(a: &[u8], b: &[u8]) -> f32 {
    let step = |sums: [int32x4_t; 2], x, y| {
        let (x, y) = (vreinterpretq_s8_u8(x), vreinterpretq_s8_u8(y));
        let differences = [vsubl_s8(vget_low_s8(x), vget_low_s8(y)), vsubl_high_s8(x, y)];
        let [low, high] = differences.map(|d| (vget_low_s16(d), d));
        let sums = [vmlal_s16(sums[0], low.0, low.0), vmlal_s16(sums[1], high.0, high.0)];
        [vmlal_high_s16(sums[0], low.1, low.1), vmlal_high_s16(sums[1], high.1, high.1)]
    };
    walk_bytes(a, b, [vdupq_n_s32(0); 2], step, |sums| add_wide(sums)) as f32
}

/// The lanes' sum, which may be beyond 32 bits.
#[inline]
#[target_feature(enable = "neon")]
fn add_wide([low, high]: [int32x4_t; 2]) -> i64 {
    vaddlvq_s32(low) + vaddlvq_s32(high)
}

/// Ones in what `word` makes of both rows; it must make zeros of zeros.
#[inline]
#[target_feature(enable = "neon")]
fn ones(a: &[u8], b: &[u8], word: impl Fn(uint8x16_t, uint8x16_t) -> uint8x16_t) -> u32 {
    let step = |sums: uint16x8_t, x, y| vpadalq_u8(sums, vcntq_u8(word(x, y)));
    walk_bytes(a, b, vdupq_n_u16(0), step, |sums| i64::from(vaddlvq_u16(sums))) as u32
}

#[target_feature(enable = "neon")]
fn hamming_here(a: &[u8], b: &[u8]) -> f32 {
    ones(a, b, |x, y| veorq_u8(x, y)) as f32
}

#[target_feature(enable = "neon")]
fn jaccard_here(a: &[u8], b: &[u8]) -> f32 {
    scalar::unlike(ones(a, b, |x, y| vandq_u8(x, y)), ones(a, b, |x, y| vorrq_u8(x, y)))
}
