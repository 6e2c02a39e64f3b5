//! Searching for many queries at once: they are compared with the centres together.

use super::assign::AssignRoom;
use super::open::Ivf;
use super::search::Near;
use crate::{SearchParams, SearchStats, VectorsView};
use elanus_kernels::block::MOST_QUERIES;
use elanus_kernels::{Bitmap, Element, TopK};

/// Queries compared with the centres at once: some tiles of the largest size.
const TOGETHER: usize = 4 * MOST_QUERIES;
/// Fewer are compared one by one.
const FEW: usize = 4;

impl Ivf {
    /// Answers every query as [`crate::Index::search`] does.
    pub(super) fn answer_many(
        &self,
        vectors: &VectorsView<'_>,
        queries: &[&[u8]],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        outs: &mut [TopK],
    ) -> SearchStats {
        let mut stats = SearchStats::default();
        let (mut room, mut codes, mut keys) = (AssignRoom::default(), Vec::new(), Vec::new());
        for (queries, outs) in queries.chunks(TOGETHER).zip(outs.chunks_mut(TOGETHER)) {
            codes.clear();
            let first = queries.first().and_then(|query| self.asked(vectors, query, k, params, filter));
            if first.is_some_and(|asked| !self.is_scanned(&asked)) && self.are_many(vectors, queries) {
                self.encode_many(vectors, queries, &mut codes);
                self.centre_block().keys(&codes, &mut room, &mut keys);
            }
            let mut known = codes.iter().zip(keys.chunks_exact(self.head.lists.max(1)));
            for (query, out) in queries.iter().zip(outs) {
                let near = known.next().map(|((code, scale), keys)| Near { code, scale: *scale, keys });
                if let Some(asked) = self.asked(vectors, query, k, params, filter) {
                    stats.add(self.answer(asked, params, near, out));
                }
            }
        }
        stats
    }

    /// Whether these queries can be compared with the centres at once, and gain by it.
    fn are_many(&self, vectors: &VectorsView<'_>, queries: &[&[u8]]) -> bool {
        let alike = |query: &&[u8]| query.len() == vectors.width();
        self.head.column.element != Element::Bit && queries.len() >= FEW && queries.iter().all(alike)
    }

    fn encode_many(&self, vectors: &VectorsView<'_>, queries: &[&[u8]], codes: &mut Vec<(Vec<u8>, f32)>) {
        let mut floats = Vec::new();
        codes.extend(queries.iter().map(|query| {
            let mut code = Vec::new();
            let scale = self.encode(vectors, query, &mut floats, &mut code);
            (code, scale)
        }));
    }
}
