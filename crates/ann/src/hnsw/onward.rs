//! Searching from a key on: pages of an iterator, and range searches that leave out what is nearest.

use super::explore::{Wanted, explore};
use super::filtered::Filtered;
use super::graph::Graph;
use super::open::Hnsw;
use super::scratch::Scratch;
use super::search::SPARSE;
use crate::SearchStats;
use crate::onward::{TRIES, WIDER, is_trusted, off};
use crate::space::Space;
use elanus_kernels::TopK;

impl Hnsw {
    /// Offers the nearest rows from the bound's lower limit on; false when the vectors must be compared after all.
    pub(super) fn onward<S: Space>(
        &self,
        search: &Filtered<'_, '_, S>,
        start: u32,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let (asked, costs) = (search.asked, self.costs());
        let off = search.off(start, scratch, stats);
        let mut wanted = Wanted {
            allowed: search.allowed,
            low: asked.bound.low - off,
            ef: asked.effort.min(asked.allowed),
            budget: costs.scan(asked.allowed) / 2,
            costs,
            most: 2 * self.head.m,
            two_steps: asked.allowed * SPARSE < asked.vectors.rows,
        };
        for _ in 0..TRIES {
            if !explore(search.space, &search.parts.lowest, search.probe, start, &wanted, scratch, stats) {
                return false;
            }
            let full = scratch.found.len() >= wanted.ef && wanted.ef < asked.allowed;
            let worst = scratch.found.peek().map_or(f32::INFINITY, |worst| worst.key());
            let offered = search.offer_found(scratch, out, stats);
            if !full || is_trusted(asked, out, worst, off) {
                return offered.enough;
            }
            *out = TopK::new(asked.k);
            wanted.ef = wanted.ef.saturating_mul(WIDER).min(asked.allowed);
        }
        false
    }
}

impl<S: Space> Filtered<'_, '_, S> {
    /// How far keys on codes may be off, by a node and those around it.
    fn off(&self, start: u32, scratch: &mut Scratch, stats: &mut SearchStats) -> f32 {
        let Scratch { keys, batch, rows, .. } = scratch;
        let graph = &self.parts.lowest;
        batch.clear();
        batch.push(start);
        batch.extend(graph.links(start));
        self.space.keys(self.probe, graph.rows(batch, rows), keys);
        let (asked, distance) = (self.asked, self.refine.distance);
        let exact = |node: u32| distance.key(asked.query, asked.vectors.row(node as usize));
        stats.exact += batch.len() as u64;
        off(keys.keys.iter().zip(batch.iter()).map(|(key, node)| (*key, exact(*node))))
    }
}
