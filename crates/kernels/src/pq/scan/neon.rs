//! The version for ARM processors with NEON: two names of sixteen rows at a time.
#![allow(unsafe_code)]

use super::{ENTRIES, ROWS, safe};
use std::arch::aarch64::*;

/// Words of a register.
const WORDS: usize = 4;

/// 16-bit sums of a block's rows: of the entries of first names, then of second ones, the lower rows first. A pair of
/// names adds one entry to each, so that those of all safe groups fit.
type Sums = [[uint16x8_t; 2]; 2];

pub(super) fn sums<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    // SAFETY: `BlockSums` hands this out only where the level is supported.
    unsafe { sums_here(tables, blocks) }
}

#[target_feature(enable = "neon")]
fn sums_here<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    let mut totals = [[0; ROWS]; N];
    for (tables, blocks) in safe(tables, blocks) {
        let mut sums = [[[vdupq_n_u16(0); 2]; 2]; N];
        for (group, tables) in tables.iter().enumerate() {
            let (first, second) = tables.split_at(tables.len() / 2);
            let (first, second) = (first.as_chunks::<ENTRIES>().0, second.as_chunks::<ENTRIES>().0);
            for (pair, tables) in first.iter().zip(second).enumerate() {
                let tables = [load(tables.0), load(tables.1)];
                for (sums, block) in sums.iter_mut().zip(blocks) {
                    let codes = block.get(group).and_then(|codes| codes.as_chunks::<ROWS>().0.get(pair));
                    if let Some(codes) = codes {
                        add(sums, tables, load(codes));
                    }
                }
            }
        }
        totals.iter_mut().zip(sums).for_each(|(totals, sums)| add_to(totals, sums));
    }
    totals
}

#[inline]
#[target_feature(enable = "neon")]
fn load(bytes: &[u8; ROWS]) -> uint8x16_t {
    // SAFETY: the array holds a register.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

/// Adds the entries that the names of a pair say.
#[inline]
#[target_feature(enable = "neon")]
fn add(sums: &mut Sums, [first, second]: [uint8x16_t; 2], codes: uint8x16_t) {
    let entries =
        [vqtbl1q_u8(first, vandq_u8(codes, vdupq_n_u8(15))), vqtbl1q_u8(second, vshrq_n_u8::<4>(codes))];
    for ([low, high], entries) in sums.iter_mut().zip(entries) {
        *low = vaddw_u8(*low, vget_low_u8(entries));
        *high = vaddw_high_u8(*high, entries);
    }
}

/// Adds both sums of every row to its total.
#[inline]
#[target_feature(enable = "neon")]
fn add_to(totals: &mut [u32; ROWS], [first, second]: Sums) {
    let halves = |at: usize| {
        let (a, b) = (first[at], second[at]);
        [vaddl_u16(vget_low_u16(a), vget_low_u16(b)), vaddl_high_u16(a, b)]
    };
    for (sum, totals) in [0, 1].map(halves).into_iter().flatten().zip(totals.as_chunks_mut::<WORDS>().0) {
        // SAFETY: the array holds a register.
        unsafe { vst1q_u32(totals.as_mut_ptr(), vaddq_u32(sum, vld1q_u32(totals.as_ptr()))) };
    }
}
