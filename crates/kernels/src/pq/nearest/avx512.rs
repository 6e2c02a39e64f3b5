//! The version for x86-64 processors with AVX-512: a lane is a register.
#![allow(unsafe_code)]

use super::Nearest;
use crate::pq::strips::{LANES, Lane};
use std::arch::x86_64::*;

pub(super) fn nearest(strip: &[Lane], centres: &[f32]) -> Nearest {
    // SAFETY: `nearest` of the parent hands this out only where the level is supported.
    unsafe {
        match strip.len() {
            2 => fixed::<2>(strip, centres),
            4 => fixed::<4>(strip, centres),
            8 => fixed::<8>(strip, centres),
            _ => any(strip, centres),
        }
    }
}

/// Pieces of a usual width: their lanes stay in registers.
#[target_feature(enable = "avx512f")]
fn fixed<const WIDTH: usize>(strip: &[Lane], centres: &[f32]) -> Nearest {
    let Ok(strip) = <&[Lane; WIDTH]>::try_from(strip) else { return any(strip, centres) };
    let lanes: [__m512; WIDTH] = std::array::from_fn(|at| load(&strip[at]));
    let mut best = Best::new();
    for centre in centres.as_chunks::<WIDTH>().0 {
        let mut square = _mm512_setzero_ps();
        for (lane, component) in lanes.iter().zip(centre) {
            square = add(square, *lane, *component);
        }
        best = best.or(square);
    }
    best.found()
}

#[target_feature(enable = "avx512f")]
fn any(strip: &[Lane], centres: &[f32]) -> Nearest {
    let mut best = Best::new();
    for centre in centres.chunks_exact(strip.len().max(1)) {
        let mut square = _mm512_setzero_ps();
        for (lane, component) in strip.iter().zip(centre) {
            square = add(square, load(lane), *component);
        }
        best = best.or(square);
    }
    best.found()
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(lane: &Lane) -> __m512 {
    // SAFETY: sixteen floats; the load needs no alignment.
    unsafe { _mm512_loadu_ps(lane.as_ptr()) }
}

/// Multiplied and added one after the other, as every level does.
#[inline]
#[target_feature(enable = "avx512f")]
fn add(square: __m512, lane: __m512, component: f32) -> __m512 {
    let off = _mm512_sub_ps(lane, _mm512_set1_ps(component));
    _mm512_add_ps(square, _mm512_mul_ps(off, off))
}

/// The nearest centres so far, and the number of the next one.
struct Best {
    squares: __m512,
    numbers: __m512i,
    next: __m512i,
}

impl Best {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let zero = _mm512_setzero_si512();
        Self { squares: _mm512_set1_ps(f32::INFINITY), numbers: zero, next: zero }
    }

    /// With the next centre, at these squared distances.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn or(self, squares: __m512) -> Self {
        let nearer = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(squares, self.squares);
        Self {
            squares: _mm512_mask_mov_ps(self.squares, nearer, squares),
            numbers: _mm512_mask_mov_epi32(self.numbers, nearer, self.next),
            next: _mm512_add_epi32(self.next, _mm512_set1_epi32(1)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn found(self) -> Nearest {
        let mut found = Nearest { squares: [0.0; LANES], numbers: [0; LANES] };
        // SAFETY: both arrays have room for a register; the stores need no alignment.
        unsafe {
            _mm512_storeu_ps(found.squares.as_mut_ptr(), self.squares);
            _mm512_storeu_si512(found.numbers.as_mut_ptr().cast(), self.numbers);
        }
        found
    }
}
