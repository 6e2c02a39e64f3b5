//! Product codes of four bits in blocks of rows, for lists: sixteen rows' inner products at once.

use super::Quantizer;
use crate::space::Keys;
use elanus_kernels::pq::Codebook;
use elanus_kernels::pq::scan::{self, BlockSums, ByteTables, ROWS};
use std::ops::Range;

/// A codebook whose codes lie in blocks.
pub(crate) struct Blocks {
    book: Codebook,
    sums: BlockSums,
}

/// The tables of a query, as floats and as bytes.
#[derive(Default)]
pub(crate) struct BlockQuery {
    floats: Vec<f32>,
    bytes: ByteTables,
}

impl Blocks {
    pub(super) fn new(book: Codebook) -> Self {
        Self { book, sums: BlockSums::default() }
    }

    /// The inner products with the rows of a block; zeros for one outside.
    #[inline]
    fn block(&self, query: &BlockQuery, codes: &[u8], block: usize) -> [f32; ROWS] {
        let bytes = query.bytes.block();
        let start = block.saturating_mul(bytes);
        self.sums.dots(&query.bytes, codes.get(start..start.saturating_add(bytes)).unwrap_or(&[]))
    }

    pub(super) fn book(&self) -> &Codebook {
        &self.book
    }
}

/// Codes of rows, one after the other, brought into blocks.
pub(crate) fn in_blocks<'a>(codes: impl Iterator<Item = &'a [u8]>, rows: usize, width: usize) -> Vec<u8> {
    let block = width * ROWS;
    let mut blocks = vec![0; rows.div_ceil(ROWS) * block];
    for (place, code) in codes.enumerate() {
        let start = place / ROWS * block;
        scan::put(code, place, blocks.get_mut(start..start + block).unwrap_or(&mut []));
    }
    blocks
}

impl Quantizer for Blocks {
    type Query = BlockQuery;

    fn width(&self) -> usize {
        self.book.shape().width()
    }

    fn encode(&self, vectors: &mut [f32], codes: &mut [u8], scales: &mut Vec<f32>) {
        Quantizer::encode(&self.book, vectors, codes, scales);
    }

    fn prepare(&self, vector: &mut [f32], query: &mut BlockQuery) {
        self.book.tables(vector, &mut query.floats);
        query.bytes.fill(&self.book.shape(), &query.floats);
    }

    /// Rows of a block should follow each other: it is added up once.
    #[inline]
    fn dots(&self, query: &BlockQuery, codes: &[u8], rows: &[u32], room: &mut Keys) {
        room.keys.clear();
        let (mut at, mut dots) = (usize::MAX, [0.0; ROWS]);
        for row in rows {
            let block = *row as usize / ROWS;
            if block != at {
                at = block;
                dots = self.block(query, codes, block);
            }
            room.keys.push(dots[*row as usize % ROWS]);
        }
    }

    #[inline]
    fn run(&self, query: &BlockQuery, codes: &[u8], rows: Range<u32>, room: &mut Keys) {
        room.keys.clear();
        let rows = rows.start as usize..rows.end as usize;
        let first = rows.start / ROWS * ROWS;
        let bytes = query.bytes.block();
        let blocks = first / ROWS * bytes..rows.end.div_ceil(ROWS).saturating_mul(bytes);
        self.sums.run(&query.bytes, codes.get(blocks).unwrap_or(&[]), &mut room.keys);
        room.keys.resize(rows.end.saturating_sub(first), 0.0);
        room.keys.drain(..(rows.start - first).min(room.keys.len()));
    }
}
