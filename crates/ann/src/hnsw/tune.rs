//! Measuring a graph while it is built: whether codes tell rows apart, and which beam suffices.

use super::beam::{beam, descend};
use super::graph::Layer;
use super::levels::Levels;
use super::scratch::Scratch;
use crate::parallel::collect;
use crate::space::Space;
use crate::space::codes::CodeSpace;
use crate::{SearchStats, VectorsView, exact_search};
use elanus_kernels::{Distance, Hit, TopK};
use elanus_runtime::Cancel;

/// Recall that makes a beam sufficient. Sampled rows are easier to find than new queries, hence the margin.
const ENOUGH: f32 = 0.97;
/// Beams tried.
const BEAMS: [usize; 14] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048];
/// Keys computed at most to know the true neighbours of sampled rows.
const EFFORT: usize = 40_000_000;
/// Rows of a block of a scan.
const BLOCK: u32 = 256;

/// What was measured for 10 and for 100 hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tuned {
    pub ef: [usize; 2],
    pub recall: [f32; 2],
}

/// What hits are compared with.
pub(super) struct Target<'a> {
    pub distance: &'a Distance,
    pub vectors: &'a VectorsView<'a>,
}

impl Target<'_> {
    /// The exact keys between a row and others, ascending.
    fn keys(&self, row: u32, others: impl Iterator<Item = u32>) -> Vec<f32> {
        let query = self.vectors.row(row as usize);
        let key = |other: u32| self.distance.key(query, self.vectors.row(other as usize));
        let mut keys: Vec<f32> = others.map(key).collect();
        keys.sort_unstable_by(f32::total_cmp);
        keys
    }
}

/// Finds the smallest beams that find enough of the true neighbours of sampled rows, each left out of the graph while
/// it is looked for, as if it were a new query.
pub(super) fn tune<S: Space>(
    space: &S,
    target: &Target<'_>,
    layers: &[Layer<'_>],
    levels: &Levels,
    scratches: &mut [Scratch],
    cancel: &Cancel,
) -> Tuned {
    let mut tuned = Tuned { ef: [0; 2], recall: [1.0; 2] };
    // Rows of upper layers cannot be left out: walks pass through them.
    let rows = levels.order.get(levels.sizes.get(1).copied().unwrap_or(0)..).unwrap_or(&[]);
    let count = (EFFORT / levels.order.len().max(1)).clamp(32, 200).min(rows.len());
    let sample: Vec<u32> =
        rows.iter().copied().step_by((rows.len() / count.max(1)).max(1)).take(count).collect();
    let nearest: Vec<Vec<u32>> = collect(scratches, sample.len(), cancel, |item, scratch, out| {
        out.push(nearest(space, levels, sample[item], 200, scratch));
    });
    for (slot, k) in [10, 100].into_iter().enumerate() {
        let truth: Vec<f32> = collect(scratches, nearest.len(), cancel, |item, _, out| {
            let keys = target.keys(sample[item], nearest[item].iter().copied());
            out.push(keys.get(k - 1).or(keys.last()).copied().unwrap_or(f32::INFINITY));
        });
        for ef in BEAMS.into_iter().filter(|ef| *ef >= k) {
            let hits: Vec<f32> = collect(scratches, truth.len(), cancel, |item, scratch, out| {
                let found = look(space, layers, levels, sample[item], ef, scratch);
                let keys = target.keys(sample[item], found.into_iter());
                let right = keys.iter().take(k).filter(|key| **key <= truth[item]).count();
                out.push(right as f32 / k.min(nearest[item].len()).max(1) as f32);
            });
            tuned.ef[slot] = ef;
            tuned.recall[slot] = hits.iter().sum::<f32>() / hits.len().max(1) as f32;
            if hits.is_empty() || tuned.recall[slot] >= ENOUGH || cancel.is_cancelled() {
                break;
            }
        }
    }
    tuned
}

/// The nodes nearest to a row, itself left out, by comparing all.
fn nearest<S: Space>(space: &S, levels: &Levels, row: u32, count: usize, scratch: &mut Scratch) -> Vec<u32> {
    let mut top = TopK::new(count);
    for block in levels.order.chunks(BLOCK as usize) {
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
fn look<S: Space>(
    space: &S,
    layers: &[Layer<'_>],
    levels: &Levels,
    row: u32,
    ef: usize,
    scratch: &mut Scratch,
) -> Vec<u32> {
    let Some((lowest, above)) = layers.split_first() else { return Vec::new() };
    let (probe, mut stats) = (space.row(row), SearchStats::default());
    let here =
        above.iter().rev().fold(0, |here, layer| descend(space, layer, probe, here, scratch, &mut stats));
    let Some(start) = levels.order.get(here as usize) else { return Vec::new() };
    scratch.hidden = Some(row);
    beam(space, lowest, probe, &[*start], ef, scratch, &mut stats);
    scratch.hidden = None;
    scratch.pool.nodes().iter().map(|packed| packed.node()).collect()
}

/// Rows whose neighbours are looked at to judge codes.
const JUDGES: usize = 32;
/// Rows they are looked for in, at most.
const JUDGED: usize = 200_000;
/// True neighbours looked for.
const NEIGHBOURS: usize = 10;
/// Rows nearest by code among which they must be.
const AMONG: usize = 40;
/// Share of them that must.
const TOLD_APART: f32 = 0.9;

/// Whether the rows nearest by code hold most of those truly nearest.
///
/// Where few components are far larger than the rest, or rows lie in tight clumps far apart, one byte does not tell
/// neighbours apart; then the graph must compare the vectors themselves.
pub(super) fn codes_suffice(
    space: &CodeSpace<'_>,
    distance: &Distance,
    vectors: &VectorsView<'_>,
    scratches: &mut [Scratch],
    cancel: &Cancel,
) -> bool {
    let rows = vectors.rows.min(JUDGED);
    if rows <= AMONG {
        return true;
    }
    let part = VectorsView { rows, ..*vectors };
    let step = rows / JUDGES.min(rows);
    let shares: Vec<f32> = collect(scratches, JUDGES.min(rows), cancel, |item, scratch, out| {
        let row = (item * step) as u32;
        let query = vectors.row(row as usize);
        let mut exact = TopK::new(NEIGHBOURS + 1);
        exact_search(&part, distance.metric(), query, None, None, &mut exact);
        let worst = exact.into_sorted().last().map_or(f32::INFINITY, |hit: &Hit| hit.key);
        let by_code = nearest_codes(space, row, rows as u32, scratch);
        let key = |hit: &Hit| distance.key(query, vectors.row(hit.row as usize));
        let right = by_code.iter().filter(|hit| key(hit) <= worst).count();
        out.push((right.min(NEIGHBOURS)) as f32 / NEIGHBOURS as f32);
    });
    shares.iter().sum::<f32>() >= TOLD_APART * shares.len() as f32
}

fn nearest_codes(space: &CodeSpace<'_>, row: u32, rows: u32, scratch: &mut Scratch) -> Vec<Hit> {
    let mut top = TopK::new(AMONG);
    let Scratch { batch, keys, .. } = scratch;
    for start in (0..rows).step_by(BLOCK as usize) {
        batch.clear();
        batch.extend(start..rows.min(start + BLOCK));
        // As a query, so that inner products are not stretched.
        space.keys(space.row_as_query(row), batch, keys);
        for (key, other) in keys.keys.iter().zip(batch.iter()) {
            if *key <= top.threshold() {
                top.push(*key, *other);
            }
        }
    }
    top.into_sorted()
}
