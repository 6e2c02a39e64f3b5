//! The plain version that every processor runs.

use super::Nearest;
use crate::pq::strips::{LANES, Lane};

pub(super) fn nearest(strip: &[Lane], centres: &[f32]) -> Nearest {
    let mut best = Nearest { squares: [f32::INFINITY; LANES], numbers: [0; LANES] };
    for (centre, number) in centres.chunks_exact(strip.len().max(1)).zip(0u32..) {
        let mut squares = [0.0f32; LANES];
        for (lane, component) in strip.iter().zip(centre) {
            for (square, value) in squares.iter_mut().zip(lane) {
                let off = value - component;
                *square += off * off;
            }
        }
        let lanes = best.squares.iter_mut().zip(&mut best.numbers).zip(squares);
        for ((best, name), square) in lanes.filter(|((best, _), square)| square < *best) {
            (*best, *name) = (square, number);
        }
    }
    best
}
