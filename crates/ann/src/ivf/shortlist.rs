//! The rows nearest by code, to be compared exactly.

use crate::packed::Packed;

/// Keeps the nearest `keep` of what it is offered, and for a while some more: instead of keeping order with every row it
/// drops the farther half of twice as many at once.
pub(super) struct Shortlist {
    keep: usize,
    rows: Vec<Packed>,
    threshold: f32,
}

/// Room made at once for at most so many rows.
const ROOM: usize = 2048;

impl Shortlist {
    pub(super) fn new(keep: usize) -> Self {
        let keep = keep.max(1);
        Self { keep, rows: Vec::with_capacity(keep.min(ROOM) * 2), threshold: f32::INFINITY }
    }

    /// How many rows it has, of those it keeps.
    pub(super) fn len(&self) -> usize {
        self.rows.len().min(self.keep)
    }

    /// Rows with larger keys are not needed.
    #[inline(always)]
    pub(super) fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Offers a row. A key that is not a number is taken as the largest.
    #[inline]
    pub(super) fn push(&mut self, key: f32, row: u32) {
        self.rows.push(Packed::new(if key.is_nan() { f32::INFINITY } else { key + 0.0 }, row));
        if self.rows.len() >= self.keep.saturating_mul(2) {
            self.halve();
        }
    }

    fn halve(&mut self) {
        if self.rows.len() > self.keep {
            let (_, last, _) = self.rows.select_nth_unstable(self.keep - 1);
            self.threshold = last.key();
            self.rows.truncate(self.keep);
        }
    }

    /// The rows kept, nearest first.
    pub(super) fn into_sorted(mut self) -> Vec<Packed> {
        self.halve();
        self.rows.sort_unstable();
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_kernels::TopK;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keeps_what_a_heap_keeps(keys in prop::collection::vec(-20i8..20, 0..300), keep in 1usize..30) {
            let (mut list, mut heap) = (Shortlist::new(keep), TopK::new(keep));
            for (row, key) in keys.iter().enumerate() {
                let key = f32::from(*key);
                if key <= list.threshold() {
                    list.push(key, row as u32);
                }
                heap.push(key, row as u32);
                prop_assert_eq!(list.len(), heap.len());
            }
            let want: Vec<(f32, u32)> = heap.into_sorted().iter().map(|hit| (hit.key, hit.row)).collect();
            let got: Vec<(f32, u32)> = list.into_sorted().iter().map(|row| (row.key(), row.node())).collect();
            prop_assert_eq!(got, want);
        }
    }
}
