//! What every index can do.

use crate::{Bound, Curves, Kind, VectorsView};
use elanus_kernels::{Bitmap, TopK};

/// How one search runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SearchParams {
    /// Size of a graph's beam; `None` = what the index found sufficient when it was built.
    pub ef: Option<usize>,
    /// Lists to look into; `None` = what the index found sufficient when it was built.
    pub nprobe: Option<usize>,
    /// Rows that codes found and that are compared exactly, per hit asked for; `None` = a few more than hits.
    pub refine_k: Option<f32>,
    /// Score rows that share a band of MinHash slots by their equal slots; otherwise sharing one is all that counts.
    pub mh_jaccard: bool,
    /// Recall that measured efforts must promise; `None` = [`crate::RECALL_TARGET`].
    pub recall_target: Option<f32>,
    /// Keep only hits within these keys; with any bound, also [`Bound::ALL`], hits have exact keys.
    pub bound: Option<Bound>,
}

/// What a search cost, and how it went about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchStats {
    /// Distances computed on compact codes.
    pub approximate: u64,
    /// Distances computed on the vectors themselves.
    pub exact: u64,
    /// Graph nodes whose links were followed.
    pub hops: u64,
    /// Every allowed row was compared.
    pub scanned: bool,
}

impl SearchStats {
    /// Adds the cost of another search or step.
    pub fn add(&mut self, other: SearchStats) {
        self.approximate += other.approximate;
        self.exact += other.exact;
        self.hops += other.hops;
        self.scanned |= other.scanned;
    }
}

/// An open index over one vector column.
pub trait Index: Send + Sync {
    /// Offers `out` the `k` rows nearest to `query` (and maybe more), with exact keys.
    ///
    /// `vectors` is the column the index was built on. With a `filter` only its rows are offered; rows beyond its
    /// length are not allowed. If at least `k` allowed rows lie within the bound, at least `k` are offered; but bands of
    /// MinHash slots offer only rows that share one with the query.
    fn search(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        out: &mut TopK,
    ) -> SearchStats;

    /// The same for several queries at once; `outs` are their collectors in order.
    fn search_many(
        &self,
        vectors: &VectorsView<'_>,
        queries: &[&[u8]],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        outs: &mut [TopK],
    ) -> SearchStats {
        let mut stats = SearchStats::default();
        for (query, out) in queries.iter().zip(outs) {
            stats.add(self.search(vectors, query, k, params, filter, out));
        }
        stats
    }

    /// Bytes the index occupies, mapped ones included.
    fn memory_bytes(&self) -> usize;

    /// Its kind.
    fn kind(&self) -> Kind;

    /// One line about what it is and how it was built.
    fn describe(&self) -> String;

    /// What was found sufficient for a recall target, for people; empty for kinds that have no effort to measure.
    fn measured(&self, _target: f32) -> String {
        String::new()
    }

    /// Efforts worth measuring, growing: `ef` of graphs, `nprobe` of lists. Empty for kinds that have none.
    fn efforts(&self) -> Vec<usize> {
        Vec::new()
    }

    /// From now on efforts follow from these curves, see [`crate::learn`], not from those of the build.
    fn adopt(&mut self, _curves: Curves) {}
}
