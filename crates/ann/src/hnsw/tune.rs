//! Measuring a graph when it is built: which beams find how much.

use super::beam::{beam, descend};
use super::graph::Layer;
use super::levels::Levels;
use super::scratch::Scratch;
use crate::effort::{Curves, MEASURED, Point, share};
use crate::parallel::collect;
use crate::space::{Pairs, Space};
use crate::{SearchStats, VectorsView};
use elanus_kernels::{Distance, TopK};
use elanus_runtime::Cancel;

/// Recall at which no larger beam is tried.
const PERFECT: f32 = 0.998;
/// Beams tried.
///
/// Smaller ones find too little for queries that are unlike the rows, see also [`Measured::least`].
pub(super) const BEAMS: [usize; 25] = [
    16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 512, 640, 768, 1024,
    1536, 2048,
];
/// Keys computed at most to know the true neighbours of sampled rows.
const EFFORT: usize = 40_000_000;
/// True neighbours looked for among so many nearest by code.
const AMONG: usize = 200;
/// Rows of a block of a scan.
const BLOCK: usize = 256;

/// What hits are compared with.
pub(super) struct Target<'a> {
    pub distance: &'a Distance,
    pub vectors: &'a VectorsView<'a>,
}

impl Target<'_> {
    /// The exact keys between a row and others, ascending.
    fn keys(&self, row: u32, others: impl Iterator<Item = u32>) -> Vec<f32> {
        let mut keys = self.keys_in_order(row, others);
        keys.sort_unstable_by(f32::total_cmp);
        keys
    }

    /// The exact keys between a row and others.
    fn keys_in_order(&self, row: u32, others: impl Iterator<Item = u32>) -> Vec<f32> {
        let query = self.vectors.row(row as usize);
        others.map(|other| self.distance.key(query, self.vectors.row(other as usize))).collect()
    }
}

/// Rows as queries, in the space that searches walk in.
pub(super) trait AsQueries: Sync {
    /// The space.
    type Space: Space;
    /// What a query is made into.
    type Query: Default;

    fn space(&self) -> &Self::Space;

    fn prepare(&self, row: u32, query: &mut Self::Query);

    fn probe<'q>(&'q self, row: u32, query: &'q Self::Query) -> <Self::Space as Space>::Probe<'q>;
}

/// A space whose rows can be compared with each other.
pub(super) struct Itself<'a, S>(pub &'a S);

impl<S: Pairs> AsQueries for Itself<'_, S> {
    type Space = S;
    type Query = ();

    fn space(&self) -> &S {
        self.0
    }

    fn prepare(&self, _: u32, (): &mut ()) {}

    fn probe<'q>(&'q self, row: u32, (): &'q ()) -> S::Probe<'q> {
        self.0.row(row)
    }
}

/// The graph that is measured.
pub(super) struct Measured<'a> {
    pub layers: &'a [Layer<'a>],
    pub levels: &'a Levels,
    /// The smallest beam: estimates by few bits err more for queries that are farther from all rows than rows are from
    /// each other, and a sample of rows does not show it.
    pub least: usize,
    /// Whether hits are the nearest by exact keys of those found, not by code.
    pub refined: bool,
    pub target: Target<'a>,
}

/// Finds what share of the true neighbours of sampled rows each beam finds, each row left out of the graph while it is
/// looked for, as if it were a new query.
pub(super) fn tune<S: Pairs, A: AsQueries>(
    pairs: &S,
    queries: &A,
    graph: &Measured<'_>,
    scratches: &mut [Scratch],
    cancel: &Cancel,
) -> Curves {
    let Measured { levels, target, .. } = graph;
    // Rows of upper layers cannot be left out: walks pass through them.
    let rows = levels.order.get(levels.sizes.get(1).copied().unwrap_or(0)..).unwrap_or(&[]);
    let count = (EFFORT / levels.order.len().max(1)).clamp(32, 192).min(rows.len());
    let sample: Vec<u32> =
        rows.iter().copied().step_by((rows.len() / count.max(1)).max(1)).take(count).collect();
    let nearest: Vec<Vec<u32>> = collect(scratches, sample.len(), cancel, |item, scratch, out| {
        out.push(nearest(pairs, levels, sample[item], AMONG, scratch));
    });
    let truth: Vec<Vec<f32>> = collect(scratches, nearest.len(), cancel, |item, _, out| {
        out.push(target.keys(sample[item], nearest[item].iter().copied()));
    });
    let mut curves = Curves::default();
    let mut done = [false; MEASURED.len()];
    for ef in BEAMS.into_iter().filter(|ef| *ef >= graph.least) {
        if cancel.is_cancelled() || done.iter().all(|done| *done) {
            break;
        }
        let found: Vec<Vec<f32>> = collect(scratches, truth.len(), cancel, |item, scratch, out| {
            let found = look(queries, graph, sample[item], ef, scratch).into_iter();
            out.push(match graph.refined {
                true => target.keys(sample[item], found),
                false => target.keys_in_order(sample[item], found),
            });
        });
        for (at, k) in MEASURED.into_iter().enumerate().filter(|(_, k)| *k <= ef) {
            if !done[at] {
                let mut shares: Vec<f32> =
                    found.iter().zip(&truth).map(|(found, truth)| share(found, truth, k)).collect();
                let point = Point::of(ef, &mut shares);
                done[at] = point.recall >= PERFECT;
                curves.points[at].push(point);
            }
        }
    }
    curves
}

/// The nodes nearest to a row, itself left out, by comparing all.
fn nearest<S: Pairs>(space: &S, levels: &Levels, row: u32, count: usize, scratch: &mut Scratch) -> Vec<u32> {
    let mut top = TopK::new(count);
    for block in levels.order.chunks(BLOCK) {
        space.keys(space.row(row), block, &mut scratch.keys);
        for (key, other) in scratch.keys.keys.iter().zip(block) {
            if *other != row && *key <= top.threshold() {
                top.push(*key, *other);
            }
        }
    }
    top.into_sorted().into_iter().map(|hit| hit.row).collect()
}

/// The nodes that a walk finds.
fn look<A: AsQueries>(
    queries: &A,
    graph: &Measured<'_>,
    row: u32,
    ef: usize,
    scratch: &mut Scratch,
) -> Vec<u32> {
    let Some((lowest, above)) = graph.layers.split_first() else { return Vec::new() };
    let mut query = A::Query::default();
    queries.prepare(row, &mut query);
    let (space, probe) = (queries.space(), queries.probe(row, &query));
    let mut stats = SearchStats::default();
    let here =
        above.iter().rev().fold(0, |here, layer| descend(space, layer, probe, here, scratch, &mut stats));
    let Some(start) = graph.levels.order.get(here as usize) else { return Vec::new() };
    scratch.hidden = Some(row);
    beam(space, lowest, probe, &[*start], ef, scratch, &mut stats);
    scratch.hidden = None;
    scratch.pool.nodes().iter().map(|packed| packed.node()).collect()
}
