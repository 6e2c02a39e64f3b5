//! Making codes.

use super::nearest::nearest;
use super::strips::{LANES, Lane, strips, subtract};
use super::{Codebook, Shape};
use crate::Level;

impl Codebook {
    /// Writes the codes of `vectors`, [`Shape::dim`] floats each, over `codes`, [`Shape::width`] bytes each, and puts
    /// into `along`, cleared first, for each of them ⟨what the code stands for, vector⟩. As many are coded as there is
    /// room for; several dozens at once are the fastest.
    pub fn encode(&self, vectors: &[f32], codes: &mut [u8], along: &mut Vec<f32>) {
        let Shape { dim, pieces, .. } = self.shape();
        codes.fill(0);
        along.clear();
        along.resize((vectors.len() / dim.max(1)).min(codes.len() / self.shape().width().max(1)), 0.0);
        let strips = strips(vectors.get(..along.len() * dim).unwrap_or(&[]), dim);
        let mut left = Vec::new();
        // Piece by piece, so that its centres are at hand for all vectors.
        for piece in 0..pieces {
            let rows = along.chunks_mut(LANES).zip(codes.chunks_mut(LANES * self.shape().width().max(1)));
            for (strip, (along, codes)) in strips.chunks_exact(dim.max(1)).zip(rows) {
                let strip = strip.get(self.shape().piece(piece)).unwrap_or(&[]);
                self.encode_strip(piece, strip, &mut left, codes, along);
            }
        }
    }

    /// Adds what a piece of some vectors says to their codes and products; `left` is working memory.
    fn encode_strip(
        &self,
        piece: usize,
        strip: &[Lane],
        left: &mut Vec<Lane>,
        codes: &mut [u8],
        along: &mut [f32],
    ) {
        let Shape { stages, .. } = self.shape();
        left.clear();
        left.extend_from_slice(strip);
        for stage in 0..stages {
            let centres = self.centres(piece, stage);
            let found = nearest(Level::chosen(), left, centres);
            let rows = along.iter_mut().zip(codes.chunks_exact_mut(self.shape().width().max(1)));
            for (at, (along, code)) in rows.enumerate() {
                let number = found.numbers[at] as usize;
                let centre = centres.get(number * strip.len()..).unwrap_or(&[]);
                *along += strip.iter().zip(centre).map(|(lane, centre)| lane[at] * centre).sum::<f32>();
                put(&self.shape(), code, piece * stages + stage, number);
            }
            if stage + 1 < stages {
                subtract(left, centres, &found.numbers);
            }
        }
    }
}

/// Notes the number of a centre in a code, which has zeros there.
#[inline(always)]
fn put(shape: &Shape, code: &mut [u8], name: usize, number: usize) {
    match shape.bits {
        0..=4 => code[name / 2] |= (number << (4 * (name % 2))) as u8,
        5..=8 => code[name] = number as u8,
        _ => code[2 * name..2 * name + 2].copy_from_slice(&(number as u16).to_le_bytes()),
    }
}
