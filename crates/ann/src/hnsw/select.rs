//! Choosing whom a node links to.

use super::graph::{Graph, Layer};
use super::scratch::Scratch;
use crate::space::{Keys, Pairs};

/// Chosen nodes that a candidate is compared with at a time.
const TOGETHER: usize = 4;

/// Chooses up to `limit` of the candidates, nearest first, into `out`, cleared first.
///
/// A candidate nearer to one chosen before than to the node itself is left out: it can be reached through that one,
/// and the place is worth more for another direction.
pub(super) fn select<S: Pairs>(
    space: &S,
    layer: &Layer<'_>,
    candidates: impl Iterator<Item = (f32, u32)>,
    limit: usize,
    keys: &mut Keys,
    out: &mut Vec<u32>,
) {
    out.clear();
    let mut rows = Vec::with_capacity(limit);
    for (key, node) in candidates {
        if out.len() >= limit {
            return;
        }
        let row = layer.row(node);
        let probe = space.row(row);
        let mut groups = rows.chunks(TOGETHER);
        let covered = groups.any(|group| {
            space.keys(probe, group, keys);
            keys.keys.iter().any(|between| *between < key)
        });
        if !covered {
            out.push(node);
            rows.push(row);
        }
    }
}

/// The links that remain of a node's when there are too many.
pub(super) fn prune<S: Pairs>(
    space: &S,
    layer: &Layer<'_>,
    node: u32,
    links: &[u32],
    scratch: &mut Scratch,
    out: &mut Vec<u32>,
) {
    let mut room = Vec::new();
    let Scratch { keys, rows, .. } = scratch;
    space.keys(space.row(layer.row(node)), layer.rows(links, rows), keys);
    room.extend(keys.keys.iter().copied().zip(links.iter().copied()));
    room.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    select(space, layer, room.into_iter(), layer.limit, keys, out);
}
