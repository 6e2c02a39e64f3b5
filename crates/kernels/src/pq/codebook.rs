//! The centres of a product quantizer, and codes made with them.

use std::sync::OnceLock;

use super::columns::Columns;
use super::{Shape, sums};

/// All centres: piece after piece, stage after stage, centre after centre.
#[derive(Clone, Debug)]
pub struct Codebook {
    shape: Shape,
    floats: Vec<f32>,
    /// The same for tables, made when first needed.
    columns: OnceLock<Vec<Columns>>,
}

impl Codebook {
    /// A codebook of [`Shape::floats`] numbers; `None` when there are more or fewer.
    pub fn new(shape: Shape, floats: Vec<f32>) -> Option<Self> {
        let columns = OnceLock::new();
        (floats.len() == shape.floats()).then_some(Self { shape, floats, columns })
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Its centres.
    pub fn floats(&self) -> &[f32] {
        &self.floats
    }

    /// The centres of a piece and stage.
    pub(super) fn centres(&self, piece: usize, stage: usize) -> &[f32] {
        let range = self.shape.piece(piece);
        let (before, width) = (range.start, range.len());
        let each = self.shape.centres();
        let start = (before * self.shape.stages + stage * width) * each;
        &self.floats[start..start + width * each]
    }

    fn columns(&self) -> Vec<Columns> {
        let names =
            (0..self.shape.pieces).flat_map(|piece| (0..self.shape.stages).map(move |stage| (piece, stage)));
        names
            .map(|(piece, stage)| Columns::new(self.centres(piece, stage), self.shape.piece(piece).len()))
            .collect()
    }

    /// Makes the tables of a query in `table`: its inner products with all centres.
    pub fn tables(&self, query: &[f32], table: &mut Vec<f32>) {
        table.clear();
        let each = self.shape.centres();
        table.resize(self.shape.names() * each, 0.0);
        let columns = self.columns.get_or_init(|| self.columns());
        let tables = table.chunks_exact_mut(each.max(1)).zip(columns);
        for (name, (table, columns)) in tables.enumerate() {
            let piece = name / self.shape.stages.max(1);
            columns.dots(query.get(self.shape.piece(piece)).unwrap_or(&[]), table);
        }
    }

    /// Appends the inner products of the query whose tables these are with some rows of a block of codes. A row outside
    /// the block counts as zero.
    pub fn dots(&self, table: &[f32], codes: &[u8], rows: &[u32], out: &mut Vec<f32>) {
        sums::dots(&self.shape, table, codes, rows, out);
    }
}
