//! Product quantization: a vector cut into pieces, each replaced by the nearest of a few centres (Jégou et al., 2011),
//! and what is left of it again by the nearest of further ones (residual quantization, Chen et al., 2010).
//!
//! A code names one centre per piece and stage. An inner product with a query is a sum of table entries, one per centre
//! named; the tables are made once per query.

mod codebook;
mod columns;
mod encode;
mod nearest;
pub mod scan;
mod strips;
mod sums;
#[cfg(test)]
mod tests;
mod train;

pub use codebook::Codebook;
pub use train::{Sample, train_piece};

/// Shape of a product quantizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Components of a vector.
    pub dim: usize,
    /// Pieces a vector is cut into.
    pub pieces: usize,
    /// Centres named per piece, one after the other.
    pub stages: usize,
    /// Bits of a centre's number.
    pub bits: usize,
}

/// Most bits of a centre's number.
pub const MOST_BITS: usize = 12;

impl Shape {
    /// A shape with all numbers brought into what makes sense: 1 to `dim` pieces, 1 to 16 stages, 1 to 12 bits.
    pub fn new(dim: usize, pieces: usize, stages: usize, bits: usize) -> Self {
        Self {
            dim,
            pieces: pieces.clamp(1, dim.max(1)),
            stages: stages.clamp(1, 16),
            bits: bits.clamp(1, MOST_BITS),
        }
    }

    /// Centres per piece and stage.
    pub const fn centres(&self) -> usize {
        1 << self.bits
    }

    /// Centres that a code names.
    pub const fn names(&self) -> usize {
        self.pieces * self.stages
    }

    /// Bytes of a code: two numbers of up to four bits share a byte, those above eight bits take two.
    pub const fn width(&self) -> usize {
        match self.bits {
            0..=4 => self.names().div_ceil(2),
            5..=8 => self.names(),
            _ => self.names() * 2,
        }
    }

    /// The components of a piece.
    pub fn piece(&self, piece: usize) -> std::ops::Range<usize> {
        piece * self.dim / self.pieces..(piece + 1) * self.dim / self.pieces
    }

    /// Floats of all centres.
    pub const fn floats(&self) -> usize {
        self.dim * self.stages * self.centres()
    }
}
