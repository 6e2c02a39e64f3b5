//! No structure: every row is compared.

use crate::{
    Body, BuildRequest, Index, Kind, SearchParams, SearchStats, VectorsView, exact_search,
    exact_search_batch, header::Header,
};
use elanus_kernels::{Bitmap, Metric, TopK};
use elanus_types::Result;

/// The body says only what it was built on.
pub(crate) fn build(request: &BuildRequest<'_>) -> Vec<u8> {
    Header::of(request.kind, request.metric, &request.vectors).bytes()
}

pub(crate) fn open(column: &Header, body: Body) -> Result<Box<dyn Index>> {
    let bytes = (*body).as_ref();
    Header::read(bytes)?.expect(column)?;
    Ok(Box::new(Flat { metric: column.metric, bytes: bytes.len() }))
}

struct Flat {
    metric: Metric,
    bytes: usize,
}

impl Index for Flat {
    fn search(
        &self,
        vectors: &VectorsView<'_>,
        query: &[u8],
        _: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        out: &mut TopK,
    ) -> SearchStats {
        exact_search(vectors, self.metric, query, filter, params.bound, out)
    }

    fn search_many(
        &self,
        vectors: &VectorsView<'_>,
        queries: &[&[u8]],
        _: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
        outs: &mut [TopK],
    ) -> SearchStats {
        exact_search_batch(vectors, self.metric, queries, filter, params.bound, outs, 1)
    }

    fn memory_bytes(&self) -> usize {
        self.bytes
    }

    fn kind(&self) -> Kind {
        Kind::Flat
    }

    fn describe(&self) -> String {
        "FLAT: every row is compared".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HnswParams, IvfParams, build, open};
    use elanus_kernels::{Element, convert::f32_bytes};
    use elanus_runtime::{Cancel, Progress};
    use std::sync::Arc;

    #[test]
    fn a_file_opens_only_for_the_column_it_was_built_on() {
        let data = f32_bytes(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let vectors = VectorsView::new(Element::F32, 2, &data);
        let request = BuildRequest {
            kind: Kind::Flat,
            hnsw: HnswParams::default(),
            ivf: IvfParams::default(),
            metric: Metric::L2,
            vectors,
            threads: 1,
        };
        let body: Body = Arc::new(build(&request, &Progress::new(), &Cancel::new()).expect("builds"));
        let index = open(Kind::Flat, Metric::L2, &vectors, body.clone()).expect("opens");
        let mut out = TopK::new(1);
        index.search(&vectors, &f32_bytes(&[2.0, 3.0]), 1, &SearchParams::default(), None, &mut out);
        assert_eq!(out.into_sorted().iter().map(|hit| hit.row).collect::<Vec<_>>(), [1]);
        let fewer = VectorsView { rows: 2, ..vectors };
        let error = open(Kind::Flat, Metric::L2, &fewer, body).err().expect("refused");
        assert!(error.message().contains("over 3 f32") && error.message().contains("over 2 f32"), "{error}");
    }
}
