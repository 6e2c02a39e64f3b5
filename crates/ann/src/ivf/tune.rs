//! Measuring how many lists must be looked into.

use super::open::Ivf;
use super::points::{Points, Room};
use crate::effort::{Curves, MEASURED, Point};
use crate::parallel::collect;
use crate::{Index, SearchParams, VectorsView};
use elanus_kernels::TopK;
use elanus_runtime::Cancel;

/// Keys computed at most to know the true neighbours of sampled rows.
const EFFORT: usize = 40_000_000;
/// True neighbours looked for among so many nearest by code.
const AMONG: usize = 200;
/// Recall at which no more lists are tried.
const PERFECT: f32 = 0.998;
/// Numbers of lists tried: each is larger by this part of the one before.
const GROWTH: usize = 3;

/// Numbers of lists worth trying, up to all.
pub(super) fn efforts(lists: usize) -> impl Iterator<Item = usize> {
    let next = move |nprobe: &usize| {
        let more = (nprobe + nprobe.div_ceil(GROWTH)).min(lists);
        (more > *nprobe).then_some(more)
    };
    std::iter::successors(Some(1), next)
}

/// Looks for sampled rows in growing numbers of lists and notes what share of their true neighbours is found, the rows
/// themselves left out.
pub(super) fn tune<P: Points>(
    index: &Ivf,
    vectors: &VectorsView<'_>,
    points: &P,
    rooms: &mut [Room],
    cancel: &Cancel,
) -> Curves {
    let count = (EFFORT / vectors.rows.max(1)).clamp(32, 128).min(vectors.rows);
    let step = (vectors.rows / count.max(1)).max(1);
    // For every sampled row the exact keys of its neighbours, ascending.
    let truth: Vec<Vec<f32>> = collect(rooms, count, cancel, |item, room, out| {
        let row = item * step;
        let nearest = points.nearest(row as u32, AMONG, room);
        let key = |other: u32| index.distance.key(vectors.row(row), vectors.row(other as usize));
        let mut keys: Vec<f32> = nearest.iter().map(|hit| key(hit.row)).collect();
        keys.sort_unstable_by(f32::total_cmp);
        out.push(keys);
    });
    let mut curves = Curves::default();
    let mut done = [false; MEASURED.len()];
    for nprobe in efforts(index.head.lists) {
        if cancel.is_cancelled() || !done.contains(&false) {
            break;
        }
        let found: Vec<[f32; MEASURED.len()]> = collect(rooms, truth.len(), cancel, |item, _, out| {
            out.push(shares(index, vectors, item * step, nprobe, &truth[item], done));
        });
        for (at, (points, done)) in curves.points.iter_mut().zip(&mut done).enumerate() {
            if *done {
                continue;
            }
            let mut shares: Vec<f32> = found.iter().map(|shares| shares[at]).collect();
            let point = Point::of(nprobe, &mut shares);
            points.push(point);
            *done = point.recall >= PERFECT || nprobe >= index.head.lists;
        }
    }
    curves
}

/// For each of [`MEASURED`] that is not done the share of a row's nearest that searches in `nprobe` lists find.
fn shares(
    index: &Ivf,
    vectors: &VectorsView<'_>,
    row: usize,
    nprobe: usize,
    truth: &[f32],
    done: [bool; MEASURED.len()],
) -> [f32; MEASURED.len()] {
    let params = SearchParams { nprobe: Some(nprobe), ..SearchParams::default() };
    let mut shares = [1.0; MEASURED.len()];
    // A search for ten says how a search for one fares.
    for (wanted, those) in [(MEASURED[1], 0..2), (MEASURED[2], 2..3)] {
        if done[those.clone()].iter().all(|done| *done) {
            continue;
        }
        let mut out = TopK::new(wanted + 1);
        index.search(vectors, vectors.row(row), wanted + 1, &params, None, &mut out);
        let hits = out.into_sorted();
        let others = hits.iter().filter(|hit| hit.row as usize != row);
        for at in those {
            let of = MEASURED[at].min(truth.len());
            let Some(farthest) = truth.get(of.wrapping_sub(1)) else { continue };
            shares[at] =
                others.clone().take(of).filter(|hit| hit.key <= *farthest).count() as f32 / of as f32;
        }
    }
    shares
}
