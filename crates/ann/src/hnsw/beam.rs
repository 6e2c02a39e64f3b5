//! Walking a layer towards a probe.

use super::graph::Graph;
use super::scratch::Scratch;
use crate::SearchStats;
use crate::space::Space;

/// Follows links as long as they lead nearer and returns the last node.
pub(super) fn descend<S: Space, G: Graph>(
    space: &S,
    graph: &G,
    probe: S::Probe<'_>,
    start: u32,
    scratch: &mut Scratch,
    stats: &mut SearchStats,
) -> u32 {
    let Scratch { keys, batch, rows, .. } = scratch;
    let mut here = start;
    space.keys(probe, graph.rows(&[here], rows), keys);
    let mut nearest = keys.keys.first().copied().unwrap_or(f32::INFINITY);
    // A damaged graph may have cycles of keys that are not numbers; no honest walk is this long.
    for _ in 0..graph.nodes() {
        batch.clear();
        batch.extend(graph.links(here));
        space.keys(probe, graph.rows(batch, rows), keys);
        stats.approximate += batch.len() as u64;
        stats.hops += 1;
        let best = keys.keys.iter().zip(batch.iter()).min_by(|a, b| a.0.total_cmp(b.0));
        match best {
            Some((key, node)) if *key < nearest => (nearest, here) = (*key, *node),
            _ => break,
        }
    }
    here
}

/// Fills the pool, reset to its beam before, with the nearest nodes that links lead to from `start`.
pub(super) fn beam<S: Space, G: Graph>(
    space: &S,
    graph: &G,
    probe: S::Probe<'_>,
    start: &[u32],
    ef: usize,
    scratch: &mut Scratch,
    stats: &mut SearchStats,
) {
    begin(graph, start, ef, scratch);
    while let Some(node) = compare(space, graph, probe, scratch, stats) {
        if let Some(next) = scratch.pool.peek() {
            graph.prefetch(next);
        }
        follow(graph, node, scratch);
        scratch.batch.iter().for_each(|node| space.prefetch(*node));
    }
}

/// Begins a walk: the batch is the nodes to compare first.
pub(super) fn begin<G: Graph>(graph: &G, start: &[u32], ef: usize, scratch: &mut Scratch) {
    let Scratch { visited, hidden, pool, batch, .. } = scratch;
    visited.reset(graph.nodes());
    pool.reset(ef);
    if let Some(node) = hidden {
        visited.mark(*node);
    }
    batch.clear();
    batch
        .extend(start.iter().copied().filter(|node| (*node as usize) < graph.nodes() && visited.mark(*node)));
}

/// Offers the pool the batch and returns the node to follow next; `None` at the end of the walk.
#[inline(always)]
pub(super) fn compare<S: Space, G: Graph>(
    space: &S,
    graph: &G,
    probe: S::Probe<'_>,
    scratch: &mut Scratch,
    stats: &mut SearchStats,
) -> Option<u32> {
    let Scratch { pool, keys, batch, rows, .. } = scratch;
    space.keys(probe, graph.rows(batch, rows), keys);
    stats.approximate += batch.len() as u64;
    for (key, node) in keys.keys.iter().zip(batch.iter()) {
        pool.offer(*key, *node);
    }
    let node = pool.expand();
    stats.hops += u64::from(node.is_some());
    node
}

/// Makes the batch what a node's links lead to and was not met before.
#[inline(always)]
pub(super) fn follow<G: Graph>(graph: &G, node: u32, scratch: &mut Scratch) {
    let Scratch { visited, batch, .. } = scratch;
    batch.clear();
    batch.extend(graph.links(node).filter(|link| visited.mark(*link)));
}
