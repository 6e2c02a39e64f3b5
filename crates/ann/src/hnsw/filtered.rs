//! Searching when only some rows count: which way, by what each costs.

use super::beam::beam;
use super::costs::Costs;
use super::explore::{Allowed, Wanted, explore};
use super::format::Compared;
use super::graph::Graph;
use super::open::{Hnsw, Parts};
use super::scratch::Scratch;
use super::sift::{CROWD, collect, sift};
use crate::SearchStats;
use crate::asked::Asked;
use crate::packed::Packed;
use crate::refine::{Refine, Refined};
use crate::same::Same;
use crate::space::Space;
use elanus_kernels::TopK;

/// Links of the first node that are looked behind to see how many rows near the query are allowed.
const NEAR: usize = 8;
/// Allowed rows are far from the query where there are fewer around it than elsewhere by one part in so many.
const FAR: usize = 4;
/// A walk must promise to take at most so many tenths of what it may: some take longer than they promise.
const TENTHS: u64 = 7;
/// Beams may be too narrow for the ranks they found by one part in so many: some are, others are too wide.
const OFF: usize = 4;
/// Rows are linked less well to each other the fewer are allowed: the beam grows by one part in so many, over the share.
const SPARSE: usize = 40;

/// With more than one hit in so many among the last half of what was found, others are likely to lie beyond it.
///
/// Where the allowed rows are all about equally far from the query, codes do not tell them apart.
const FAR_OFF: usize = 16;
/// Rows kept of a sift, by how many an effort finds: what is not needed is not looked at.
const KEPT: usize = 4;

/// What came of comparing exactly what was found by codes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offered {
    /// There are as many hits as there must be.
    pub enough: bool,
    /// Codes do not tell the rows found apart: those not found may be nearer.
    pub doubtful: bool,
    /// No node found but not compared can matter, by how far codes were off.
    pub sure: bool,
    /// How far codes were off at most.
    pub off: f32,
}

impl Offered {
    fn is_good(self) -> bool {
        self.enough && !self.doubtful
    }
}

/// Whether `entered` of `k` hits among the last nodes found promise others beyond them.
fn is_doubtful(k: usize, first: usize, last: usize, entered: usize) -> bool {
    // Near the ranks asked for some are always in disorder; so are all where few were asked for.
    let usual = if first >= 2 * k { k / FAR_OFF } else { k * last / (first + last).max(1) / 2 };
    first + last >= k + k / 2 && entered > usual
}

/// A search under a filter.
pub(super) struct Filtered<'a, 'p, S: Space + 'p> {
    pub space: &'a S,
    pub probe: S::Probe<'p>,
    pub parts: &'a Parts<'a>,
    pub asked: &'a Asked<'a>,
    pub refine: Refine<'a>,
    pub allowed: Allowed<'a>,
}

impl Hnsw {
    pub(super) fn costs(&self) -> Costs {
        let wide = self.distance.width() as u64;
        let narrow = if self.sifts() { self.head.code_width() as u64 } else { wide };
        Costs { narrow, wide, m: self.head.m as u64 }
    }

    /// Whether walks compare less than the vectors.
    fn sifts(&self) -> bool {
        matches!(self.head.compared, Compared::Codes | Compared::Coded)
    }

    /// Offers the nearest allowed rows; false when their vectors must be compared after all.
    pub(super) fn filtered<S: Space>(
        &self,
        search: &Filtered<'_, '_, S>,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let (costs, asked) = (self.costs(), search.asked);
        let limit = costs.vain(asked.allowed, asked.k);
        self.walked(search, costs, limit, scratch, out, stats)
            || (costs.sifts(asked.allowed, asked.k) && search.sift(scratch, out, stats))
    }

    /// Tries a beam over all rows, a walk over those allowed, or both, as long as they cost less than the limit.
    fn walked<S: Space>(
        &self,
        search: &Filtered<'_, '_, S>,
        costs: Costs,
        limit: u64,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let Filtered { space, probe, parts, asked, .. } = search;
        if costs.beam(asked.effort) > limit {
            return false;
        }
        let Some(start) = self.enter(*space, *probe, parts, scratch, stats) else { return false };
        let rows = asked.vectors.rows;
        let ef = (asked.effort + asked.effort.saturating_mul(rows / asked.allowed.max(1)) / SPARSE)
            .max(asked.k.saturating_mul(2))
            .min(asked.allowed);
        let share = search.share(start);
        // Rows that are all far from the query are about equally far.
        let far = share.is_none_or(|(some, of)| some * rows / of * FAR < asked.allowed);
        let width = share.map_or(usize::MAX, |(some, of)| self.width(asked, some, of));
        let (beam, walk) = (costs.beam(width), costs.walk(ef));
        let mut left = limit;
        if beam <= walk && beam <= limit {
            if self.beamed(search, start, width, scratch, out, stats) {
                return true;
            }
            left = left.saturating_sub(beam);
        }
        *out = TopK::new(asked.k);
        let wanted = Wanted {
            allowed: search.allowed,
            low: f32::NEG_INFINITY,
            ef,
            budget: left,
            costs,
            most: 2 * self.head.m,
            two_steps: true,
        };
        walk <= left / 10 * TENTHS && search.walk(start, &wanted, far, scratch, out, stats)
    }

    /// The beam over all rows that finds the hits asked for among those allowed, when some of so many are.
    fn width(&self, asked: &Asked<'_>, some: usize, of: usize) -> usize {
        let rank = asked.k.saturating_mul(of).div_ceil(some.max(1));
        self.at_rank(asked, rank + (rank - asked.k.min(rank)) / 4)
    }

    /// The beam that finds all rows up to a rank as surely as the effort asked for finds the first `k`.
    fn at_rank(&self, asked: &Asked<'_>, rank: usize) -> usize {
        let beam = |hits: usize| self.curves.effort(hits, asked.target).max(hits);
        (asked.effort.saturating_mul(beam(rank)) / beam(asked.k).max(1)).max(asked.effort)
    }

    /// Offers what a beam finds; false when that is too little.
    fn beamed<S: Space>(
        &self,
        search: &Filtered<'_, '_, S>,
        start: u32,
        width: usize,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        let Filtered { space, probe, parts, asked, allowed, .. } = search;
        scratch.hidden = None;
        beam(*space, &parts.lowest, *probe, &[start], width, scratch, stats);
        let nodes = scratch.pool.nodes().iter().enumerate();
        scratch.kept.clear();
        let mut last = usize::MAX;
        for (at, node) in nodes.filter(|(_, node)| allowed.node(node.node())) {
            scratch.kept.push(*node);
            if scratch.kept.len() == asked.enough() {
                last = at + 1;
            }
        }
        let needed = if last == usize::MAX { last } else { self.at_rank(asked, last) };
        needed - needed / OFF <= width && search.offer(&scratch.kept, out, stats).is_good()
    }
}

impl<S: Space> Filtered<'_, '_, S> {
    /// Compares all allowed rows by code, then the nearest exactly.
    fn sift(&self, scratch: &mut Scratch, out: &mut TopK, stats: &mut SearchStats) -> bool {
        let (space, probe, asked) = (self.space, self.probe, self.asked);
        let Some(filter) = asked.filter else { return false };
        let rows = || filter.iter_in(0..asked.vectors.rows.min(filter.len())).map(|row| row as u32);
        // Rows by themselves, not those that stand for equal ones.
        let by_rows =
            Self { refine: Refine { same: Same { next: &[] }, by_code: false, ..self.refine }, ..*self };
        // Enough to judge by, see [`is_doubtful`].
        let found = asked.effort.max(asked.k.saturating_add(asked.k / 2));
        let keep = found.saturating_mul(KEPT).min(found.max(asked.allowed / CROWD / 2));
        stats.scanned = true;
        *out = TopK::new(asked.k);
        stats.approximate += sift(space, probe, rows(), keep, scratch);
        let offered = by_rows.offer(scratch.pool.nodes(), out, stats);
        if !offered.doubtful || !offered.enough {
            return offered.enough;
        }
        let limit = out.threshold() + offered.off;
        let (compared, few) = collect(space, probe, rows(), limit, scratch);
        stats.approximate += compared;
        *out = TopK::new(asked.k);
        few && by_rows.offer(&scratch.kept, out, stats).enough
    }

    fn walk(
        &self,
        start: u32,
        wanted: &Wanted<'_>,
        far: bool,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> bool {
        explore(self.space, &self.parts.lowest, self.probe, start, wanted, scratch, stats) && {
            let offered = self.offer_found(scratch, out, stats);
            offered.is_good() && (offered.sure || !far)
        }
    }

    /// Offers what a walk left.
    pub(super) fn offer_found(
        &self,
        scratch: &mut Scratch,
        out: &mut TopK,
        stats: &mut SearchStats,
    ) -> Offered {
        let mut found = std::mem::take(&mut scratch.found).into_vec();
        found.sort_unstable();
        let done = self.offer(&found, out, stats);
        found.clear();
        scratch.found = found.into();
        done
    }

    /// Offers the rows of nodes, sorted by their keys on codes.
    pub(super) fn offer(&self, nodes: &[Packed], out: &mut TopK, stats: &mut SearchStats) -> Offered {
        let k = self.asked.k;
        let tail = (nodes.len() / 2).min(nodes.len().saturating_sub(k + k / 4));
        let (first, last) = nodes.split_at(nodes.len() - tail);
        let done = self.refine.run(first, out);
        let more = if done.stopped { Refined::default() } else { self.refine.run(last, out) };
        stats.exact += done.compared + more.compared;
        let enough =
            done.offered + more.offered >= self.asked.enough() || self.asked.bound.high < f32::INFINITY;
        let off = done.off.max(more.off);
        Offered {
            enough,
            doubtful: is_doubtful(k, first.len(), last.len(), more.entered),
            sure: done.stopped || more.stopped,
            off,
        }
    }

    /// How many of the nodes around one are allowed, and of how many; `None` when none is.
    fn share(&self, start: u32) -> Option<(usize, usize)> {
        let graph = &self.parts.lowest;
        let (mut some, mut of) = (0, 0);
        graph.links(start).take(NEAR).for_each(|link| graph.prefetch(link));
        for link in graph.links(start).take(NEAR).flat_map(|link| graph.links(link)) {
            some += usize::from(self.allowed.node(link));
            of += 1;
        }
        (some > 0).then_some((some, of))
    }
}
