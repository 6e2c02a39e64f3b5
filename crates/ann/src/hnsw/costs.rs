//! What the ways to search under a filter cost, in nanoseconds as measured on rows of 24 to 384 dimensions; only how they compare
//! with each other matters.

/// Time to compare a vector or code that is read in the order of rows: a part of it per row, and one per so many bytes.
const ROW: u64 = 8;
const BYTES: u64 = 32;
/// Time on top of it where each lies in another place.
const APART: u64 = 25;
/// The same for a beam, which asks for many at once: a part of it, and one per so many bytes.
const AT_ONCE: u64 = 7;
const AT_ONCE_BYTES: u64 = 10;
/// Time to look up a link and whether a filter allows it, in halves.
const LINK_HALVES: u64 = 3;
/// Time per node that is expanded, on top of its keys.
const HOP: u64 = 300;
/// Nodes expanded on the way to the query.
const WAY_IN: u64 = 10;
/// Time to prepare a query, beyond what its comparisons take.
const PREPARE: u64 = 1_500;
/// Hits compared exactly beyond those asked for.
const BESIDES: u64 = 8;

/// The widths that costs follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Costs {
    /// Bytes of what a walk compares.
    pub narrow: u64,
    /// Bytes of a vector.
    pub wide: u64,
    /// Links per node above the lowest layer, which has twice as many.
    pub m: u64,
}

impl Costs {
    fn row(width: u64) -> u64 {
        ROW + width / BYTES
    }

    /// Of a key that a walk computes.
    pub(super) fn key(self) -> u64 {
        Self::row(self.narrow) + APART
    }

    /// Of links read to look behind nodes.
    pub(super) fn links(self, read: u64) -> u64 {
        read * LINK_HALVES / 2
    }

    /// Of comparing the vectors of so many rows.
    pub(super) fn scan(self, rows: usize) -> u64 {
        Self::row(self.wide).saturating_mul(rows as u64)
    }

    /// Of comparing the codes of so many rows, and `k` vectors.
    pub(super) fn sift(self, rows: usize, k: usize) -> u64 {
        let refine = (Self::row(self.wide) + APART).saturating_mul(k as u64 + BESIDES);
        Self::row(self.narrow).saturating_mul(rows as u64).saturating_add(refine + PREPARE)
    }

    /// Whether comparing codes promises so much that doing it in vain costs half a scan at most.
    pub(super) fn sifts(self, rows: usize, k: usize) -> bool {
        self.narrow < self.wide && self.sift(rows, k) <= self.scan(rows) / 2
    }

    /// Of a beam over all rows.
    pub(super) fn beam(self, width: usize) -> u64 {
        // About half of what the links lead to was met before.
        let key = Self::row(self.narrow) + (AT_ONCE + self.narrow / AT_ONCE_BYTES).min(APART);
        Self::hops(width).saturating_mul(self.m * key + HOP)
    }

    /// Of a walk over allowed rows that looks behind others.
    pub(super) fn walk(self, ef: usize) -> u64 {
        let links = self.links(4 * self.m * self.m);
        Self::hops(ef).saturating_mul(self.m * 3 / 2 * self.key() + links + HOP)
    }

    /// What may be spent on a walk that is given up: half of what a scan costs, and no more than what finds all after it.
    pub(super) fn vain(self, rows: usize, k: usize) -> u64 {
        self.sift(rows, k).min(self.scan(rows) / 2)
    }

    fn hops(nodes: usize) -> u64 {
        (nodes as u64).saturating_add(WAY_IN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs { narrow: 192, wide: 1536, m: 16 };

    #[test]
    fn few_rows_are_scanned_more_are_sifted_most_are_walked() {
        assert!(COSTS.scan(50) < COSTS.sift(50, 10));
        assert!(COSTS.scan(1_000) > COSTS.sift(1_000, 10));
        assert!(COSTS.sifts(1_000, 10) && !COSTS.sifts(50, 10));
        let short = Costs { narrow: 32, wide: 96, m: 16 };
        assert!(short.scan(10_000) > short.sift(10_000, 10) && !short.sifts(10_000, 10));
        assert!(COSTS.walk(60) > COSTS.sift(5_000, 10));
        assert!(COSTS.walk(60) < COSTS.sift(30_000, 10));
        assert!(COSTS.beam(60) < COSTS.walk(60));
    }

    #[test]
    fn what_is_given_up_leaves_time_for_what_finds_all() {
        for (narrow, wide) in [(192, 1536), (1536, 1536), (100, 100)] {
            let costs = Costs { narrow, wide, ..COSTS };
            for rows in [1_000, 100_000, usize::MAX] {
                assert!(costs.vain(rows, 10) <= costs.scan(rows) / 2);
            }
        }
    }
}
