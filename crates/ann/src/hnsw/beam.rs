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
    scratch.visited.reset(graph.nodes());
    scratch.pool.reset(ef);
    let Scratch { visited, hidden, pool, keys, batch, rows, .. } = scratch;
    if let Some(node) = hidden {
        visited.mark(*node);
    }
    batch.clear();
    batch
        .extend(start.iter().copied().filter(|node| (*node as usize) < graph.nodes() && visited.mark(*node)));
    loop {
        space.keys(probe, graph.rows(batch, rows), keys);
        stats.approximate += batch.len() as u64;
        for (key, node) in keys.keys.iter().zip(batch.iter()) {
            pool.offer(*key, *node);
        }
        let Some(node) = pool.expand() else { return };
        if let Some(next) = pool.peek() {
            graph.prefetch(next);
        }
        stats.hops += 1;
        batch.clear();
        batch.extend(graph.links(node).filter(|link| visited.mark(*link)));
    }
}
