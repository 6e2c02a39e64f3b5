//! Comparing the codes of all allowed rows, without a walk.

use super::scratch::Scratch;
use crate::packed::Packed;
use crate::space::{Keys, Space};

/// Rows whose keys are computed before any is looked at.
const BLOCK: usize = 256;
/// Codes do not tell rows apart where more than one in so many may be a hit.
pub(super) const CROWD: usize = 8;

/// Leaves in the scratch's pool the `keep` allowed rows nearest by code.
///
/// Codes are a fraction of the vectors and lie in the order of rows, so this costs a fraction of comparing the vectors
/// and, where few rows are allowed or none near the query, of a walk.
pub(super) fn sift<S: Space>(
    space: &S,
    probe: S::Probe<'_>,
    rows: impl Iterator<Item = u32>,
    keep: usize,
    scratch: &mut Scratch,
) -> u64 {
    let Scratch { pool, keys, batch, .. } = scratch;
    pool.reset(keep);
    blocks(space, probe, rows, keys, batch, |key, row| {
        pool.offer(key, row);
        true
    })
}

/// Leaves in the scratch's kept nodes the rows whose keys on codes are at most `limit`, in order. Returns how many keys were
/// computed, and false as soon as the rows are too many.
pub(super) fn collect<S: Space>(
    space: &S,
    probe: S::Probe<'_>,
    rows: impl Iterator<Item = u32>,
    limit: f32,
    scratch: &mut Scratch,
) -> (u64, bool) {
    let Scratch { kept, keys, batch, .. } = scratch;
    kept.clear();
    let (mut seen, mut few) = (0, true);
    let compared = blocks(space, probe, rows, keys, batch, |key, row| {
        seen += 1;
        if key <= limit {
            kept.push(Packed::new(key, row));
        }
        few = kept.len() <= BLOCK + seen / CROWD;
        few
    });
    kept.sort_unstable();
    (compared, few)
}

/// Shows the keys of rows until there is enough; returns how many were computed.
fn blocks<S: Space>(
    space: &S,
    probe: S::Probe<'_>,
    mut rows: impl Iterator<Item = u32>,
    keys: &mut Keys,
    batch: &mut Vec<u32>,
    mut show: impl FnMut(f32, u32) -> bool,
) -> u64 {
    let mut compared = 0;
    loop {
        batch.clear();
        batch.extend(rows.by_ref().take(BLOCK));
        if batch.is_empty() {
            return compared;
        }
        space.keys(probe, batch, keys);
        compared += batch.len() as u64;
        let mut pairs = keys.keys.iter().zip(batch.iter());
        if !pairs.all(|(key, row)| show(*key, *row)) {
            return compared;
        }
    }
}
