//! Searching lists.

use super::open::Ivf;
use super::points::all;
use crate::asked::Asked;
use crate::effort::effort_for;
use crate::exact::exact_keys;
use crate::packed::Packed;
use crate::refine::Refine;
use crate::same::Same;
use crate::space::codes::CodeProbe;
use crate::space::encode::encode_query;
use crate::space::{Keys, Space};
use crate::{Index, Kind, SearchParams, SearchStats, VectorsView, exact_search};
use elanus_kernels::{Bitmap, Element, TopK, code};

/// Rows of a list looked at together.
const BLOCK: usize = 256;
/// How far below a lower bound keys on codes may be, as a part of it.
const SLACK: f32 = 0.01;
/// A search within a bound ends when this many lists in a row gave nothing.
const MOST_EMPTY: usize = 2;
/// Rows by code that are compared exactly, beyond those asked for.
const SPARE: usize = 22;

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
}

/// Working memory of one search.
#[derive(Default)]
struct Work {
    keys: Keys,
    places: Vec<u32>,
    rows: Vec<u32>,
    stats: SearchStats,
    /// Allowed rows seen.
    seen: usize,
    /// Those nearer than the bound allows.
    below: usize,
    /// Lists in a row that gave nothing.
    empty: usize,
    /// The nearest lists hold few allowed rows: these lie elsewhere, where what was measured says nothing.
    astray: bool,
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
        let Some(asked) = Asked::new(vectors, query, k, params, filter, self.distance.width()) else {
            return SearchStats::default();
        };
        let nprobe = params.nprobe.unwrap_or_else(|| self.sufficient(k, asked.allowed));
        let asked = Asked { effort: nprobe.clamp(1, self.head.lists.max(1)), ..asked };
        let metric = self.head.column.metric;
        if vectors.rows != self.head.column.rows as usize || self.scan_is_cheaper(&asked) {
            return exact_search(vectors, metric, query, filter, params.bound, out);
        }
        let wide = if params.bound.is_some() { 2 } else { 1 };
        let times = f64::from(params.refine_k.unwrap_or(1.0).max(1.0));
        let keep = ((k as f64 * times).ceil() as usize).max(k + SPARE).saturating_mul(wide);
        let plan = Plan { asked, keep, tuned: params.nprobe.is_none() };
        let (mut work, mut found) = (Work::default(), TopK::new(k));
        match self.head.is_coded() {
            true => self.by_codes(&plan, &mut work, &mut found),
            false => self.by_vectors(&plan, &mut work, &mut found),
        }
        if work.astray || found.len() < asked.enough() && asked.bound.high == f32::INFINITY {
            work.stats.add(exact_search(vectors, metric, query, filter, params.bound, out));
            return work.stats;
        }
        for hit in found.into_sorted() {
            out.push(hit.key, hit.row);
        }
        work.stats
    }

    fn memory_bytes(&self) -> usize {
        (*self.body).as_ref().len()
    }

    fn kind(&self) -> Kind {
        self.head.column.kind
    }

    fn describe(&self) -> String {
        let tuned = &self.head.tuned;
        format!(
            "{}, {} lists; nprobe {} for 10 hits (recall {:.3} when built), {} for 100 (recall {:.3})",
            self.head.column.kind,
            self.head.lists,
            tuned.nprobe[0],
            tuned.recall[0],
            tuned.nprobe[1],
            tuned.recall[1]
        )
    }
}

impl Ivf {
    /// The lists that sufficed for `k` hits when the file was built; under a filter the nearest allowed rows are as far as
    /// so many more hits would be.
    fn sufficient(&self, k: usize, allowed: usize) -> usize {
        let rows = self.head.column.rows as usize;
        let lists = effort_for(k.saturating_mul(rows) / allowed.max(1), self.head.tuned.nprobe);
        // Allowed rows are seldom spread quite as all are, and looking into lists for few rows is cheap.
        if allowed < rows { lists.saturating_mul(2) } else { lists }
    }

    /// Whether comparing all allowed rows costs less than looking into lists, in bytes read.
    fn scan_is_cheaper(&self, asked: &Asked<'_>) -> bool {
        if asked.allowed <= asked.k.max(FEW) {
            return true;
        }
        let width = self.distance.width();
        let narrow = if self.head.is_coded() { code::stride(self.head.column.dim as usize) } else { width };
        let tests = self.head.column.rows as usize * TEST_COST;
        let in_lists = asked.allowed.saturating_mul(narrow).saturating_add(tests);
        asked.allowed.saturating_mul(width) <= in_lists.saturating_mul(asked.effort) / self.head.lists.max(1)
    }

    /// The lists, nearest centre first: `count` of them in order, the others behind them.
    fn order(
        &self,
        probe: Option<CodeProbe<'_>>,
        query: &[u8],
        count: usize,
        keys: &mut Keys,
    ) -> Vec<Packed> {
        match probe {
            Some(probe) => {
                let mut lists = Vec::new();
                all(&mut lists, self.head.lists);
                self.centres().keys(probe, &lists, keys);
            }
            None => {
                keys.keys.clear();
                self.distance.keys(query, self.centre_bits(), &mut keys.keys);
            }
        }
        let mut order: Vec<Packed> =
            keys.keys.iter().zip(0..).map(|(key, list)| Packed::new(*key, list)).collect();
        if count < order.len() {
            order.select_nth_unstable(count);
        }
        let near = count.min(order.len());
        order[..near].sort_unstable();
        order
    }

    fn by_vectors(&self, plan: &Plan<'_>, work: &mut Work, found: &mut TopK) {
        let asked = &plan.asked;
        let code = (self.head.column.element != Element::Bit).then(|| self.encode(asked));
        let centres = self.centres();
        let probe = code.as_ref().map(|(code, scale)| centres.query(code, *scale));
        let mut order = self.order(probe, asked.query, asked.effort, &mut work.keys);
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
            exact_keys(asked.vectors, &self.distance, asked.query, rows, |key, row| {
                work.stats.exact += 1;
                work.below += usize::from(key < asked.bound.low);
                if key <= found.threshold() && asked.bound.keeps(key) {
                    found.push(key, row);
                }
            });
            work.seen = work.stats.exact as usize;
            work.stats.hops += 1;
            work.empty = if found.len() > before { 0 } else { work.empty + 1 };
        }
    }

    fn by_codes(&self, plan: &Plan<'_>, work: &mut Work, found: &mut TopK) {
        let asked = &plan.asked;
        let (code, scale) = self.encode(asked);
        let (centres, codes) = (self.centres(), self.codes());
        let mut order =
            self.order(Some(centres.query(&code, scale)), asked.query, asked.effort, &mut work.keys);
        let probe = codes.query(&code, scale);
        let low = asked.bound.low - asked.bound.low.abs() * SLACK;
        let mut near = TopK::new(plan.keep);
        for at in 0..order.len() {
            if self.is_done(plan, at, near.len(), work) {
                break;
            }
            if at == asked.effort {
                order[at..].sort_unstable();
            }
            let before = near.len();
            self.scan(&codes, probe, self.list(order[at].node()), low, asked.filter, work, &mut near);
            work.stats.hops += 1;
            work.empty = if near.len() > before { 0 } else { work.empty + 1 };
        }
        let nodes: Vec<Packed> = near.into_sorted().iter().map(|hit| Packed::new(hit.key, hit.row)).collect();
        let refine = Refine { asked, distance: &self.distance, same: Same { next: &[] } };
        work.stats.exact += refine.run(&nodes, found).compared;
    }

    /// Whether the first `at` lists are all that matter.
    fn is_done(&self, plan: &Plan<'_>, at: usize, found: usize, work: &mut Work) -> bool {
        let asked = &plan.asked;
        // The measured number holds for the nearest rows, and for rows spread as all are.
        let paged = plan.tuned && asked.bound.low > f32::NEG_INFINITY;
        let nprobe = match paged {
            true => self.sufficient(asked.k.saturating_add(work.below), asked.allowed),
            false => asked.effort,
        };
        if at < nprobe.max(asked.effort) {
            return false;
        }
        if asked.bound.high < f32::INFINITY && work.empty >= MOST_EMPTY {
            return true;
        }
        let lists = self.head.lists.max(1);
        let share = asked.allowed.saturating_mul(nprobe.min(lists)) / lists;
        work.astray = plan.tuned && asked.filter.is_some() && work.seen * 2 < share;
        work.astray || found >= asked.enough() && (!plan.tuned || work.seen >= share)
    }

    /// Offers `near` the allowed rows of a list with their keys on codes.
    #[allow(clippy::too_many_arguments)]
    fn scan(
        &self,
        codes: &crate::space::codes::CodeSpace<'_>,
        probe: CodeProbe<'_>,
        list: std::ops::Range<usize>,
        low: f32,
        filter: Option<&Bitmap>,
        work: &mut Work,
        near: &mut TopK,
    ) {
        let all = self.rows();
        for start in list.clone().step_by(BLOCK) {
            work.places.clear();
            work.rows.clear();
            for place in start..list.end.min(start + BLOCK) {
                let row = all.get(place).map_or(u32::MAX, |row| u32::from_le_bytes(*row));
                if row != u32::MAX && filter.is_none_or(|filter| filter.get(row as usize)) {
                    work.places.push(place as u32);
                    work.rows.push(row);
                }
            }
            codes.keys(probe, &work.places, &mut work.keys);
            work.stats.approximate += work.places.len() as u64;
            work.seen += work.places.len();
            for (key, row) in work.keys.keys.iter().zip(&work.rows) {
                work.below += usize::from(*key < low);
                if *key <= near.threshold() && *key >= low {
                    near.push(*key, *row);
                }
            }
        }
    }

    /// The query's code and scale.
    fn encode(&self, asked: &Asked<'_>) -> (Vec<u8>, f32) {
        let (mut floats, mut code) = (Vec::new(), Vec::new());
        let metric = self.head.column.metric;
        let scale = encode_query(asked.vectors, metric, self.mean(), asked.query, &mut floats, &mut code);
        (code, scale)
    }
}
