//! The nearest centres of many rows, by codes: the same keys, and so the same centres, as one row at a time.

use crate::space::codes::{CodeSpace, NUMBERS};
use elanus_kernels::block::{Block, Codes, Packer};

/// Centres, packed.
pub(super) struct CentreBlock {
    /// How codes are compared, without codes.
    by: CodeSpace<'static>,
    block: Block<Codes>,
    panels: Vec<u32>,
    /// Words of a panel.
    size: usize,
    surplus: Vec<i32>,
    scales: Vec<f32>,
    terms: Vec<f32>,
}

/// Working memory of one thread.
#[derive(Debug, Default)]
pub(super) struct AssignRoom {
    packer: Option<Packer>,
    tile: Vec<u32>,
    /// Dot products of a tile with a panel.
    dots: Vec<i32>,
    /// Those with all centres, by row.
    all: Vec<i32>,
}

impl CentreBlock {
    pub(super) fn new(centres: CodeSpace<'_>) -> Self {
        let block = Block::<Codes>::default();
        let mut packer = block.row_packer(centres.width);
        let codes: Vec<&[u8]> = centres.codes.chunks_exact(centres.width.max(1)).collect();
        let mut panels = Vec::with_capacity(codes.len().div_ceil(packer.lanes()) * packer.words());
        for codes in codes.chunks(packer.lanes()) {
            packer.pack(codes.iter().copied(), &mut panels);
        }
        let surplus = codes.iter().map(|code| block.surplus(code)).collect();
        let number = |bytes: &[u8; NUMBERS]| {
            let [a, b, c, d, e, f, g, h] = *bytes;
            (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
        };
        let (scales, terms) = centres.numbers.iter().map(number).unzip();
        let by = CodeSpace { codes: &[], numbers: &[], ..centres };
        Self { by, block, size: packer.words(), panels, surplus, scales, terms }
    }

    /// Appends the nearest centre of each row.
    pub(super) fn nearest(
        &self,
        space: &CodeSpace<'_>,
        rows: &[u32],
        room: &mut AssignRoom,
        out: &mut Vec<u32>,
    ) {
        let packer = room.packer.get_or_insert_with(|| self.block.query_packer(self.by.width));
        for rows in rows.chunks(packer.lanes()) {
            room.tile.clear();
            packer.pack(rows.iter().map(|row| space.code(*row)), &mut room.tile);
            self.dots(&room.tile, &mut room.dots, &mut room.all);
            for (row, dots) in rows.iter().zip(room.all.chunks_exact(self.scales.len().max(1))) {
                let line = self.by.query(space.code(*row), space.numbers(*row).0).line();
                out.push(self.block.nearest(dots, &self.terms, &self.scales, &line).unwrap_or(0));
            }
        }
    }

    /// Puts into `keys`, cleared first, the keys between some queries, given by their codes and scales, and all centres.
    pub(super) fn keys(&self, queries: &[(Vec<u8>, f32)], room: &mut AssignRoom, keys: &mut Vec<f32>) {
        keys.clear();
        let packer = room.packer.get_or_insert_with(|| self.block.query_packer(self.by.width));
        for queries in queries.chunks(packer.lanes()) {
            room.tile.clear();
            packer.pack(queries.iter().map(|(code, _)| code.as_slice()), &mut room.tile);
            self.dots(&room.tile, &mut room.dots, &mut room.all);
            for ((code, scale), dots) in queries.iter().zip(room.all.chunks_exact(self.scales.len().max(1))) {
                let line = self.by.query(code, *scale).line();
                let numbers = self.terms.iter().zip(&self.scales).zip(dots);
                keys.extend(numbers.map(|((term, scale), dot)| line.key(*term, *scale, *dot as f32)));
            }
        }
    }

    /// Bytes they take.
    pub(super) fn memory_bytes(&self) -> usize {
        4 * (self.panels.len() + self.surplus.len() + self.scales.len() + self.terms.len())
    }

    fn dots(&self, tile: &[u32], dots: &mut Vec<i32>, all: &mut Vec<i32>) {
        let (lanes, count) = (self.block.rows(), self.scales.len());
        dots.resize(lanes * self.block.queries(), 0);
        all.resize(count * self.block.queries(), 0);
        let panels = self.panels.chunks_exact(self.size.max(1)).zip(self.surplus.chunks(lanes));
        for (n, (panel, surplus)) in panels.enumerate() {
            self.block.dots(tile, panel, surplus, dots);
            for (dots, all) in dots.chunks_exact(lanes).zip(all.chunks_exact_mut(count)) {
                let places = all.get_mut(n * lanes..).unwrap_or_default();
                places.iter_mut().zip(dots).for_each(|(place, dot)| *place = *dot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ivf::points::{Centres, CodePoints, Points, Room, centre_space};
    use crate::space::Space;
    use crate::space::encode::encode;
    use crate::{VectorsView, ivf::points::all};
    use elanus_kernels::{CodeDot, Element, Metric, convert::f32_bytes};
    use elanus_runtime::Cancel;

    #[test]
    fn the_same_centres_as_one_row_at_a_time() {
        let mut random = fastrand::Rng::with_seed(3);
        for (dim, lists) in [(5, 1), (33, 7), (70, 100)] {
            // Few different values: ties, which the first centre wins.
            let values: Vec<f32> = (0..dim * 300).map(|_| random.i32(-1..2) as f32).collect();
            let data = f32_bytes(&values);
            let vectors = VectorsView::new(Element::F32, dim, &data);
            for metric in [Metric::L2, Metric::Cosine] {
                let codes = encode(&vectors, metric, 1, &Cancel::new()).expect("encodes");
                let points = CodePoints { metric, dim, dot: CodeDot::scalar(), codes: &codes };
                let (mut centres, mut room) = (Centres::default(), Room::default());
                (0..lists).for_each(|list| points.centre(&[list * 2, list * 3 / 2], &mut centres));
                let (mut rows, mut found) = (Vec::new(), Vec::new());
                all(&mut rows, 301);
                points.assign(&rows, &points.prepare(&centres), &mut room, &mut found);
                for (row, found) in rows.iter().zip(&found) {
                    let by = points.space();
                    let near = centre_space(metric, points.dot, dim, &centres.bytes, &centres.numbers);
                    all(&mut room.rows, lists as usize);
                    let probe = near.query(by.code(*row), by.numbers(*row).0);
                    near.keys(probe, &room.rows, &mut room.keys);
                    let keys = room.keys.keys.iter().zip(0..);
                    let want = keys.min_by(|a, b| a.0.total_cmp(b.0)).map(|(_, list)| list);
                    assert_eq!(Some(*found), want, "{metric} {dim} row {row}");
                }
            }
        }
    }
}
