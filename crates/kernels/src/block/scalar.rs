//! Plain versions, and the parts that compilers turn into good vector code by themselves.

use super::Line;

/// Rows of a panel.
const ROWS: usize = 8;
/// Queries of a tile.
const QUERIES: usize = 4;
/// Keys looked at side by side.
const LANES: usize = 16;

pub(super) fn floats(tile: &[u32], panel: &[u32], out: &mut [f32]) {
    let mut sums = [[0.0f32; ROWS]; QUERIES];
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        for (sums, query) in sums.iter_mut().zip(queries) {
            let query = f32::from_bits(*query);
            sums.iter_mut().zip(rows).for_each(|(sum, row)| *sum += query * f32::from_bits(*row));
        }
    }
    out.iter_mut().zip(sums.as_flattened()).for_each(|(out, sum)| *out = *sum);
}

pub(super) fn codes(tile: &[u32], panel: &[u32], _: &[i32], out: &mut [i32]) {
    let mut sums = [[0i32; ROWS]; QUERIES];
    let halves = |pair: u32| (i32::from(pair as i16), i32::from((pair >> 16) as i16));
    for (queries, rows) in tile.as_chunks::<QUERIES>().0.iter().zip(panel.as_chunks::<ROWS>().0) {
        for (sums, query) in sums.iter_mut().zip(queries) {
            let (low, high) = halves(*query);
            for (sum, row) in sums.iter_mut().zip(rows) {
                let (a, b) = halves(*row);
                *sum = sum.wrapping_add(low * a).wrapping_add(high * b);
            }
        }
    }
    out.iter_mut().zip(sums.as_flattened()).for_each(|(out, sum)| *out = *sum);
}

pub(super) fn below(dots: &[f32], terms: &[f32], scales: &[f32], line: &Line) -> u32 {
    let rows = dots.iter().zip(terms).zip(scales).zip(0..32);
    rows.fold(0, |mask, (((dot, term), scale), row)| {
        let key = line.key(*term, *scale, *dot);
        mask | u32::from(key <= line.limit || key.is_nan() || line.limit.is_nan()) << row
    })
}

/// Whole numbers in the order of [`f32::total_cmp`].
#[inline(always)]
fn ordered(key: f32) -> i32 {
    let bits = key.to_bits() as i32;
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

/// By lanes: each keeps the first of its smallest keys.
#[inline(always)]
pub(super) fn nearest(dots: &[i32], terms: &[f32], scales: &[f32], line: &Line) -> Option<u32> {
    let len = dots.len().min(terms.len()).min(scales.len());
    let (dots, dots_left) = dots[..len].as_chunks::<LANES>();
    let (terms, terms_left) = terms[..len].as_chunks::<LANES>();
    let (scales, scales_left) = scales[..len].as_chunks::<LANES>();
    let mut best = [i32::MAX; LANES];
    let mut at: [u32; LANES] = std::array::from_fn(|lane| lane as u32);
    for (block, ((dots, terms), scales)) in dots.iter().zip(terms).zip(scales).enumerate() {
        for lane in 0..LANES {
            let key = ordered(line.key(terms[lane], scales[lane], dots[lane] as f32));
            let nearer = key < best[lane];
            best[lane] = if nearer { key } else { best[lane] };
            at[lane] = if nearer { (block * LANES + lane) as u32 } else { at[lane] };
        }
    }
    let left = dots_left
        .iter()
        .zip(terms_left)
        .zip(scales_left)
        .map(|((dot, term), scale)| ordered(line.key(*term, *scale, *dot as f32)));
    let lanes = best.into_iter().zip(at).filter(|_| !dots.is_empty());
    lanes.chain(left.zip((dots.len() * LANES) as u32..)).min().map(|(_, row)| row)
}

pub(super) fn transpose(from: &[u32], stride: usize, lanes: usize, to: &mut [u32]) {
    transpose_from(from, stride, lanes, to, 0);
}

/// The steps from `first` on.
pub(super) fn transpose_from(from: &[u32], stride: usize, lanes: usize, to: &mut [u32], first: usize) {
    for (step, to) in to.chunks_exact_mut(lanes.max(1)).enumerate().skip(first) {
        let words = from.chunks_exact(stride.max(1)).filter_map(|vector| vector.get(step));
        to.iter_mut().zip(words).for_each(|(to, word)| *to = *word);
    }
}
