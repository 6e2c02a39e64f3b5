//! Searching a graph.

use super::beam::{beam, descend};
use super::explore::{Wanted, explore};
use super::format::Compared;
use super::open::{Hnsw, Parts};
use super::scratch::Scratch;
use super::tune::BEAMS;
use crate::asked::Asked;
use crate::quant::{CodedProbe, Frame, Quantizer, with_quantizer};
use crate::refine::Refine;
use crate::same::Same;
use crate::space::Space;
use crate::space::codes::CodeSpace;
use crate::space::encode::{encode_query, inverse_length};
use crate::{
    Bound, Curves, Index, Kind, RECALL_TARGET, SearchParams, SearchStats, VectorsView, exact_search,
};
use elanus_kernels::{Bitmap, CodeDot, Metric, TopK, convert};

impl Index for Hnsw {
    fn search(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        out: &mut TopK,
    ) -> SearchStats {
        let Some(asked) = Asked::new(vectors, query, k, params, filter, self.distance.width()) else {
            return SearchStats::default();
        };
        let wide = if asked.bound == Bound::ALL { 1 } else { 2 };
        let sufficient = || wide * self.curves.effort(k, params.recall_target);
        let refined = params.refine_k.map_or(0, |times| (k as f64 * f64::from(times)).ceil() as usize);
        let effort = params.ef.unwrap_or_else(sufficient).max(k).max(refined);
        let asked = Asked { effort, ..asked };
        let mut stats = SearchStats::default();
        let same_column = vectors.rows == self.head.column.rows as usize;
        // What a walk found in vain is forgotten: comparing all finds it again.
        let mut near = TopK::new(k);
        let found = same_column
            && !self.scan_is_cheaper(&asked)
            && Scratch::with(|scratch| self.walk(&asked, scratch, &mut near, &mut stats));
        match found {
            true => near.into_sorted().iter().for_each(|hit| {
                out.push(hit.key, hit.row);
            }),
            false => {
                let metric = self.head.column.metric;
                stats.add(exact_search(vectors, metric, query, filter, params.bound, out));
            }
        }
        stats
    }

    fn memory_bytes(&self) -> usize {
        (*self.body).as_ref().len()
    }

    fn kind(&self) -> Kind {
        self.head.column.kind
    }

    fn describe(&self) -> String {
        let head = &self.head;
        let compared = match head.compared {
            Compared::Codes | Compared::Coded => head.coding.to_string(),
            Compared::Bytes => "the bytes stored".to_owned(),
            Compared::Raw => "the vectors stored".to_owned(),
        };
        format!(
            "{} over {compared}{}, M {}, efConstruction {}, {} layers; {}",
            head.column.kind,
            if head.compact { " alone" } else { "" },
            head.m,
            head.ef_construction,
            head.sizes.len(),
            self.measured(RECALL_TARGET),
        )
    }

    fn measured(&self, target: f32) -> String {
        self.curves.describe("ef", target)
    }

    fn efforts(&self) -> Vec<usize> {
        BEAMS.to_vec()
    }

    fn adopt(&mut self, curves: Curves) {
        self.curves = curves;
    }
}

impl Hnsw {
    /// What comparing all allowed rows costs, in keys on codes: vectors are wider, and rarely in the cache.
    fn scan_cost(&self, asked: &Asked<'_>) -> u64 {
        let narrow = match self.head.compared {
            Compared::Codes | Compared::Coded => self.head.code_width(),
            Compared::Bytes | Compared::Raw => self.distance.width(),
        };
        let all = asked.filter.is_none();
        let ratio = (self.distance.width() as u64).div_ceil(narrow.max(1) as u64);
        asked.allowed as u64 * if all { ratio.div_ceil(2) } else { ratio }
    }

    /// Whether a walk must look behind rows that are not allowed.
    fn is_sparse(&self, asked: &Asked<'_>) -> bool {
        asked.allowed * SPARSE < asked.vectors.rows
    }

    fn scan_is_cheaper(&self, asked: &Asked<'_>) -> bool {
        let (ef, m) = (asked.effort as u64, self.head.m as u64);
        let walk = ef.saturating_add(2 * m).saturating_mul(m);
        // Measured: under a sparse filter a walk reads many links and computes keys for two beams.
        let detours = if self.is_sparse(asked) { 12 } else { 1 };
        self.scan_cost(asked) <= walk.saturating_mul(detours)
    }

    /// Walks the graph and offers what it finds; false when all allowed rows must be compared after all.
    fn walk(
        &self,
        asked: &Asked<'_>,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let parts = self.parts();
        match self.head.compared {
            Compared::Raw => {
                let space = self.raw_space(asked.vectors);
                self.walk_in(&space, space.query(asked.query), &parts, asked, scratch, out, stats)
            }
            Compared::Bytes => {
                let space = self.code_space(asked.vectors);
                let scale = byte_scale(&space, asked.query);
                self.walk_in(&space, space.query(asked.query, scale), &parts, asked, scratch, out, stats)
            }
            Compared::Coded => {
                let Some(model) = &self.model else { return false };
                with_quantizer!(model, quantizer => self.walk_coded(quantizer, &parts, asked, scratch, out, stats))
            }
            Compared::Codes => {
                let space = self.code_space(asked.vectors);
                let mut code = std::mem::take(&mut scratch.code);
                let metric = self.head.column.metric;
                let scale = encode_query(
                    asked.vectors,
                    metric,
                    parts.mean,
                    asked.query,
                    &mut scratch.query,
                    &mut code,
                );
                let probe = space.query(&code, scale);
                let found = self.walk_in(&space, probe, &parts, asked, scratch, out, stats);
                scratch.code = code;
                found
            }
        }
    }

    fn walk_coded<Q: Quantizer>(
        &self,
        quantizer: &Q,
        parts: &Parts<'_>,
        asked: &Asked<'_>,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let mut floats = std::mem::take(&mut scratch.query);
        floats.clear();
        convert::decode(asked.vectors.element, asked.query, &mut floats);
        let mean = parts.mean.iter().map(|mean| f32::from_le_bytes(*mean));
        let frame = Frame::around(self.head.column.metric, mean, &mut floats);
        let mut query = Q::Query::default();
        quantizer.prepare(&mut floats, &mut query);
        scratch.query = floats;
        let probe = CodedProbe { query: &query, frame };
        self.walk_in(&self.coded_space(quantizer), probe, parts, asked, scratch, out, stats)
    }

    #[allow(clippy::too_many_arguments)]
    fn walk_in<S: Space>(
        &self,
        space: &S,
        probe: S::Probe<'_>,
        parts: &Parts<'_>,
        asked: &Asked<'_>,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let Some(start) = self.enter(space, probe, parts, scratch, stats) else { return false };
        let refine = self.refine(asked, parts.same);
        let low = asked.bound.low;
        let two_steps = self.is_sparse(asked);
        if low == f32::NEG_INFINITY && !two_steps {
            scratch.hidden = None;
            let kept_out = asked.vectors.rows.saturating_sub(asked.allowed);
            // Measured: a part of the rows that are kept out need not be made up for.
            let wider = asked.effort + asked.effort.saturating_mul(kept_out) * 4 / (5 * asked.allowed.max(1));
            beam(space, &parts.lowest, probe, &[start], wider, scratch, stats);
            if self.holds_enough(asked, parts.same, scratch) {
                let done = refine.run(scratch.pool.nodes(), out);
                stats.exact += done.compared;
                return done.offered >= asked.enough() || asked.bound.high < f32::INFINITY;
            }
        }
        // Allowed rows are linked less well to each other than all rows are.
        let ef = if two_steps { asked.effort.saturating_mul(3) / 2 } else { asked.effort };
        let wanted = Wanted {
            filter: asked.filter,
            same: parts.same,
            low: low - low.abs() * self.head.coding.slack(),
            ef: ef.min(asked.allowed),
            budget: self.scan_cost(asked),
            two_steps,
        };
        if !explore(space, &parts.lowest, probe, start, &wanted, scratch, stats) {
            return false;
        }
        let mut found = std::mem::take(&mut scratch.found).into_vec();
        found.sort_unstable();
        let done = refine.run(&found, out);
        found.clear();
        scratch.found = found.into();
        stats.exact += done.compared;
        done.offered >= asked.enough() || asked.bound.high < f32::INFINITY
    }

    fn refine<'r>(&'r self, asked: &'r Asked<'r>, same: Same<'r>) -> Refine<'r> {
        // Pages go on where the one before ended, by exact keys.
        let by_code = self.head.compact && !asked.exact;
        Refine { asked, distance: &self.distance, same, by_code }
    }

    /// Whether a beam made wider for the rows that a filter keeps out holds about as many others as one without a filter
    /// would. It does not where the rows near the query are kept out more often than others.
    fn holds_enough(&self, asked: &Asked<'_>, same: Same<'_>, scratch: &Scratch) -> bool {
        let Some(filter) = asked.filter else { return true };
        let allows = |node: u32| same.rows(node).any(|row| filter.get(row as usize));
        let nodes = scratch.pool.nodes().iter();
        let wanted = (asked.effort - asked.effort / OFF).min(asked.allowed);
        nodes.filter(|node| allows(node.node())).take(wanted).count() >= wanted
    }

    /// A row near the query, by way of the layers above.
    fn enter<S: Space>(
        &self,
        space: &S,
        probe: S::Probe<'_>,
        parts: &Parts<'_>,
        scratch: &mut Scratch,
        stats: &mut SearchStats,
    ) -> Option<u32> {
        let mut here = 0;
        for layer in parts.above.iter().rev() {
            here = descend(space, layer, probe, here, scratch, stats);
        }
        match parts.above.first() {
            Some(layer) => {
                layer.order.and_then(|order| order.get(here as usize)).map(|row| u32::from_le_bytes(*row))
            }
            None => Some(0),
        }
    }
}

/// A beam may hold less by one part in so many than its share says.
const OFF: usize = 4;
/// With fewer than one row in this many allowed, a walk looks behind those that are not.
const SPARSE: usize = 2;

/// One over the length of a query of bytes for cosine, else one.
fn byte_scale(space: &CodeSpace<'_>, query: &[u8]) -> f32 {
    match space.metric {
        Metric::Cosine => inverse_length(CodeDot::any_bytes().dot(query, query) as f32),
        _ => 1.0,
    }
}
