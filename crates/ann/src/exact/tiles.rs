//! A group of rows against tiles of queries.

use super::batch::{BatchRoom, ExactBatch, Part};
use super::floor::Floor;
use super::packed::Packed;
use crate::VectorsView;
use elanus_kernels::block::{Block, Line, Numbers};
use elanus_kernels::{Distance, Element, Metric, TopK};

/// Queries, packed.
pub(super) struct Tiles {
    pub block: Block<Numbers>,
    floor: Floor,
    /// Inner products: those of a row with itself are its squared length.
    inner: Distance,
    element: Element,
    dim: usize,
    words: Vec<u32>,
    /// Words of a tile.
    size: usize,
    lines: Vec<Line>,
}

impl Tiles {
    pub(super) fn new(metric: Metric, element: Element, dim: usize, queries: &[&[u8]]) -> Option<Self> {
        let inner = Distance::new(Metric::Ip, element, dim)?;
        let (block, floor) = (Block::<Numbers>::default(), Floor::new(metric, dim));
        let mut packer = block.query_packer(element, dim);
        let mut words = Vec::with_capacity(queries.len().div_ceil(packer.lanes()) * packer.words());
        for queries in queries.chunks(packer.lanes()) {
            packer.pack(queries.iter().copied(), &mut words);
        }
        let lines = queries.iter().map(|query| floor.line(-inner.key(query, query))).collect();
        Some(Self { block, floor, inner, element, dim, words, size: packer.words(), lines })
    }

    /// Offers the rows of the group to every query that is not compared directly.
    pub(super) fn offer(
        &self,
        batch: &ExactBatch<'_>,
        part: Part<'_>,
        room: &mut BatchRoom,
        outs: &mut [TopK],
    ) {
        self.pack(part.vectors, &room.rows, &mut room.packed);
        let lanes = self.block.queries();
        for (n, tile) in self.tiles().enumerate() {
            let queries = n * lanes..((n + 1) * lanes).min(self.lines.len());
            if room.queries.get(queries.clone()).is_some_and(|them| them.iter().any(|query| !query.direct)) {
                self.tile(tile, queries, batch, part, room, outs);
            }
        }
    }

    /// The queries, as many in each part as the kernel takes at once.
    pub(super) fn tiles(&self) -> impl Iterator<Item = &[u32]> {
        self.words.chunks_exact(self.size.max(1))
    }

    /// Words of a panel of rows.
    pub(super) fn panel(&self) -> usize {
        self.dim * self.block.rows()
    }

    /// How floors follow from dot products, for some of the queries.
    pub(super) fn lines(&self, queries: std::ops::Range<usize>) -> impl Iterator<Item = &Line> {
        self.lines.get(queries).unwrap_or_default().iter()
    }

    /// Packs some rows.
    pub(super) fn pack(&self, vectors: &VectorsView<'_>, rows: &[u32], room: &mut Packed) {
        let packer = room.packer.get_or_insert_with(|| self.block.row_packer(self.element, self.dim));
        room.panels.clear();
        room.terms.clear();
        room.scales.clear();
        for rows in rows.chunks(self.block.rows()) {
            packer.pack(rows.iter().map(|row| vectors.row(*row as usize)), &mut room.panels);
            for row in rows {
                let row = vectors.row(*row as usize);
                let (term, scale) = self.floor.numbers(-self.inner.key(row, row));
                room.terms.push(term);
                room.scales.push(scale);
            }
        }
        let whole = rows.len().next_multiple_of(self.block.rows());
        room.terms.resize(whole, 0.0);
        room.scales.resize(whole, 0.0);
        room.dots.resize(self.block.rows() * self.block.queries(), 0.0);
    }

    fn tile(
        &self,
        tile: &[u32],
        queries: std::ops::Range<usize>,
        batch: &ExactBatch<'_>,
        part: Part<'_>,
        room: &mut BatchRoom,
        outs: &mut [TopK],
    ) {
        let lanes = self.block.rows();
        let packed = &mut room.packed;
        let panels = packed.panels.chunks_exact(self.panel()).zip(room.rows.chunks(lanes));
        let numbers = packed.terms.chunks_exact(lanes).zip(packed.scales.chunks_exact(lanes));
        for ((panel, rows), (terms, scales)) in panels.zip(numbers) {
            self.block.dots(tile, panel, &mut packed.dots);
            let there = u32::MAX >> (32 - rows.len().clamp(1, 32));
            for (at, dots) in queries.clone().zip(packed.dots.chunks_exact(lanes)) {
                let (Some(line), Some(progress), Some(out)) =
                    (self.lines.get(at), room.queries.get_mut(at), outs.get_mut(at))
                else {
                    continue;
                };
                let line = Line { limit: out.threshold().min(batch.bound.high), ..*line };
                let mut near = self.block.below(dots, terms, scales, &line) & there;
                if near == 0 || progress.direct {
                    continue;
                }
                let Some(query) = batch.query(at) else { continue };
                progress.compared += near.count_ones() as usize;
                while near != 0 {
                    let row = rows.get(near.trailing_zeros() as usize).copied().unwrap_or(u32::MAX);
                    let key = batch.distance.key(query, part.vectors.row(row as usize));
                    if key <= out.threshold() && batch.bound.keeps(key) {
                        out.push(key, part.first + row);
                    }
                    near &= near - 1;
                }
            }
        }
    }
}
