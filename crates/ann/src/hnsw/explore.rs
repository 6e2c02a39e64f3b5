//! Walking the lowest layer when only some rows count.

use super::costs::Costs;
use super::graph::Graph;
use super::scratch::Scratch;
use crate::SearchStats;
use crate::packed::Packed;
use crate::same::Same;
use crate::space::Space;
use elanus_kernels::Bitmap;
use std::cmp::Reverse;

/// Nodes spread over the allowed rows from which a walk starts too, in case they lie in other places than the query.
const SEEDS: usize = 16;
/// Fewer allowed nodes than this around a node, and the walk goes on over nodes that are not allowed.
const FEW: usize = 3;

/// Nodes of which some row counts.
#[derive(Clone, Copy)]
pub(super) struct Allowed<'a> {
    pub filter: Option<&'a Bitmap>,
    pub same: Same<'a>,
}

impl Allowed<'_> {
    #[inline(always)]
    pub(super) fn node(&self, node: u32) -> bool {
        let Some(filter) = self.filter else { return true };
        filter.get(node as usize)
            || (!self.same.next.is_empty() && self.same.rows(node).any(|row| filter.get(row as usize)))
    }
}

/// Which nodes count.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub allowed: Allowed<'a>,
    /// Nodes with smaller keys do not count.
    pub low: f32,
    /// Nodes to find.
    pub ef: usize,
    /// What may be spent, as costs go.
    pub budget: u64,
    pub costs: Costs,
    /// Keys to compute per node that is expanded, about.
    pub most: usize,
    /// Look for allowed nodes behind those that are not, which are then left out of the walk.
    pub two_steps: bool,
}

/// Leaves in `scratch.found` the nearest wanted nodes; false when the budget was spent first.
pub(super) fn explore<S: Space, G: Graph>(
    space: &S,
    graph: &G,
    probe: S::Probe<'_>,
    start: u32,
    wanted: &Wanted<'_>,
    scratch: &mut Scratch,
    stats: &mut SearchStats,
) -> bool {
    scratch.visited.reset(graph.nodes());
    scratch.frontier.clear();
    scratch.found.clear();
    let mut spent = 0;
    begin(graph, start, wanted, scratch);
    loop {
        let Scratch { keys, batch, rows, .. } = scratch;
        space.keys(probe, graph.rows(batch, rows), keys);
        spent += batch.len() as u64 * wanted.costs.key();
        stats.approximate += batch.len() as u64;
        take(wanted, scratch);
        if spent > wanted.budget {
            return false;
        }
        let Some(Reverse(nearest)) = scratch.frontier.pop() else { return true };
        let full = scratch.found.len() >= wanted.ef;
        if full && scratch.found.peek().is_some_and(|worst| nearest.key() > worst.key()) {
            return true;
        }
        stats.hops += 1;
        spent += wanted.costs.links(expand(graph, nearest.node(), wanted, scratch));
    }
}

fn begin<G: Graph>(graph: &G, start: u32, wanted: &Wanted<'_>, scratch: &mut Scratch) {
    let Scratch { visited, batch, .. } = scratch;
    batch.clear();
    batch.extend((visited.mark(start)).then_some(start));
    let Some(filter) = wanted.allowed.filter.filter(|_| wanted.two_steps) else { return };
    let words = filter.words();
    for seed in 0..SEEDS {
        let from = words.len() * seed / SEEDS;
        let mut rest = words.iter().enumerate().skip(from);
        if let Some((at, word)) = rest.find(|(_, word)| **word != 0) {
            let node = (at * 64) as u32 + word.trailing_zeros();
            if (node as usize) < graph.nodes() && visited.mark(node) {
                batch.push(node);
            }
        }
    }
}

/// Sorts the nodes of the batch into those found and those to expand.
#[inline]
fn take(wanted: &Wanted<'_>, scratch: &mut Scratch) {
    let Scratch { keys, batch, frontier, found, .. } = scratch;
    for (key, node) in keys.keys.iter().zip(batch.iter()) {
        let packed = Packed::new(*key, *node);
        let full = found.len() >= wanted.ef;
        if full && found.peek().is_some_and(|worst| packed >= *worst) {
            continue;
        }
        frontier.push(Reverse(packed));
        if *key >= wanted.low && wanted.allowed.node(*node) {
            found.push(packed);
            if found.len() > wanted.ef {
                found.pop();
            }
        }
    }
}

/// Collects in the batch the nodes to compute next; returns how many links were read.
#[inline]
fn expand<G: Graph>(graph: &G, node: u32, wanted: &Wanted<'_>, scratch: &mut Scratch) -> u64 {
    let Scratch { visited, batch, passed, .. } = scratch;
    batch.clear();
    if !wanted.two_steps {
        batch.extend(graph.links(node).filter(|link| visited.mark(*link)));
        return 0;
    }
    passed.clear();
    for link in graph.links(node) {
        match wanted.allowed.node(link) {
            true if visited.mark(link) => batch.push(link),
            true => {}
            false if visited.has(link) => {}
            false => {
                graph.prefetch(link);
                passed.push(link);
            }
        }
    }
    let mut read = 0;
    let mut behind = 0;
    for link in passed.iter() {
        if batch.len() >= wanted.most {
            break;
        }
        visited.mark(*link);
        behind += 1;
        for further in graph.links(*link) {
            read += 1;
            if wanted.allowed.node(further) && visited.mark(further) {
                batch.push(further);
            }
        }
    }
    if batch.len() < FEW {
        batch.extend(passed.drain(..behind));
    }
    read
}
