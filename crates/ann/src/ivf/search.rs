//! Searching lists.

use super::open::Ivf;
use super::points::all;
use super::scan::Among;
use super::shortlist::Shortlist;
use super::tune::efforts;
use crate::asked::Asked;
use crate::exact::exact_keys;
use crate::onward::{TRIES, WIDER, is_trusted};
use crate::packed::Packed;
use crate::quant::{CodedProbe, Frame, Quantizer, with_quantizer};
use crate::refine::Refine;
use crate::same::Same;
use crate::space::encode::encode_query;
use crate::space::{Keys, Space};
use crate::{
    Bound, Coding, Curves, Index, Kind, RECALL_TARGET, SearchParams, SearchStats, VectorsView, exact_search,
};
use elanus_kernels::{Bitmap, Element, Metric, TopK, convert};

/// A search within a bound ends when this many lists in a row gave nothing.
const MOST_EMPTY: usize = 2;
/// Where lists near the query hold few allowed rows, the last of so many parts of a search must bring nothing nearer.
const PATIENCE: usize = 2;
/// Rows by code that are compared exactly, beyond those asked for.
const SPARE: usize = 22;
/// The same for codes that say less: so many times the hits. Comparing ends early where codes say enough.
const COARSE: usize = 20;
/// Such a search keeps at least so many.
const LEAST_COARSE: usize = 300;
/// So few allowed rows are always compared.
const FEW: usize = 256;
/// Asking the filter about a row costs about as much as reading so many bytes.
const TEST_COST: usize = 16;

/// How a query is answered.
struct Plan<'a> {
    asked: Asked<'a>,
    /// Rows by code to keep for comparing them exactly.
    keep: usize,
    /// The effort was measured, not asked for.
    tuned: bool,
    /// Recall to aim at.
    target: Option<f32>,
}

/// What a query is to the centres.
#[derive(Clone, Copy)]
pub(super) struct Near<'a> {
    /// The query's code and its scale; none for bits.
    pub code: &'a [u8],
    pub scale: f32,
    /// The keys of all centres.
    pub keys: &'a [f32],
}

/// Working memory of one search.
#[derive(Default)]
pub(super) struct Work {
    pub keys: Keys,
    pub places: Vec<u32>,
    pub rows: Vec<u32>,
    pub stats: SearchStats,
    /// Allowed rows seen.
    pub seen: usize,
    /// Those nearer than the bound allows: with keys below this.
    pub below: usize,
    pub low: f32,
    /// Lists in a row that gave nothing.
    pub empty: usize,
    /// Lists near the query hold less than half as many allowed rows as others.
    pub sparse: bool,
    /// Lists in a row without a row among the nearest so far.
    pub still: usize,
    /// The nearest by code, no more of them than hits are asked for; `None` where nobody asks.
    pub nearest: Option<TopK>,
    /// The nearest lists hold few allowed rows: these lie elsewhere, where what was measured says nothing.
    pub astray: bool,
    /// Codes do not tell which rows come next after the bound's lower limit.
    pub untold: bool,
}

impl Index for Ivf {
    fn search(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        out: &mut TopK,
    ) -> SearchStats {
        let Some(asked) = self.asked(vectors, query, k, params, filter) else {
            return SearchStats::default();
        };
        self.answer(asked, params, None, out)
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
        self.answer_many(vectors, queries, k, params, filter, outs)
    }

    fn memory_bytes(&self) -> usize {
        self.bytes()
    }

    fn kind(&self) -> Kind {
        self.head.column.kind
    }

    fn describe(&self) -> String {
        let coding = self.head.coding.map_or(String::new(), |coding| format!(" of {coding}"));
        let (kind, lists) = (self.head.column.kind, self.head.lists);
        format!("{kind}, {lists} lists{coding}; {}", self.measured(RECALL_TARGET))
    }

    fn measured(&self, target: f32) -> String {
        self.curves.describe("nprobe", target)
    }

    fn efforts(&self) -> Vec<usize> {
        efforts(self.head.lists).collect()
    }

    fn adopt(&mut self, curves: Curves) {
        self.curves = curves;
    }
}

impl Ivf {
    /// What is asked, with the lists to look into; `None` when nothing can be found.
    pub(super) fn asked<'a>(
        &self,
        vectors: &'a VectorsView<'a>,
        query: &'a [u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&'a Bitmap>,
    ) -> Option<Asked<'a>> {
        let asked = Asked::new(vectors, query, k, params, filter, self.distance.width())?;
        let nprobe = params.nprobe.unwrap_or_else(|| self.sufficient(k, asked.allowed, params.recall_target));
        Some(Asked { effort: nprobe.clamp(1, self.head.lists.max(1)), ..asked })
    }

    /// Answers a query; `near` holds what is known of it and the centres already.
    pub(super) fn answer(
        &self,
        asked: Asked<'_>,
        params: &SearchParams,
        near: Option<Near<'_>>,
        out: &mut TopK,
    ) -> SearchStats {
        let Asked { vectors, query, k, filter, .. } = asked;
        let metric = self.head.column.metric;
        if self.is_scanned(&asked) {
            return exact_search(vectors, metric, query, filter, params.bound, out);
        }
        let wide = if asked.bound == Bound::ALL { 1 } else { 2 };
        let keep = self.keep(k, params.refine_k).saturating_mul(wide);
        let plan = Plan { asked, keep, tuned: params.nprobe.is_none(), target: params.recall_target };
        let (mut work, mut found) = (Work::default(), TopK::new(k));
        let (mut code, mut keys) = (Vec::new(), Keys::default());
        let near = near.unwrap_or_else(|| self.near(&plan.asked, &mut code, &mut keys));
        let order = order(near.keys, plan.asked.effort);
        match (&self.model, self.head.is_coded()) {
            (Some(model), true) => {
                with_quantizer!(model, quantizer => {
                    self.by_quantizer(quantizer, order, &plan, &mut work, &mut found);
                });
            }
            (None, true) => {
                let codes = self.codes();
                let probe = codes.query(near.code, near.scale);
                self.by_codes(&codes, |_| probe, order, &plan, &mut work, &mut found);
            }
            (_, false) => self.by_vectors(order, &plan, &mut work, &mut found),
        }
        if work.astray || work.untold || found.len() < asked.enough() && asked.bound.high == f32::INFINITY {
            work.stats.add(exact_search(vectors, metric, query, filter, params.bound, out));
            return work.stats;
        }
        for hit in found.into_sorted() {
            out.push(hit.key, hit.row);
        }
        work.stats
    }

    /// The lists that sufficed for `k` hits when the file was built; under a filter the nearest allowed rows are as far as
    /// so many more hits would be.
    fn sufficient(&self, k: usize, allowed: usize, target: Option<f32>) -> usize {
        let rows = self.head.column.rows as usize;
        let lists = self.curves.effort(k.saturating_mul(rows) / allowed.max(1), target);
        // Allowed rows are seldom spread quite as all are, and looking into lists for few rows is cheap.
        if allowed < rows { lists.saturating_mul(2) } else { lists }
    }

    /// Rows by code to compare exactly.
    fn keep(&self, k: usize, refine_k: Option<f32>) -> usize {
        let fine = matches!(
            self.head.coding,
            None | Some(Coding::Bytes | Coding::Half { .. } | Coding::Grid { bits: 4.., .. })
        );
        let times = f64::from(refine_k.unwrap_or(1.0).max(1.0));
        let asked = (k as f64 * times).ceil() as usize;
        match refine_k {
            None if !fine => k.saturating_mul(COARSE).max(LEAST_COARSE),
            Some(_) if !fine => asked.max(LEAST_COARSE),
            _ => asked.max(k + SPARE),
        }
    }

    /// Whether all allowed rows are compared: that is cheaper, or these are other vectors than the index was built on.
    pub(super) fn is_scanned(&self, asked: &Asked<'_>) -> bool {
        asked.vectors.rows != self.head.column.rows as usize || self.scan_is_cheaper(asked)
    }

    /// Whether comparing all allowed rows costs less than looking into lists, in bytes read.
    fn scan_is_cheaper(&self, asked: &Asked<'_>) -> bool {
        if asked.allowed <= asked.k.max(FEW) {
            return true;
        }
        let width = self.distance.width();
        let narrow = if self.head.is_coded() { self.head.code_width() } else { width };
        let tests = self.head.column.rows as usize * TEST_COST;
        let in_lists = asked.allowed.saturating_mul(narrow).saturating_add(tests);
        asked.allowed.saturating_mul(width) <= in_lists.saturating_mul(asked.effort) / self.head.lists.max(1)
    }

    /// What a query is to the centres; `code` and `keys` are working memory.
    fn near<'n>(&self, asked: &Asked<'_>, code: &'n mut Vec<u8>, keys: &'n mut Keys) -> Near<'n> {
        let mut scale = 0.0;
        match self.head.column.element {
            Element::Bit => {
                keys.keys.clear();
                self.distance.keys(asked.query, self.centre_bits(), &mut keys.keys);
            }
            _ => {
                let mut lists = Vec::new();
                all(&mut lists, self.head.lists);
                scale = self.encode(asked.vectors, asked.query, &mut Vec::new(), code);
                let centres = self.centres();
                centres.keys(centres.query(code, scale), &lists, keys);
            }
        }
        Near { code, scale, keys: &keys.keys }
    }

    fn by_vectors(&self, mut order: Vec<Packed>, plan: &Plan<'_>, work: &mut Work, found: &mut TopK) {
        let asked = &plan.asked;
        let rows = self.rows();
        for at in 0..order.len() {
            if self.is_done(plan, at, found.len(), work) {
                return;
            }
            if at == asked.effort {
                order[at..].sort_unstable();
            }
            let list = rows.get(self.list(order[at].node())).unwrap_or(&[]);
            let rows = list.iter().map(|row| u32::from_le_bytes(*row));
            let rows = rows.filter(|row| asked.filter.is_none_or(|filter| filter.get(*row as usize)));
            let before = found.len();
            let mut better = false;
            exact_keys(asked.vectors, &self.distance, asked.query, rows, |key, row| {
                work.stats.exact += 1;
                work.below += usize::from(key < asked.bound.low);
                if key <= found.threshold() && asked.bound.keeps(key) {
                    better |= found.push(key, row);
                }
            });
            work.still = if better { 0 } else { work.still + 1 };
            work.seen = work.stats.exact as usize;
            work.stats.hops += 1;
            work.empty = if found.len() > before { 0 } else { work.empty + 1 };
        }
    }

    /// Codes are of what rows differ from their list's centre c: q · v = q · c + q · (v − c).
    fn by_quantizer<Q: Quantizer>(
        &self,
        quantizer: &Q,
        order: Vec<Packed>,
        plan: &Plan<'_>,
        work: &mut Work,
        found: &mut TopK,
    ) {
        let asked = &plan.asked;
        let centres = self.centres();
        let mut floats = Vec::new();
        convert::decode(asked.vectors.element, asked.query, &mut floats);
        let mean = self.mean().iter().map(|mean| f32::from_le_bytes(*mean));
        let metric = self.head.column.metric;
        let by_distance = metric == Metric::L2;
        Frame::around(metric, mean, &mut floats);
        let mut query = Q::Query::default();
        quantizer.prepare(&mut floats, &mut query);
        let probe = |list: Packed| {
            let square = if by_distance { centres.numbers(list.node()).1 } else { 0.0 };
            let (slope, weight) = if by_distance { (1.0, 2.0) } else { (0.0, 1.0) };
            CodedProbe { query: &query, frame: Frame { base: list.key() - square, slope, weight } }
        };
        self.by_codes(&self.coded(quantizer), probe, order, plan, work, found);
    }

    fn by_codes<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: impl Fn(Packed) -> S::Probe<'p>,
        mut order: Vec<Packed>,
        plan: &Plan<'_>,
        work: &mut Work,
        found: &mut TopK,
    ) {
        let asked = &plan.asked;
        let off = self.off(codes, &probe, &order, asked, work);
        let mut keep = plan.keep;
        for _ in 0..TRIES {
            let nodes = self.nearest(codes, &probe, &mut order, plan, (keep, asked.bound.low - off), work);
            let refine = Refine { asked, distance: &self.distance, same: Same { next: &[] }, by_code: false };
            work.stats.exact += refine.run(&nodes, found).compared;
            let worst = nodes.last().filter(|_| nodes.len() >= keep).map_or(f32::INFINITY, |last| last.key());
            if off == 0.0 || is_trusted(asked, found, worst, off) {
                return;
            }
            *found = TopK::new(asked.k);
            keep = keep.saturating_mul(WIDER);
            *work = Work { stats: work.stats, ..Work::default() };
        }
        work.untold = true;
    }

    /// The nearest rows by codes, at most so many and from a key on.
    fn nearest<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: impl Fn(Packed) -> S::Probe<'p>,
        order: &mut [Packed],
        plan: &Plan<'_>,
        (keep, low): (usize, f32),
        work: &mut Work,
    ) -> Vec<Packed> {
        let asked = &plan.asked;
        let mut near = Shortlist::new(keep);
        work.low = asked.bound.low;
        work.nearest = asked.filter.map(|_| TopK::new(asked.k));
        for at in 0..order.len() {
            if self.is_done(plan, at, near.len(), work) {
                break;
            }
            if at == asked.effort {
                order[at..].sort_unstable();
            }
            let before = near.len();
            work.still += 1;
            let list = order[at];
            let among = Among { list: self.list(list.node()), low, filter: asked.filter };
            self.scan(codes, probe(list), &among, work, &mut near);
            work.stats.hops += 1;
            work.empty = if near.len() > before { 0 } else { work.empty + 1 };
        }
        near.into_sorted()
    }

    /// Whether the first `at` lists are all that matter.
    fn is_done(&self, plan: &Plan<'_>, at: usize, found: usize, work: &mut Work) -> bool {
        let asked = &plan.asked;
        let lists = self.head.lists.max(1);
        work.sparse |= asked.filter.is_some() && 2 * work.seen * lists < asked.allowed.saturating_mul(at);
        // The measured number holds for the nearest rows, and for rows spread as all are.
        let paged = plan.tuned && asked.bound.low > f32::NEG_INFINITY;
        let nprobe = match paged {
            true => self.sufficient(asked.k.saturating_add(work.below), asked.allowed, plan.target),
            false => asked.effort,
        };
        if at < nprobe.max(asked.effort) {
            return false;
        }
        if asked.bound.high < f32::INFINITY && work.empty >= MOST_EMPTY {
            return true;
        }
        let share = asked.allowed.saturating_mul(nprobe.min(lists)) / lists;
        work.astray = plan.tuned && asked.filter.is_some() && work.seen * 2 < share;
        let waited = !work.sparse || work.still * PATIENCE >= at;
        work.astray || found >= asked.enough() && (!plan.tuned || work.seen >= share && waited)
    }

    /// Makes the query's code and returns its scale; `floats` is working memory.
    pub(super) fn encode(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        floats: &mut Vec<f32>,
        code: &mut Vec<u8>,
    ) -> f32 {
        encode_query(vectors, self.head.column.metric, self.mean(), query, floats, code)
    }
}

/// The lists, nearest centre first: `count` of them in order, the others behind them.
fn order(keys: &[f32], count: usize) -> Vec<Packed> {
    let mut order: Vec<Packed> = keys.iter().zip(0..).map(|(key, list)| Packed::new(*key, list)).collect();
    if count < order.len() {
        order.select_nth_unstable(count);
    }
    let near = count.min(order.len());
    order[..near].sort_unstable();
    order
}
