//! Searching lists from a key on; see `hnsw/onward.rs` for why codes are not taken at their word.

use super::open::Ivf;
use super::search::Work;
use crate::asked::Asked;
use crate::packed::Packed;
use crate::space::Space;

/// Rows compared exactly to see how far codes are off.
const SAMPLE: usize = 64;
/// The largest error among so few rows is not the largest of all.
const MARGIN: f32 = 1.5;

impl Ivf {
    /// How far keys on codes are off, by some rows of the nearest lists; zero where no bound and no later page depends on it.
    pub(super) fn off<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: impl Fn(Packed) -> S::Probe<'p>,
        order: &[Packed],
        asked: &Asked<'_>,
        work: &mut Work,
    ) -> f32 {
        let (mut off, mut left) = (0.0f32, SAMPLE);
        if !asked.exact {
            return off;
        }
        for list in order {
            let rows = self.list(list.node());
            let some = rows.start..rows.end.min(rows.start + left);
            codes.run(probe(*list), some.start as u32..some.end as u32, &mut work.keys);
            for (key, row) in work.keys.keys.iter().zip(self.rows().get(some.clone()).unwrap_or(&[])) {
                let row = asked.vectors.row(u32::from_le_bytes(*row) as usize);
                let error = (key - self.distance.key(asked.query, row)).abs();
                off = off.max(if error.is_finite() { error } else { 0.0 });
            }
            left -= some.len();
            if left == 0 {
                break;
            }
        }
        work.stats.exact += (SAMPLE - left) as u64;
        off * MARGIN
    }
}
