//! How vectors are coded, apart from how an index arranges them.
//!
//! A [`Quantizer`] turns vectors into codes and estimates inner products between a query and codes. [`Coded`] makes keys
//! of those, for every metric by one formula. Graphs and lists take any of them; [`Model`] is what a file says of one.

mod blocks;
mod coded;
mod coding;
mod fill;
mod grid;
mod half;
mod model;
mod product;

pub(crate) use blocks::in_blocks;
pub(crate) use coded::{Coded, CodedProbe, Frame};
pub use coding::Coding;
pub(crate) use fill::{Filled, fill};
pub(crate) use model::{Model, train, with_quantizer};

use crate::space::Keys;
use std::ops::Range;

/// Codes of vectors, and inner products with them.
pub(crate) trait Quantizer: Sync {
    /// A query as its inner products with codes need it.
    type Query: Default + Send;

    /// Bytes of a code.
    fn width(&self) -> usize;

    /// Writes the codes of some vectors, which may be changed on the way, over `codes` and appends their scales: scale
    /// times the inner product of a vector with what its code stands for is the vector's squared length. 0 where there
    /// is none.
    fn encode(&self, vectors: &mut [f32], codes: &mut [u8], scales: &mut Vec<f32>);

    /// Makes a query of a vector, which may be changed on the way.
    fn prepare(&self, vector: &mut [f32], query: &mut Self::Query);

    /// Computes into `room.keys`, cleared first, the inner products of the query with what the codes of some rows stand
    /// for; a row outside counts as zero.
    fn dots(&self, query: &Self::Query, codes: &[u8], rows: &[u32], room: &mut Keys);

    /// The same for rows that follow each other.
    fn run(&self, query: &Self::Query, codes: &[u8], rows: Range<u32>, room: &mut Keys) {
        room.spelt_out(rows, |rows, room| self.dots(query, codes, rows, room));
    }
}

/// Codes vectors one by one, into `width` bytes each, by a function that returns the scale.
fn one_by_one(
    vectors: &mut [f32],
    codes: &mut [u8],
    width: usize,
    mut encode: impl FnMut(&mut [f32], &mut [u8]) -> f32,
) -> impl Iterator<Item = f32> {
    let codes = codes.chunks_exact_mut(width.max(1));
    let dim = vectors.len() / codes.len().max(1);
    vectors.chunks_exact_mut(dim.max(1)).zip(codes).map(move |(vector, code)| encode(vector, code))
}

/// What makes the inner product of a code with its vector the vector's squared length.
fn scale(square: f32, along: f32) -> f32 {
    let scale = square / along;
    if along > 0.0 && scale.is_finite() { scale } else { 0.0 }
}
