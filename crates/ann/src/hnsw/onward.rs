//! Searching from a key on: pages of an iterator, and range searches that leave out what is nearest.
//!
//! What a page misses no later page finds, for each begins where the one before ended. So rows count from as far below
//! the limit on as codes are off, and a page whose last hits are within that of the last nodes found is not trusted.

use super::explore::{Wanted, explore};
use super::filtered::Filtered;
use super::graph::Graph;
use super::open::Hnsw;
use super::scratch::Scratch;
use super::search::SPARSE;
use crate::SearchStats;
use crate::space::Space;
use elanus_kernels::TopK;

/// Walks tried, each finding [`WIDER`] times as many nodes as the one before.
const TRIES: usize = 4;
const WIDER: usize = 3;
/// The largest error among so few rows is not the largest of all.
const MARGIN: f32 = 1.5;

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
        let off = search.off(start, scratch, stats) * MARGIN;
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
            *out = TopK::new(asked.k);
            let offered = search.offer_found(scratch, out, stats);
            if !full || out.threshold().min(asked.bound.high) <= worst - off {
                return offered.enough;
            }
            wanted.ef = wanted.ef.saturating_mul(WIDER).min(asked.allowed);
        }
        false
    }
}

impl<S: Space> Filtered<'_, '_, S> {
    /// How far keys on codes are off at most, for a node and those around it.
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
        let off = keys.keys.iter().zip(batch.iter()).map(|(key, node)| (key - exact(*node)).abs());
        off.filter(|off| off.is_finite()).fold(0.0, f32::max)
    }
}
