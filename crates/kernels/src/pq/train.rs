//! Finding the centres of one piece by k-means (Lloyd, 1982).

use super::Shape;
use super::nearest::nearest;
use super::strips::{LANES, Lane, strips, subtract};
use crate::Level;

/// Passes over the sample.
const PASSES: usize = 10;

/// Some vectors to learn from.
#[derive(Clone, Debug)]
pub struct Sample {
    shape: Shape,
    rows: usize,
    strips: Vec<Lane>,
}

impl Sample {
    /// Vectors, one after the other, [`Shape::dim`] floats each.
    pub fn new(shape: Shape, floats: &[f32]) -> Self {
        Self { shape, rows: floats.len() / shape.dim.max(1), strips: strips(floats, shape.dim) }
    }
}

/// The centres of a piece, stage after stage, as they lie in a [`super::Codebook`]. The same sample gives the same
/// centres.
pub fn train_piece(sample: &Sample, piece: usize) -> Vec<f32> {
    let Sample { shape, rows, .. } = *sample;
    let range = shape.piece(piece);
    let width = range.len().max(1);
    let strips = sample.strips.chunks_exact(shape.dim.max(1));
    let left = strips.flat_map(|strip| strip.get(range.clone()).unwrap_or(&[])).copied().collect();
    let mut left = Piece { rows, width, strips: left };
    let mut out = Vec::with_capacity(shape.stages * shape.centres() * width);
    for stage in 0..shape.stages {
        let centres = left.cluster(shape.centres());
        if stage + 1 < shape.stages {
            left.subtract(&centres);
        }
        out.extend(centres);
    }
    out
}

/// What the vectors of a sample have in a piece.
struct Piece {
    rows: usize,
    width: usize,
    strips: Vec<Lane>,
}

/// What one pass sums up.
struct Pass {
    sums: Vec<f64>,
    members: Vec<usize>,
    /// The largest error, and whose it is.
    farthest: (f32, usize),
}

impl Piece {
    fn row(&self, at: usize) -> impl Iterator<Item = f32> + '_ {
        let strip = self.strips.get(at / LANES * self.width..).unwrap_or(&[]);
        strip.iter().take(self.width).map(move |lane| lane[at % LANES])
    }

    fn cluster(&self, count: usize) -> Vec<f32> {
        let (width, first) = (self.width, count.min(self.rows));
        // Rows spread over the sample to begin with; fewer rows than centres leave zeros.
        let mut centres: Vec<f32> = (0..first).flat_map(|at| self.row(at * self.rows / first)).collect();
        centres.resize(count * width, 0.0);
        for _ in 0..PASSES {
            let Pass { sums, members, farthest } = self.pass(&centres, count);
            let moved = centres.chunks_exact_mut(width).zip(sums.chunks_exact(width)).zip(&members);
            for ((centre, sums), members) in moved.filter(|(_, members)| **members > 0) {
                let mean = |sum: &f64| (sum / *members as f64) as f32;
                centre.iter_mut().zip(sums).for_each(|(centre, sum)| *centre = mean(sum));
            }
            // One empty centre a pass moves to where the error is largest.
            let empty = members.iter().position(|members| *members == 0).filter(|_| farthest.0 > 0.0);
            if let Some(empty) = empty.and_then(|empty| centres.chunks_exact_mut(width).nth(empty)) {
                empty.iter_mut().zip(self.row(farthest.1)).for_each(|(centre, v)| *centre = v);
            }
        }
        centres
    }

    fn pass(&self, centres: &[f32], count: usize) -> Pass {
        let width = self.width;
        let mut pass = Pass { sums: vec![0.0; count * width], members: vec![0; count], farthest: (0.0, 0) };
        let level = Level::chosen();
        for (strip, start) in self.strips.chunks_exact(width).zip((0..self.rows).step_by(LANES)) {
            let found = nearest(level, strip, centres);
            for at in 0..LANES.min(self.rows - start) {
                let (number, square) = (found.numbers[at] as usize, found.squares[at]);
                pass.members[number] += 1;
                let sums = &mut pass.sums[number * width..][..width];
                sums.iter_mut().zip(strip).for_each(|(sum, lane)| *sum += f64::from(lane[at]));
                if square.is_finite() && square > pass.farthest.0 {
                    pass.farthest = (square, start + at);
                }
            }
        }
        pass
    }

    /// Leaves what vectors differ from their nearest centres.
    fn subtract(&mut self, centres: &[f32]) {
        let level = Level::chosen();
        for strip in self.strips.chunks_exact_mut(self.width) {
            let found = nearest(level, strip, centres);
            subtract(strip, centres, &found.numbers);
        }
    }
}
