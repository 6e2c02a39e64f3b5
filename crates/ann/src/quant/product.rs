//! Numbers of centres.

use super::{Quantizer, scale};
use crate::space::Keys;
use elanus_kernels::pq::Codebook;

impl Quantizer for Codebook {
    /// Tables of inner products.
    type Query = Vec<f32>;

    fn width(&self) -> usize {
        self.shape().width()
    }

    fn encode(&self, vectors: &mut [f32], codes: &mut [u8], scales: &mut Vec<f32>) {
        let mut along = Vec::new();
        Codebook::encode(self, vectors, codes, &mut along);
        let squares = vectors.chunks_exact(self.shape().dim.max(1));
        let squares = squares.map(|vector| vector.iter().map(|v| v * v).sum());
        scales.extend(squares.zip(along).map(|(square, along)| scale(square, along)));
    }

    fn prepare(&self, vector: &mut [f32], query: &mut Vec<f32>) {
        self.tables(vector, query);
    }

    #[inline]
    fn dots(&self, query: &Vec<f32>, codes: &[u8], rows: &[u32], room: &mut Keys) {
        room.keys.clear();
        Codebook::dots(self, query, codes, rows, &mut room.keys);
    }
}
