//! Walking for several queries in turns: what one waits for from memory arrives while the others compute.

use super::beam::{begin, compare, follow};
use super::format::Compared;
use super::graph::Graph;
use super::open::{Hnsw, Parts};
use super::scratch::Scratch;
use crate::asked::Asked;
use crate::quant::{CodedProbe, Frame, Quantizer, with_quantizer};
use crate::space::Space;
use crate::space::encode::encode_query;
use crate::{SearchStats, exact_search};
use elanus_kernels::{TopK, convert};

/// Walks at a time. Measured: three to eight answer a ninth more queries than one, and do not differ.
pub(super) const LANES: usize = 4;

/// One walk.
struct Lane<'p, S: Space + 'p> {
    probe: S::Probe<'p>,
    /// The node whose links are followed next; `None` at the end.
    node: Option<u32>,
}

impl Hnsw {
    /// Answers up to [`LANES`] queries without filters or bounds, as if each were alone.
    pub(super) fn walk_together(&self, asked: &[Asked<'_>], outs: &mut [TopK], stats: &mut SearchStats) {
        Scratch::with_many(asked.len(), |scratches| {
            let parts = self.parts();
            let Some(vectors) = asked.first().map(|asked| asked.vectors) else { return };
            match (self.head.compared, &self.model) {
                (Compared::Coded, Some(model)) => {
                    with_quantizer!(model, quantizer => {
                        self.by_codes(quantizer, &parts, asked, scratches, outs, stats);
                    });
                }
                (Compared::Codes, _) => {
                    let space = self.code_space(vectors);
                    let mut floats = Vec::new();
                    let mut encode = |asked: &Asked<'_>| {
                        let mut code = Vec::new();
                        let metric = self.head.column.metric;
                        let scale =
                            encode_query(vectors, metric, parts.mean, asked.query, &mut floats, &mut code);
                        (code, scale)
                    };
                    let codes: Vec<_> = asked.iter().map(&mut encode).collect();
                    let probes = codes.iter().map(|(code, scale)| space.query(code, *scale));
                    self.in_turns(&space, probes, &parts, asked, scratches, outs, stats);
                }
                (Compared::Bytes, _) => {
                    let space = self.code_space(vectors);
                    let queries = asked.iter().map(|asked| asked.query);
                    let probes = queries.map(|query| space.query(query, self.byte_scale(query)));
                    self.in_turns(&space, probes, &parts, asked, scratches, outs, stats);
                }
                _ => {
                    let space = self.raw_space(vectors);
                    let probes = asked.iter().map(|asked| space.query(asked.query));
                    self.in_turns(&space, probes, &parts, asked, scratches, outs, stats);
                }
            }
        });
    }

    fn by_codes<Q: Quantizer>(
        &self,
        quantizer: &Q,
        parts: &Parts<'_>,
        asked: &[Asked<'_>],
        scratches: &mut [Scratch],
        outs: &mut [TopK],
        stats: &mut SearchStats,
    ) {
        let mut floats = Vec::new();
        let prepare = |asked: &Asked<'_>| {
            floats.clear();
            convert::decode(asked.vectors.element, asked.query, &mut floats);
            self.prepare(quantizer, parts, &mut floats)
        };
        let queries: Vec<(Q::Query, Frame)> = asked.iter().map(prepare).collect();
        let probes = queries.iter().map(|(query, frame)| CodedProbe { query, frame: *frame });
        self.in_turns(&self.coded_space(quantizer), probes, parts, asked, scratches, outs, stats);
    }

    #[allow(clippy::too_many_arguments)]
    fn in_turns<'p, S: Space>(
        &self,
        space: &'p S,
        probes: impl Iterator<Item = S::Probe<'p>>,
        parts: &Parts<'_>,
        asked: &[Asked<'_>],
        scratches: &mut [Scratch],
        outs: &mut [TopK],
        stats: &mut SearchStats,
    ) {
        let mut lanes: Vec<Lane<'p, S>> = Vec::with_capacity(asked.len());
        for ((probe, asked), scratch) in probes.zip(asked).zip(&mut *scratches) {
            scratch.hidden = None;
            let start = self.enter(space, probe, parts, scratch, stats);
            begin(&parts.lowest, start.as_slice(), asked.effort, scratch);
            lanes.push(Lane { probe, node: compare(space, &parts.lowest, probe, scratch, stats) });
        }
        while lanes.iter().any(|lane| lane.node.is_some()) {
            walk_on(space, &parts.lowest, &mut lanes, scratches, stats);
        }
        for ((asked, scratch), out) in asked.iter().zip(scratches).zip(outs) {
            let mut near = TopK::new(asked.k);
            let done = self.refine(asked, parts.same).run(scratch.pool.nodes(), &mut near);
            stats.exact += done.compared;
            self.give(asked, done.offered >= asked.enough(), near, out, stats);
        }
    }

    /// Gives the hits of a walk, or if there are too few those among all rows.
    pub(super) fn give(
        &self,
        asked: &Asked<'_>,
        found: bool,
        near: TopK,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) {
        if found {
            near.into_sorted().iter().for_each(|hit| {
                out.push(hit.key, hit.row);
            });
            return;
        }
        let metric = self.head.column.metric;
        let bound = asked.exact.then_some(asked.bound);
        stats.add(exact_search(asked.vectors, metric, asked.query, asked.filter, bound, out));
    }
}

/// Takes every walk one node further.
fn walk_on<'p, S: Space, G: Graph>(
    space: &'p S,
    graph: &G,
    lanes: &mut [Lane<'p, S>],
    scratches: &mut [Scratch],
    stats: &mut SearchStats,
) {
    for (lane, scratch) in lanes.iter().zip(&mut *scratches) {
        if let Some(node) = lane.node {
            follow(graph, node, scratch);
            scratch.batch.iter().for_each(|node| space.prefetch(*node));
        }
    }
    for (lane, scratch) in lanes.iter_mut().zip(scratches) {
        if lane.node.is_some() {
            lane.node = compare(space, graph, lane.probe, scratch, stats);
            lane.node.iter().for_each(|node| graph.prefetch(*node));
        }
    }
}
