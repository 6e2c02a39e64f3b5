//! The k nearest hits seen so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One row with its key (smaller = nearer).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The key; see [`crate::Metric::score`] for what users see.
    pub key: f32,
    /// Row number.
    pub row: u32,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.total_cmp(&other.key).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the `k` smallest keys; among equal keys the smaller rows.
#[derive(Clone, Debug)]
pub struct TopK {
    k: usize,
    worst_first: BinaryHeap<Hit>,
}

impl TopK {
    /// An empty collector for `k` hits. Memory grows with the hits, not with `k`.
    pub fn new(k: usize) -> Self {
        Self { k, worst_first: BinaryHeap::with_capacity(k.min(1024)) }
    }

    /// How many hits it keeps at most.
    pub fn k(&self) -> usize {
        self.k
    }

    /// How many hits it has.
    pub fn len(&self) -> usize {
        self.worst_first.len()
    }

    /// True when there is no hit yet.
    pub fn is_empty(&self) -> bool {
        self.worst_first.is_empty()
    }

    /// Whether it has `k` hits.
    pub fn is_full(&self) -> bool {
        self.worst_first.len() >= self.k
    }

    /// The key a new hit must not exceed to get in: +∞ until there are `k`, −∞ for `k` = 0.
    #[inline]
    pub fn threshold(&self) -> f32 {
        if self.worst_first.len() < self.k {
            return f32::INFINITY;
        }
        self.worst_first.peek().map_or(f32::NEG_INFINITY, |hit| hit.key)
    }

    /// Offers a hit; true when it was kept. A NaN key counts as +∞ and −0 as 0, so that ties are by row.
    #[inline]
    pub fn push(&mut self, key: f32, row: u32) -> bool {
        let hit = Hit { key: if key.is_nan() { f32::INFINITY } else { key + 0.0 }, row };
        if self.worst_first.len() < self.k {
            self.worst_first.push(hit);
            return true;
        }
        match self.worst_first.peek_mut() {
            Some(mut worst) if hit < *worst => {
                *worst = hit;
                true
            }
            _ => false,
        }
    }

    /// Offers what another collector has, which must have looked at other rows.
    pub fn merge(&mut self, other: TopK) {
        for hit in other.worst_first {
            self.push(hit.key, hit.row);
        }
    }

    /// The hits, nearest first.
    pub fn into_sorted(self) -> Vec<Hit> {
        self.worst_first.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_sorting(keys in prop::collection::vec(-5i8..5, 0..200), k in 0usize..30) {
            let mut top = TopK::new(k);
            let mut all: Vec<Hit> = Vec::new();
            for (row, key) in keys.iter().enumerate().rev() {
                let hit = Hit { key: f32::from(*key), row: row as u32 };
                top.push(hit.key, hit.row);
                all.push(hit);
            }
            all.sort();
            all.truncate(k);
            prop_assert_eq!(top.is_full(), all.len() == k);
            let (mut even, mut odd) = (TopK::new(k), TopK::new(k));
            for (row, key) in keys.iter().enumerate() {
                if row % 2 == 0 { &mut even } else { &mut odd }.push(f32::from(*key), row as u32);
            }
            even.merge(odd);
            prop_assert_eq!(&even.into_sorted(), &all);
            prop_assert_eq!(top.into_sorted(), all);
        }
    }

    #[test]
    fn nan_is_last_and_signed_zeros_tie() {
        let mut top = TopK::new(3);
        top.push(f32::NAN, 0);
        top.push(0.0, 1);
        top.push(-0.0, 2);
        assert_eq!(top.threshold(), f32::INFINITY);
        let rows: Vec<u32> = top.into_sorted().iter().map(|hit| hit.row).collect();
        assert_eq!(rows, [1, 2, 0]);
    }

    #[test]
    fn keeps_nothing_for_zero() {
        let mut top = TopK::new(0);
        assert!(!top.push(1.0, 1));
        assert_eq!(top.threshold(), f32::NEG_INFINITY);
    }
}
