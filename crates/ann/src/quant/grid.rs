//! A few bits per component.

use super::{Quantizer, one_by_one};
use crate::space::Keys;
use elanus_kernels::grid::{self, Layout};
use elanus_kernels::{GridDot, Rotation, code};

/// Belongs to the format: every file's rotation is this one's.
const SEED: u64 = 0x2024_0527;

pub(crate) struct Grid {
    layout: Layout,
    dot: GridDot,
    rotation: Option<Rotation>,
}

/// A query's one-byte code.
#[derive(Default)]
pub(crate) struct GridQuery {
    code: Vec<u8>,
    step: f32,
    /// What numbers are reduced by, times the sum of the query's bytes.
    middle: f32,
}

impl Grid {
    pub(super) fn new(bits: usize, mixed: bool, dim: usize) -> Self {
        let rotation = mixed.then(|| Rotation::new(dim, SEED));
        Self { layout: Layout::new(bits, dim), dot: GridDot::new(), rotation }
    }
}

impl Quantizer for Grid {
    type Query = GridQuery;

    fn width(&self) -> usize {
        self.layout.width()
    }

    fn encode(&self, vectors: &mut [f32], codes: &mut [u8], scales: &mut Vec<f32>) {
        let mut room = Vec::new();
        scales.extend(one_by_one(vectors, codes, self.width(), |vector, code| {
            if let Some(rotation) = &self.rotation {
                rotation.apply(vector);
            }
            grid::encode(&self.layout, vector, &mut room, code)
        }));
    }

    fn prepare(&self, vector: &mut [f32], query: &mut GridQuery) {
        if let Some(rotation) = &self.rotation {
            rotation.apply(vector);
        }
        query.code.clear();
        query.step = code::quantize(vector, &mut query.code);
        query.code.resize(self.layout.query_width(), 0);
        let sum: i32 = query.code.iter().map(|byte| i32::from(*byte as i8)).sum();
        query.middle = self.layout.middle() * sum as f32;
    }

    #[inline]
    fn dots(&self, query: &GridQuery, codes: &[u8], rows: &[u32], room: &mut Keys) {
        self.dot.dots(&self.layout, &query.code, codes, rows, &mut room.dots);
        room.keys.clear();
        room.keys.extend(room.dots.iter().map(|dot| query.step * (*dot as f32 - query.middle)));
    }
}
