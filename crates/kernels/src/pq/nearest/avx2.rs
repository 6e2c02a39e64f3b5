//! The version for x86-64 processors with AVX2: a lane is two registers.
#![allow(unsafe_code)]

use super::Nearest;
use crate::pq::strips::{LANES, Lane};
use std::arch::x86_64::*;

/// Floats of a register.
const HALF: usize = LANES / 2;

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
#[target_feature(enable = "avx2")]
fn fixed<const WIDTH: usize>(strip: &[Lane], half: usize, centres: &[f32]) -> Best {
    let Ok(strip) = <&[Lane; WIDTH]>::try_from(strip) else { return any(strip, half, centres) };
    let lanes: [__m256; WIDTH] = std::array::from_fn(|at| load(&strip[at], half));
    let mut best = Best::new();
    for centre in centres.as_chunks::<WIDTH>().0 {
        let mut square = _mm256_setzero_ps();
        for (lane, component) in lanes.iter().zip(centre) {
            square = add(square, *lane, *component);
        }
        best = best.or(square);
    }
    best
}

#[target_feature(enable = "avx2")]
fn any(strip: &[Lane], half: usize, centres: &[f32]) -> Best {
    let mut best = Best::new();
    for centre in centres.chunks_exact(strip.len().max(1)) {
        let mut square = _mm256_setzero_ps();
        for (lane, component) in strip.iter().zip(centre) {
            square = add(square, load(lane, half), *component);
        }
        best = best.or(square);
    }
    best
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(lane: &Lane, half: usize) -> __m256 {
    let lanes = &lane.as_chunks::<HALF>().0[half % 2];
    // SAFETY: eight floats; the load needs no alignment.
    unsafe { _mm256_loadu_ps(lanes.as_ptr()) }
}

/// Multiplied and added one after the other, as every level does.
#[inline]
#[target_feature(enable = "avx2")]
fn add(square: __m256, lane: __m256, component: f32) -> __m256 {
    let off = _mm256_sub_ps(lane, _mm256_set1_ps(component));
    _mm256_add_ps(square, _mm256_mul_ps(off, off))
}

/// The nearest centres so far, and the number of the next one.
struct Best {
    squares: __m256,
    numbers: __m256i,
    next: __m256i,
}

impl Best {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        let zero = _mm256_setzero_si256();
        Self { squares: _mm256_set1_ps(f32::INFINITY), numbers: zero, next: zero }
    }

    /// With the next centre, at these squared distances.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn or(self, squares: __m256) -> Self {
        let nearer = _mm256_cmp_ps::<_CMP_LT_OQ>(squares, self.squares);
        Self {
            squares: _mm256_blendv_ps(self.squares, squares, nearer),
            numbers: _mm256_blendv_epi8(self.numbers, self.next, _mm256_castps_si256(nearer)),
            next: _mm256_add_epi32(self.next, _mm256_set1_epi32(1)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(self, squares: &mut [f32; HALF], numbers: &mut [u32; HALF]) {
        // SAFETY: both arrays have room for a register; the stores need no alignment.
        unsafe {
            _mm256_storeu_ps(squares.as_mut_ptr(), self.squares);
            _mm256_storeu_si256(numbers.as_mut_ptr().cast(), self.numbers);
        }
    }
}
