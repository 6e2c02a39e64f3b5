//! Versions for ARM processors with NEON.
//!
//! Products of a number below 128 and a signed byte, two together, fit 16 bits; eight bits are taken four at a time.
#![allow(unsafe_code)]

use super::{BLOCK, Layout, TOGETHER, by_parts, grouped};
use std::arch::aarch64::*;

/// Bytes of a register.
const STEP: usize = 16;
/// Registers of a block's components.
const PARTS: usize = BLOCK / STEP;

pub(super) fn dots(layout: &Layout, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `GridDot` hands this out only at levels that the processor has.
    unsafe { by_parts!(layout, dots_of(layout, query, codes, rows, out)) }
}

#[target_feature(enable = "neon")]
fn dots_of<const N: usize, const P: usize>(
    layout: &Layout,
    query: &[u8],
    codes: &[u8],
    rows: &[u32],
    out: &mut Vec<i32>,
) {
    grouped(layout, query, codes, rows, out, |group| four::<N, P>(query, group));
}

/// Dot products with codes of as many blocks as the query has.
#[inline]
#[target_feature(enable = "neon")]
fn four<const N: usize, const P: usize>(query: &[u8], codes: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let size = (4 * N + P) * (BLOCK / 8);
    let mut sums = [[vdupq_n_s32(0); 2]; TOGETHER];
    for (block, query) in query.as_chunks::<BLOCK>().0.iter().enumerate() {
        // SAFETY: the block holds these registers; the loads need no alignment.
        let signed = std::array::from_fn(|at| unsafe { vld1q_s8(query.as_ptr().add(at * STEP).cast()) });
        for (sums, code) in sums.iter_mut().zip(codes) {
            if let Some(code) = code.get(block * size..(block + 1) * size) {
                add_block::<N, P>(sums, signed, code);
            }
        }
    }
    sums.map(|[a, b]| vaddvq_s32(vaddq_s32(a, b)))
}

/// Adds the products of a block of `N` parts of four bits and `P` of one.
#[inline]
#[target_feature(enable = "neon")]
fn add_block<const N: usize, const P: usize>(
    sums: &mut [int32x4_t; 2],
    signed: [int8x16_t; PARTS],
    code: &[u8],
) {
    let (nibbles, planes) = code.split_at(N * 32);
    let mut numbers = [vdupq_n_u8(0); PARTS];
    for (part, bytes) in nibbles.as_chunks::<32>().0.iter().enumerate() {
        numbers = halves(bytes);
        if N == 2 && part == 0 {
            // Sixteen times the upper four bits.
            let mut upper = [vdupq_n_s32(0); 2];
            add_products(&mut upper, numbers, signed);
            *sums = std::array::from_fn(|at| vaddq_s32(sums[at], vshlq_n_s32::<4>(upper[at])));
        }
    }
    for plane in planes.as_chunks::<8>().0 {
        let ones = spread(plane);
        numbers = std::array::from_fn(|at| vsubq_u8(vaddq_u8(numbers[at], numbers[at]), ones[at]));
    }
    add_products(sums, numbers, signed);
}

/// The lower four bits of all bytes, then the upper four.
#[inline]
#[target_feature(enable = "neon")]
fn halves(bytes: &[u8; 32]) -> [uint8x16_t; PARTS] {
    let low = vdupq_n_u8(15);
    // SAFETY: the array holds two registers; the loads need no alignment.
    let [a, b] = unsafe { [vld1q_u8(bytes.as_ptr()), vld1q_u8(bytes.as_ptr().add(STEP))] };
    [vandq_u8(a, low), vandq_u8(b, low), vshrq_n_u8::<4>(a), vshrq_n_u8::<4>(b)]
}

#[inline]
#[target_feature(enable = "neon")]
fn add_products(sums: &mut [int32x4_t; 2], numbers: [uint8x16_t; PARTS], signed: [int8x16_t; PARTS]) {
    for (at, (numbers, signed)) in numbers.into_iter().zip(signed).enumerate() {
        let numbers = vreinterpretq_s8_u8(numbers);
        let low = vmull_s8(vget_low_s8(numbers), vget_low_s8(signed));
        sums[at % 2] = vpadalq_s16(sums[at % 2], vmlal_high_s8(low, numbers, signed));
    }
}

/// Bytes of all ones where the mask has a one.
#[inline]
#[target_feature(enable = "neon")]
fn spread(mask: &[u8; 8]) -> [uint8x16_t; PARTS] {
    let bits = vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201));
    std::array::from_fn(|at| {
        let bytes = vcombine_u8(vdup_n_u8(mask[2 * at]), vdup_n_u8(mask[2 * at + 1]));
        vtstq_u8(bytes, bits)
    })
}
