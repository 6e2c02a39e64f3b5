//! Comparing lists of vectors with rows that hold lists of vectors.
//!
//! The key of a row is the sum, over the vectors of the query, of the key of the row's nearest vector (MAX_SIM of late
//! interaction models). A query of one vector gives every row the key of its nearest vector. As in [`super::ExactBatch`]
//! dot products of packed groups give sums that exact ones are certainly not below, since sums of smaller numbers in the same
//! order are not larger; only rows that may be among the nearest by that are compared exactly.

use super::packed::Packed;
use super::tiles::Tiles;
use crate::{Bound, VectorsView};
use elanus_kernels::{Bitmap, Distance, Element, Metric, TopK};
use std::ops::Range;

/// Bytes of the vectors of a group; with the queries it stays in a core's own cache.
const GROUP_BYTES: usize = 256 << 10;
/// Query vectors below which packing costs more than it saves.
const FEW: usize = 10;

/// Query lists prepared for comparing them with many rows.
pub struct ListBatch<'a> {
    lists: &'a [&'a [u8]],
    distance: Distance,
    dim: usize,
    bound: Bound,
    tiles: Option<Tiles>,
    /// Where each list begins among all query vectors.
    starts: Vec<usize>,
}

/// Working memory of one thread.
#[derive(Default)]
pub struct ListRoom {
    rows: Vec<Row>,
    /// Vectors of these rows, by their number in the column.
    items: Vec<u32>,
    keys: Vec<f32>,
    packed: Packed,
    /// For every query vector of a tile and every row the floor of the nearest key.
    nearest: Vec<f32>,
    /// For every list and every row the floor of the sum.
    sums: Vec<f64>,
}

/// A row of a group.
struct Row {
    number: u32,
    /// Its vectors among the items of the group.
    items: Range<usize>,
}

impl<'a> ListBatch<'a> {
    /// `None` where the metric does not fit the element. Of a list that is no whole number of vectors, or empty, every row is
    /// equally far.
    pub fn new(
        metric: Metric,
        element: Element,
        dim: usize,
        lists: &'a [&'a [u8]],
        bound: Option<Bound>,
    ) -> Option<Self> {
        let distance = Distance::new(metric, element, dim)?;
        let width = distance.width();
        let vectors: Vec<&[u8]> = lists.iter().flat_map(|list| list.chunks_exact(width)).collect();
        let starts = lists.iter().scan(0, |next, list| {
            let start = *next;
            *next += list.len() / width;
            Some(start)
        });
        let starts = starts.chain([vectors.len()]).collect();
        let blocked = vectors.len() >= FEW && element != Element::Bit;
        let tiles = blocked.then(|| Tiles::new(metric, element, dim, &vectors)).flatten();
        Some(Self { lists, distance, dim, bound: bound.unwrap_or(Bound::ALL), tiles, starts })
    }

    /// Offers the collector of every list some rows, each with the range of its vectors in `vectors`, under their numbers plus
    /// `first`. Only vectors in `allowed` count, all without it; a row that has none is no hit. Returns how many pairs of
    /// vectors were compared.
    pub fn offer(
        &self,
        vectors: &VectorsView<'_>,
        first: u32,
        rows: impl Iterator<Item = (u32, Range<usize>)>,
        allowed: Option<&Bitmap>,
        room: &mut ListRoom,
        outs: &mut [TopK],
    ) -> u64 {
        if (vectors.element, vectors.dim) != (self.distance.element(), self.dim) {
            return 0;
        }
        let most = (GROUP_BYTES / (self.dim * size_of::<f32>()).max(1)).max(1);
        let mut pairs = 0;
        for (number, range) in rows {
            let start = room.items.len();
            room.items.extend(items(vectors, range, allowed));
            let items = start..room.items.len();
            if items.is_empty() {
                continue;
            }
            room.rows.push(Row { number: first + number, items });
            if room.items.len() >= most {
                pairs += self.group(vectors, most, room, outs);
            }
        }
        pairs + self.group(vectors, most, room, outs)
    }

    /// The place, in the row's range, of the vector nearest to the query number `list`, which is of one vector; the first of
    /// equals.
    pub fn nearest(
        &self,
        list: usize,
        vectors: &VectorsView<'_>,
        range: Range<usize>,
        allowed: Option<&Bitmap>,
    ) -> Option<u32> {
        let query = self.lists.get(list)?;
        let key = |item: u32| self.distance.key(query, vectors.row(item as usize));
        let start = range.start as u32;
        let items = items(vectors, range, allowed);
        items.min_by(|a, b| key(*a).total_cmp(&key(*b))).map(|item| item - start)
    }

    /// Judges the rows gathered so far.
    fn group(&self, vectors: &VectorsView<'_>, most: usize, room: &mut ListRoom, outs: &mut [TopK]) -> u64 {
        let pairs = (room.items.len() * self.starts.last().copied().unwrap_or(0)) as u64;
        // A single row may be too large to be packed.
        let tiles = self.tiles.as_ref().filter(|_| room.items.len() <= most * 2);
        if let Some(tiles) = tiles {
            self.floors(tiles, vectors, room);
        }
        let count = room.rows.len();
        for (at, (list, out)) in self.lists.iter().zip(outs).enumerate() {
            for (row, of) in room.rows.iter().enumerate() {
                let floor = tiles.and_then(|_| room.sums.get(at * count + row));
                if floor.is_some_and(|sum| *sum as f32 > out.threshold().min(self.bound.high)) {
                    continue;
                }
                let Some(items) = room.items.get(of.items.clone()) else { continue };
                let key = self.exact(list, vectors, items, &mut room.keys);
                if key <= out.threshold() && self.bound.keeps(key) {
                    out.push(key, of.number);
                }
            }
        }
        room.rows.clear();
        room.items.clear();
        pairs
    }

    /// The key of a row that holds these items.
    fn exact(&self, list: &[u8], vectors: &VectorsView<'_>, items: &[u32], keys: &mut Vec<f32>) -> f32 {
        let width = self.distance.width();
        let (Some(begin), Some(end)) = (items.first(), items.last()) else { return f32::INFINITY };
        let adjoining = (end - begin) as usize + 1 == items.len();
        let block = vectors.data.get(*begin as usize * width..(*end as usize + 1) * width);
        let sum = list.chunks_exact(width).map(|query| {
            keys.clear();
            match block.filter(|_| adjoining) {
                Some(block) => self.distance.keys(query, block, keys),
                None => keys
                    .extend(items.iter().map(|item| self.distance.key(query, vectors.row(*item as usize)))),
            }
            f64::from(keys.iter().copied().fold(f32::INFINITY, f32::min))
        });
        number(sum.sum())
    }

    /// Fills in the sums that exact ones are not below.
    fn floors(&self, tiles: &Tiles, vectors: &VectorsView<'_>, room: &mut ListRoom) {
        tiles.pack(vectors, &room.items, &mut room.packed);
        let (lanes, count) = (tiles.block.queries(), room.rows.len());
        room.sums.clear();
        room.sums.resize(self.lists.len() * count, 0.0);
        let vectors = self.starts.last().copied().unwrap_or(0);
        let mut list = 0;
        for (n, tile) in tiles.tiles().enumerate() {
            let queries = n * lanes..((n + 1) * lanes).min(vectors);
            nearest(tiles, tile, queries.clone(), room);
            for (lane, query) in queries.enumerate() {
                while self.starts.get(list + 1).is_some_and(|end| *end <= query) {
                    list += 1;
                }
                let keys = room.nearest.get(lane * count..(lane + 1) * count).unwrap_or_default();
                let sums = room.sums.get_mut(list * count..(list + 1) * count).unwrap_or_default();
                sums.iter_mut().zip(keys).for_each(|(sum, key)| *sum += f64::from(*key));
            }
        }
    }
}

/// For every query vector of a tile and every row the floor of the key of the nearest vector.
fn nearest(tiles: &Tiles, tile: &[u32], queries: Range<usize>, room: &mut ListRoom) {
    let (lanes, count) = (tiles.block.rows(), room.rows.len());
    room.nearest.clear();
    room.nearest.resize(queries.len() * count, f32::INFINITY);
    let packed = &mut room.packed;
    let panels = packed.panels.chunks_exact(tiles.panel());
    let numbers = packed.terms.chunks_exact(lanes).zip(packed.scales.chunks_exact(lanes));
    let (mut row, mut item) = (0, 0);
    for (panel, (terms, scales)) in panels.zip(numbers) {
        tiles.block.dots(tile, panel, &mut packed.dots);
        let there = lanes.min(room.items.len().saturating_sub(item));
        let (mut next, mut place) = (row, 0);
        // The panel's items row by row.
        while let Some(of) = room.rows.get(next).filter(|_| place < there) {
            let end = there.min(of.items.end - item);
            for ((line, dots), keys) in tiles
                .lines(queries.clone())
                .zip(packed.dots.chunks_exact(lanes))
                .zip(room.nearest.chunks_exact_mut(count))
            {
                let Some(key) = keys.get_mut(next) else { continue };
                for i in place..end {
                    let floor = line.key(terms[i], scales[i], dots[i]);
                    // What is not a number may be anything.
                    *key = if floor.is_nan() { f32::NEG_INFINITY } else { key.min(floor) };
                }
            }
            place = end;
            if item + end == of.items.end {
                next += 1;
            }
        }
        (row, item) = (next, item + there);
    }
}

/// The vectors of a range that are there and allowed.
fn items<'b>(
    vectors: &VectorsView<'_>,
    range: Range<usize>,
    allowed: Option<&'b Bitmap>,
) -> impl Iterator<Item = u32> + use<'b> {
    let range = range.start.min(vectors.rows)..range.end.min(vectors.rows);
    let some = allowed.map(|allowed| allowed.iter_in(range.clone()));
    let all = allowed.is_none().then_some(range);
    some.into_iter().flatten().chain(all.into_iter().flatten()).map(|item| item as u32)
}

/// A sum as a key; one that is not a number is infinitely far.
fn number(sum: f64) -> f32 {
    if sum.is_nan() { f32::INFINITY } else { sum as f32 }
}

#[cfg(test)]
mod tests;
