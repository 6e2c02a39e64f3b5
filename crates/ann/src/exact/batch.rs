//! Comparing many queries with many rows.
//!
//! Rows are taken in groups that stay in a core's own cache. A group is packed, and its dot products with all queries give
//! for each pair a key that the exact one is certainly not below. Only rows that may be among the nearest by that are
//! compared exactly, so answers are those of [`super::exact_search`] to the last bit, however the work is split.

use super::exact_keys;
use super::packed::Packed;
use super::tiles::Tiles;
use crate::{Bound, VectorsView};
use elanus_kernels::{Distance, Element, Metric, TopK};

/// Bytes of a group; with the queries it stays in a core's own cache.
const GROUP_BYTES: usize = 256 << 10;
/// Queries below which packing costs more than it saves.
const FEW: usize = 10;
/// A query of which more than one row in so many was compared exactly had better be compared with all directly.
const SHARE: usize = 4;
/// Rows compared exactly before that is judged.
const TRIAL: usize = 4096;

/// Queries prepared for comparing them with many rows.
pub struct ExactBatch<'a> {
    queries: &'a [&'a [u8]],
    pub(super) distance: Distance,
    dim: usize,
    pub(super) bound: Bound,
    tiles: Option<Tiles>,
}

/// Working memory of one thread.
#[derive(Default)]
pub struct BatchRoom {
    /// Rows of the group.
    pub(super) rows: Vec<u32>,
    keys: Vec<f32>,
    pub(super) packed: Packed,
    pub(super) queries: Vec<Progress>,
    /// Rows seen in earlier groups.
    seen: usize,
}

/// How a query fares.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    /// Rows compared exactly.
    pub compared: usize,
    /// Floors are too low to help: all rows are compared exactly.
    pub direct: bool,
}

/// Rows to compare.
#[derive(Clone, Copy)]
pub(super) struct Part<'v> {
    pub vectors: &'v VectorsView<'v>,
    /// The number that the first of them goes by.
    pub first: u32,
}

impl<'a> ExactBatch<'a> {
    /// `None` where the metric does not fit the element. Queries of the wrong width find nothing.
    pub fn new(
        metric: Metric,
        element: Element,
        dim: usize,
        queries: &'a [&'a [u8]],
        bound: Option<Bound>,
    ) -> Option<Self> {
        let distance = Distance::new(metric, element, dim)?;
        let blocked = queries.len() >= FEW && element != Element::Bit;
        let tiles = blocked.then(|| Tiles::new(metric, element, dim, queries)).flatten();
        Some(Self { queries, distance, dim, bound: bound.unwrap_or(Bound::ALL), tiles })
    }

    /// Offers the collector of every query some rows of `vectors`, ascending, under their numbers plus `first`; rows that do
    /// not exist are skipped. Returns how many pairs were compared. A room may be used again for the same queries only.
    pub fn offer(
        &self,
        vectors: &VectorsView<'_>,
        first: u32,
        rows: impl Iterator<Item = u32>,
        room: &mut BatchRoom,
        outs: &mut [TopK],
    ) -> u64 {
        if (vectors.element, vectors.dim) != (self.distance.element(), self.dim) {
            return 0;
        }
        let there = vectors.rows.min(vectors.data.len() / self.distance.width().max(1));
        let mut rows = rows.filter(|row| (*row as usize) < there);
        let mut pairs = 0;
        room.queries.resize(self.queries.len(), Progress::default());
        loop {
            room.rows.clear();
            room.rows.extend(rows.by_ref().take(self.group_rows()));
            if room.rows.is_empty() {
                return pairs;
            }
            pairs += (room.rows.len() * self.queries.len()) as u64;
            self.group(Part { vectors, first }, room, outs);
        }
    }

    /// Rows of a group: whole panels.
    fn group_rows(&self) -> usize {
        let (width, lanes) = match &self.tiles {
            Some(tiles) => (self.dim * size_of::<f32>(), tiles.block.rows()),
            None => (self.distance.width(), 1),
        };
        (GROUP_BYTES / width.max(1) / lanes).max(1) * lanes
    }

    fn group(&self, part: Part<'_>, room: &mut BatchRoom, outs: &mut [TopK]) {
        if let Some(tiles) = &self.tiles {
            tiles.offer(self, part, room, outs);
        }
        for (at, out) in outs.iter_mut().enumerate().take(self.queries.len()) {
            if self.tiles.is_none() || room.queries.get(at).is_some_and(|query| query.direct) {
                self.directly(at, part, room, out);
            }
        }
        room.seen += room.rows.len();
        let most = TRIAL + room.seen / SHARE;
        room.queries.iter_mut().for_each(|query| query.direct |= query.compared > most);
    }

    /// Compares a query with all rows of the group.
    fn directly(&self, at: usize, part: Part<'_>, room: &mut BatchRoom, out: &mut TopK) {
        let Some(query) = self.query(at) else { return };
        let (Some(begin), Some(end)) = (room.rows.first(), room.rows.last()) else { return };
        let mut visit = |key: f32, row: u32| {
            if key <= out.threshold() && self.bound.keeps(key) {
                out.push(key, part.first + row);
            }
        };
        let width = self.distance.width();
        let adjoining = (end.saturating_sub(*begin)) as usize + 1 == room.rows.len();
        let bytes = part.vectors.data.get(*begin as usize * width..(*end as usize + 1) * width);
        match bytes.filter(|_| adjoining) {
            Some(bytes) => {
                room.keys.clear();
                self.distance.keys(query, bytes, &mut room.keys);
                room.keys.iter().zip(*begin..).for_each(|(key, row)| visit(*key, row));
            }
            None => exact_keys(part.vectors, &self.distance, query, room.rows.iter().copied(), visit),
        }
    }

    /// A query of the right width.
    pub(super) fn query(&self, at: usize) -> Option<&'a [u8]> {
        self.queries.get(at).copied().filter(|query| query.len() == self.distance.width())
    }
}
