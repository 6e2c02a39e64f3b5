//! Comparing the query with every row.

mod batch;
mod floor;
mod hits;
mod lists;
mod many;
mod packed;
mod tiles;

pub use batch::{BatchRoom, ExactBatch};
pub use hits::exact_hits;
pub use lists::{ListBatch, ListRoom};
pub use many::exact_search_batch;

use crate::{Bound, SearchStats, VectorsView};
use elanus_kernels::{Bitmap, Distance, Metric, TopK, prefetch};

/// Rows asked for ahead of the one computed.
const AHEAD: usize = 4;
/// Cache lines asked for per row; the processor fetches the following ones by itself.
const LINES: usize = 4;
/// Rows whose keys are computed before any is looked at.
const BATCH: usize = 256;

/// Offers `out` every allowed row with its exact key: all rows, or those set in `filter`.
///
/// A query of the wrong width, or a metric that does not fit the elements, finds nothing.
pub fn exact_search(
    vectors: &VectorsView<'_>,
    metric: Metric,
    query: &[u8],
    filter: Option<&Bitmap>,
    bound: Option<Bound>,
    out: &mut TopK,
) -> SearchStats {
    let bound = bound.unwrap_or(Bound::ALL);
    let Some(distance) = Distance::new(metric, vectors.element, vectors.dim) else {
        return SearchStats::default();
    };
    if query.len() != distance.width() {
        return SearchStats::default();
    }
    let exact = match filter {
        None => scan_all(vectors, &distance, query, bound, out),
        Some(filter) => {
            exact_rows(vectors, &distance, query, filter.iter().map(|row| row as u32), bound, out)
        }
    };
    SearchStats { exact, scanned: true, ..SearchStats::default() }
}

fn scan_all(
    vectors: &VectorsView<'_>,
    distance: &Distance,
    query: &[u8],
    bound: Bound,
    out: &mut TopK,
) -> u64 {
    let width = distance.width();
    let whole = vectors.data.len().min(vectors.rows.saturating_mul(width));
    let mut keys = Vec::with_capacity(BATCH);
    let mut row = 0u32;
    for block in vectors.data[..whole].chunks(BATCH * width) {
        keys.clear();
        distance.keys(query, block, &mut keys);
        for key in &keys {
            if *key <= out.threshold() && bound.keeps(*key) {
                out.push(*key, row);
            }
            row += 1;
        }
    }
    u64::from(row)
}

/// Offers `out` some rows with their exact keys and returns how many there were; rows that do not exist are skipped.
pub fn exact_rows(
    vectors: &VectorsView<'_>,
    distance: &Distance,
    query: &[u8],
    rows: impl Iterator<Item = u32>,
    bound: Bound,
    out: &mut TopK,
) -> u64 {
    let mut compared = 0;
    exact_keys(vectors, distance, query, rows, |key, row| {
        compared += 1;
        if key <= out.threshold() && bound.keeps(key) {
            out.push(key, row);
        }
    });
    compared
}

/// Calls `visit` with the exact key of each of some rows; those that do not exist are skipped.
#[inline]
pub(crate) fn exact_keys(
    vectors: &VectorsView<'_>,
    distance: &Distance,
    query: &[u8],
    rows: impl Iterator<Item = u32>,
    mut visit: impl FnMut(f32, u32),
) {
    let mut waiting = [0u32; AHEAD];
    let mut seen = 0usize;
    let mut compare = |row: u32| {
        let vector = vectors.row(row as usize);
        if !vector.is_empty() {
            visit(distance.key(query, vector), row);
        }
    };
    for row in rows {
        prefetch(vectors.row(row as usize), LINES);
        let slot = &mut waiting[seen % AHEAD];
        let earlier = std::mem::replace(slot, row);
        if seen >= AHEAD {
            compare(earlier);
        }
        seen += 1;
    }
    for i in seen.saturating_sub(AHEAD)..seen {
        compare(waiting[i % AHEAD]);
    }
}

#[cfg(test)]
mod tests;
