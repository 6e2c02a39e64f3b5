//! How far the codes of lists are off.

use super::open::Ivf;
use super::search::Work;
use crate::asked::Asked;
use crate::onward::off;
use crate::packed::Packed;
use crate::space::Space;

/// Rows compared exactly to see how far codes are off.
const SAMPLE: usize = 64;

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
        if !asked.exact {
            return 0.0;
        }
        let (mut pairs, mut left) = (Vec::with_capacity(SAMPLE), SAMPLE);
        for list in order {
            let rows = self.list(list.node());
            let some = rows.start..rows.end.min(rows.start + left);
            codes.run(probe(*list), some.start as u32..some.end as u32, &mut work.keys);
            for (key, row) in work.keys.keys.iter().zip(self.rows().get(some.clone()).unwrap_or(&[])) {
                let row = asked.vectors.row(u32::from_le_bytes(*row) as usize);
                pairs.push((*key, self.distance.key(asked.query, row)));
            }
            left -= some.len();
            if left == 0 {
                break;
            }
        }
        work.stats.exact += (SAMPLE - left) as u64;
        off(pairs.into_iter())
    }
}
