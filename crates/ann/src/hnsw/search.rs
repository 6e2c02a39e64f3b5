//! Searching a graph.

use super::beam::{beam, descend};
use super::explore::Allowed;
use super::filtered::Filtered;
use super::format::Compared;
use super::open::{Hnsw, Parts};
use super::scratch::Scratch;
use super::together::LANES;
use super::tune::BEAMS;
use crate::asked::Asked;
use crate::quant::{CodedProbe, Frame, Quantizer, with_quantizer};
use crate::refine::Refine;
use crate::same::Same;
use crate::space::Space;
use crate::space::encode::{encode_query, inverse_length};
use crate::{Bound, Curves, Index, Kind, RECALL_TARGET, SearchParams, SearchStats, VectorsView};
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
        let mut stats = SearchStats::default();
        let Some(asked) = self.asked(vectors, query, k, params, filter) else { return stats };
        // What a walk found in vain is forgotten: comparing all finds it again.
        let mut near = TopK::new(asked.k);
        let found = self.is_walked(&asked)
            && Scratch::with(|scratch| self.walk(&asked, scratch, &mut near, &mut stats));
        self.give(&asked, found, near, out, &mut stats);
        stats
    }

    fn search_many(
        &self,
        vectors: &VectorsView<'_>,
        queries: &[&[u8]],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        outs: &mut [TopK],
    ) -> SearchStats {
        let mut stats = SearchStats::default();
        let lanes = if filter.is_none() && params.bound.is_none() { LANES } else { 1 };
        for (queries, outs) in queries.chunks(lanes).zip(outs.chunks_mut(lanes)) {
            let asked: Vec<Asked<'_>> = match queries {
                [] | [_] => Vec::new(),
                many => many.iter().filter_map(|one| self.asked(vectors, one, k, params, filter)).collect(),
            };
            let whole = !asked.is_empty() && asked.len() == outs.len();
            if whole && asked.iter().all(|asked| self.is_walked(asked)) {
                self.walk_together(&asked, outs, &mut stats);
                continue;
            }
            for (query, out) in queries.iter().zip(outs) {
                stats.add(self.search(vectors, query, k, params, filter, out));
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
    /// What is asked, with the beam; `None` when nothing can be found.
    fn asked<'a>(
        &self,
        vectors: &'a VectorsView<'a>,
        query: &'a [u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&'a Bitmap>,
    ) -> Option<Asked<'a>> {
        let asked = Asked::new(vectors, query, k, params, filter, self.distance.width())?;
        let wide = if asked.bound == Bound::ALL { 1 } else { 2 };
        let sufficient = || wide * self.curves.effort(k, params.recall_target);
        let refined = params.refine_k.map_or(0, |times| (k as f64 * f64::from(times)).ceil() as usize);
        let effort = params.ef.unwrap_or_else(sufficient).max(k).max(refined);
        // Fewer than this do not tell whether codes tell rows apart.
        let k = if filter.is_some() && effort >= 2 * JUDGED { k.max(JUDGED) } else { k };
        Some(Asked { effort, k, ..asked })
    }

    /// Whether the graph says something about these vectors, and cheaper than they do themselves.
    fn is_walked(&self, asked: &Asked<'_>) -> bool {
        asked.vectors.rows == self.head.column.rows as usize && !self.scan_is_cheaper(asked)
    }

    /// Whether comparing all allowed vectors costs less than anything else.
    fn scan_is_cheaper(&self, asked: &Asked<'_>) -> bool {
        let costs = self.costs();
        let scan = costs.scan(asked.allowed);
        match asked.filter {
            Some(_) => !costs.sifts(asked.allowed, asked.k) && scan <= costs.beam(asked.effort),
            // In the order they lie in, vectors are read as fast as half as many bytes elsewhere.
            None => {
                let (ef, m) = (asked.effort as u64, costs.m);
                let ratio = costs.wide.div_ceil(costs.narrow.max(1));
                asked.allowed as u64 * ratio.div_ceil(2) <= ef.saturating_add(2 * m).saturating_mul(m)
            }
        }
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
                let scale = self.byte_scale(asked.query);
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
        let (query, frame) = self.prepare(quantizer, parts, &mut floats);
        scratch.query = floats;
        let probe = CodedProbe { query: &query, frame };
        self.walk_in(&self.coded_space(quantizer), probe, parts, asked, scratch, out, stats)
    }

    /// Makes a query of a quantizer of its components, which are changed on the way.
    pub(super) fn prepare<Q: Quantizer>(
        &self,
        quantizer: &Q,
        parts: &Parts<'_>,
        floats: &mut [f32],
    ) -> (Q::Query, Frame) {
        let mean = parts.mean.iter().map(|mean| f32::from_le_bytes(*mean));
        let frame = Frame::around(self.head.column.metric, mean, floats);
        let mut query = Q::Query::default();
        quantizer.prepare(floats, &mut query);
        (query, frame)
    }

    /// One over the length of a query of bytes for cosine, else one.
    pub(super) fn byte_scale(&self, query: &[u8]) -> f32 {
        match self.head.column.metric {
            Metric::Cosine => inverse_length(CodeDot::any_bytes().dot(query, query) as f32),
            _ => 1.0,
        }
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
        let allowed = Allowed { filter: asked.filter, same: parts.same };
        let refine = self.refine(asked, parts.same);
        let search = Filtered { space, probe, parts, asked, refine, allowed };
        let low = asked.bound.low;
        if asked.filter.is_some() && low == f32::NEG_INFINITY {
            return self.filtered(&search, scratch, out, stats);
        }
        let Some(start) = self.enter(space, probe, parts, scratch, stats) else { return false };
        if low == f32::NEG_INFINITY {
            scratch.hidden = None;
            beam(space, &parts.lowest, probe, &[start], asked.effort, scratch, stats);
            let done = refine.run(scratch.pool.nodes(), out);
            stats.exact += done.compared;
            return done.offered >= asked.enough() || asked.bound.high < f32::INFINITY;
        }
        self.onward(&search, start, scratch, out, stats)
    }

    pub(super) fn refine<'r>(&'r self, asked: &'r Asked<'r>, same: Same<'r>) -> Refine<'r> {
        // Pages go on where the one before ended, by exact keys.
        let by_code = self.head.compact && !asked.exact;
        Refine { asked, distance: &self.distance, same, by_code }
    }

    /// A row near the query, by way of the layers above.
    pub(super) fn enter<S: Space>(
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

/// Hits under a filter at least, some of them beyond those asked for.
const JUDGED: usize = 10;
/// With fewer than one row in this many allowed, a walk looks behind those that are not.
pub(super) const SPARSE: usize = 2;
