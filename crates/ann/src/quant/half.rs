//! Vectors at half the precision.

use super::{Coding, Quantizer, one_by_one, scale};
use crate::space::Keys;
use elanus_kernels::{Distance, Element, Metric, convert, prefetch};

/// Rows ahead of the one computed that are asked for.
const AHEAD: usize = 4;
/// Cache lines asked for per row.
const LINES: usize = 8;

pub(crate) struct Half {
    element: Element,
    product: Option<Distance>,
    width: usize,
}

impl Half {
    pub(super) fn new(brain: bool, dim: usize) -> Self {
        let element = Coding::half(brain);
        Self { element, product: Distance::new(Metric::Ip, element, dim), width: element.width(dim) }
    }
}

impl Quantizer for Half {
    type Query = Vec<u8>;

    fn width(&self) -> usize {
        self.width
    }

    fn encode(&self, vectors: &mut [f32], codes: &mut [u8], scales: &mut Vec<f32>) {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        scales.extend(one_by_one(vectors, codes, self.width, |vector, code| {
            bytes.clear();
            back.clear();
            convert::encode(self.element, vector, &mut bytes);
            convert::decode(self.element, &bytes, &mut back);
            code.copy_from_slice(&bytes);
            let dot = |other: &[f32]| vector.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
            scale(dot(vector), dot(&back))
        }));
    }

    fn prepare(&self, vector: &mut [f32], query: &mut Vec<u8>) {
        query.clear();
        convert::encode(self.element, vector, query);
    }

    #[inline]
    fn dots(&self, query: &Vec<u8>, codes: &[u8], rows: &[u32], room: &mut Keys) {
        room.keys.clear();
        let Some(product) = &self.product else { return room.keys.resize(rows.len(), 0.0) };
        let code = |row: u32| {
            let start = row as usize * self.width;
            codes.get(start..start + self.width).unwrap_or(&[])
        };
        room.keys.extend(rows.iter().enumerate().map(|(at, row)| {
            if let Some(later) = rows.get(at + AHEAD) {
                prefetch(code(*later), LINES);
            }
            let code = code(*row);
            if code.is_empty() { 0.0 } else { -product.key(query, code) }
        }));
    }
}
