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

    fn encode(&self, vector: &mut [f32], code: &mut [u8]) -> f32 {
        let square = vector.iter().map(|v| v * v).sum();
        scale(square, Codebook::encode(self, vector, code))
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
