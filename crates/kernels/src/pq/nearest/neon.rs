//! The version for ARM processors with NEON: a lane is four registers, two of them at a time.
#![allow(unsafe_code)]

use super::Nearest;
use crate::pq::strips::{LANES, Lane};
use std::arch::aarch64::*;

/// Floats of a register.
const WORDS: usize = 4;
/// Floats compared with a centre at a time.
const HALF: usize = 2 * WORDS;

type Two = [float32x4_t; 2];

pub(super) fn nearest(strip: &[Lane], centres: &[f32]) -> Nearest {
    let mut found = Nearest { squares: [0.0; LANES], numbers: [0; LANES] };
    let (squares, numbers) =
        (found.squares.as_chunks_mut::<HALF>().0, found.numbers.as_chunks_mut::<HALF>().0);
    for (half, (squares, numbers)) in squares.iter_mut().zip(numbers).enumerate() {
        // SAFETY: `nearest` of the parent hands this out only where the level is supported.
        unsafe {
            match strip.len() {
                2 => fixed::<2>(strip, half, centres),
                4 => fixed::<4>(strip, half, centres),
                8 => fixed::<8>(strip, half, centres),
                _ => any(strip, half, centres),
            }
            .store(squares, numbers);
        }
    }
    found
}

/// Pieces of a usual width: half of their lanes stays in registers.
#[target_feature(enable = "neon")]
fn fixed<const WIDTH: usize>(strip: &[Lane], half: usize, centres: &[f32]) -> Best {
    let Ok(strip) = <&[Lane; WIDTH]>::try_from(strip) else { return any(strip, half, centres) };
    let lanes: [Two; WIDTH] = std::array::from_fn(|at| load(&strip[at], half));
    let mut best = Best::new();
    for centre in centres.as_chunks::<WIDTH>().0 {
        let mut squares = [vdupq_n_f32(0.0); 2];
        for (lane, component) in lanes.iter().zip(centre) {
            squares = add(squares, *lane, *component);
        }
        best.take(squares);
    }
    best
}

#[target_feature(enable = "neon")]
fn any(strip: &[Lane], half: usize, centres: &[f32]) -> Best {
    let mut best = Best::new();
    for centre in centres.chunks_exact(strip.len().max(1)) {
        let mut squares = [vdupq_n_f32(0.0); 2];
        for (lane, component) in strip.iter().zip(centre) {
            squares = add(squares, load(lane, half), *component);
        }
        best.take(squares);
    }
    best
}

#[inline]
#[target_feature(enable = "neon")]
fn load(lane: &Lane, half: usize) -> Two {
    let lanes = &lane.as_chunks::<HALF>().0[half % 2];
    // SAFETY: eight floats, two registers.
    unsafe { [vld1q_f32(lanes.as_ptr()), vld1q_f32(lanes.as_ptr().add(WORDS))] }
}

/// Multiplied and added one after the other, as every level does.
#[inline]
#[target_feature(enable = "neon")]
fn add(squares: Two, lane: Two, component: f32) -> Two {
    let off = lane.map(|lane| vsubq_f32(lane, vdupq_n_f32(component)));
    [0, 1].map(|at| vaddq_f32(squares[at], vmulq_f32(off[at], off[at])))
}

/// The nearest centres so far, and the number of the next one.
struct Best {
    squares: Two,
    numbers: [uint32x4_t; 2],
    next: uint32x4_t,
}

impl Best {
    #[inline]
    #[target_feature(enable = "neon")]
    fn new() -> Self {
        let zero = vdupq_n_u32(0);
        Self { squares: [vdupq_n_f32(f32::INFINITY); 2], numbers: [zero; 2], next: zero }
    }

    /// Takes in the next centre, at these squared distances.
    #[inline]
    #[target_feature(enable = "neon")]
    fn take(&mut self, squares: Two) {
        for ((best, number), square) in self.squares.iter_mut().zip(&mut self.numbers).zip(squares) {
            let nearer = vcltq_f32(square, *best);
            *best = vbslq_f32(nearer, square, *best);
            *number = vbslq_u32(nearer, self.next, *number);
        }
        self.next = vaddq_u32(self.next, vdupq_n_u32(1));
    }

    #[inline]
    #[target_feature(enable = "neon")]
    fn store(self, squares: &mut [f32; HALF], numbers: &mut [u32; HALF]) {
        // SAFETY: both arrays have room for two registers.
        unsafe {
            vst1q_f32(squares.as_mut_ptr(), self.squares[0]);
            vst1q_f32(squares.as_mut_ptr().add(WORDS), self.squares[1]);
            vst1q_u32(numbers.as_mut_ptr(), self.numbers[0]);
            vst1q_u32(numbers.as_mut_ptr().add(WORDS), self.numbers[1]);
        }
    }
}
