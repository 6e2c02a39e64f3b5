//! What a search is asked for, whatever the kind of the index.

use crate::{Bound, SearchParams, VectorsView};
use elanus_kernels::Bitmap;

/// One query and what is asked of it.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub vectors: &'a VectorsView<'a>,
    pub query: &'a [u8],
    pub k: usize,
    pub filter: Option<&'a Bitmap>,
    /// Rows that the filter lets through.
    pub allowed: usize,
    pub bound: Bound,
    /// Hits must have exact keys: somebody compares them with a bound, or will.
    pub exact: bool,
    /// Recall that is aimed at; `None` = the usual.
    pub target: Option<f32>,
    /// How hard to look: the beam of a graph, the lists to look into.
    pub effort: usize,
}

impl<'a> Asked<'a> {
    /// `None` when nothing can be found: no hits or rows wanted, or a query of other than `width` bytes.
    pub(crate) fn new(
        vectors: &'a VectorsView<'a>,
        query: &'a [u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&'a Bitmap>,
        width: usize,
    ) -> Option<Self> {
        let allowed = filter.map_or(vectors.rows, |filter| filter.count().min(vectors.rows));
        let bound = params.bound.unwrap_or(Bound::ALL);
        let exact = params.bound.is_some();
        let asked = Self {
            vectors,
            query,
            k,
            filter,
            allowed,
            bound,
            exact,
            target: params.recall_target,
            effort: 0,
        };
        (k > 0 && allowed > 0 && query.len() == width).then_some(asked)
    }

    /// Hits that there must be.
    pub(crate) fn enough(&self) -> usize {
        self.k.min(self.allowed)
    }
}
