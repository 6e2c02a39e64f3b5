//! Versions for ARM processors with NEON.
//!
//! Products of bytes within ±127 fit 16 bits two together, which halves the additions; where bytes may be −128 each
//! product is widened by itself. (The instructions for dot products of bytes are not offered by the compiler yet.)
#![allow(unsafe_code)]

use super::{BLOCK, TOGETHER, grouped, plain_dot};
use std::arch::aarch64::*;

pub(super) fn dot<const ANY: bool>(a: &[u8], b: &[u8]) -> i32 {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dot_here::<ANY>(a, b) }
}

pub(super) fn dots<const ANY: bool>(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    // SAFETY: `CodeDot` hands this out only where the level is supported.
    unsafe { dots_here::<ANY>(query, codes, rows, out) }
}

/// A block: two registers.
#[inline]
#[target_feature(enable = "neon")]
fn load(block: &[u8; BLOCK]) -> [int8x16_t; 2] {
    // SAFETY: the array holds two registers; the loads need no alignment.
    unsafe { [vld1q_s8(block.as_ptr().cast()), vld1q_s8(block.as_ptr().add(BLOCK / 2).cast())] }
}

#[inline]
#[target_feature(enable = "neon")]
fn add_products<const ANY: bool>(sums: &mut [int32x4_t; 2], a: [int8x16_t; 2], b: [int8x16_t; 2]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        let low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
        *sum = match ANY {
            true => vpadalq_s16(vpadalq_s16(*sum, low), vmull_high_s8(a, b)),
            false => vpadalq_s16(*sum, vmlal_high_s8(low, a, b)),
        };
    }
}

#[target_feature(enable = "neon")]
fn dot_here<const ANY: bool>(a: &[u8], b: &[u8]) -> i32 {
    let len = a.len().min(b.len());
    let ((a, a_rest), (b, b_rest)) = (a[..len].as_chunks(), b[..len].as_chunks());
    let mut sums = [vdupq_n_s32(0); 2];
    for (a, b) in a.iter().zip(b) {
        add_products::<ANY>(&mut sums, load(a), load(b));
    }
    vaddvq_s32(vaddq_s32(sums[0], sums[1])).wrapping_add(plain_dot(a_rest, b_rest))
}

#[target_feature(enable = "neon")]
fn dots_here<const ANY: bool>(query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    grouped(
        query,
        codes,
        rows,
        out,
        |group| dot_four::<ANY>(query, group),
        |code| dot_here::<ANY>(query, code),
    );
}

/// Dot products with codes that are all as long as the query: a whole number of blocks.
#[inline]
#[target_feature(enable = "neon")]
fn dot_four<const ANY: bool>(query: &[u8], codes: [&[u8]; TOGETHER]) -> [i32; TOGETHER] {
    let [a, b, c, d] = codes.map(|code| code.as_chunks::<BLOCK>().0);
    let mut sums = [[vdupq_n_s32(0); 2]; TOGETHER];
    for ((((query, a), b), c), d) in query.as_chunks().0.iter().zip(a).zip(b).zip(c).zip(d) {
        let query = load(query);
        for (sums, code) in sums.iter_mut().zip([a, b, c, d]) {
            add_products::<ANY>(sums, query, load(code));
        }
    }
    sums.map(|[first, second]| vaddvq_s32(vaddq_s32(first, second)))
}
