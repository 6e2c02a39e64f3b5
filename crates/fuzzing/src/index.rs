//! The body of a vector index over vectors that it may not belong to.

use crate::edit;
use elanus_ann::{BuildRequest, HnswParams, Index, IvfParams, Kind, SearchParams, VectorsView};
use elanus_kernels::{Bitmap, Element, Metric, Slots, TopK};
use elanus_runtime::{Cancel, Progress};
use std::sync::{Arc, OnceLock};

const ROWS: usize = 80;
const DIM: usize = 8;
/// Bits of a MinHash signature.
const SIGNATURE: usize = 64;

/// What an index is built over.
struct Given {
    kind: Kind,
    element: Element,
    metric: Metric,
    dim: usize,
    vectors: Vec<u8>,
    body: Vec<u8>,
}

fn given() -> &'static [Given] {
    static GIVEN: OnceLock<Vec<Given>> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let kinds = [
            (Element::F32, Metric::L2),
            (Element::F16, Metric::Cosine),
            (Element::I8, Metric::Ip),
            (Element::F32, Metric::Cosine),
        ];
        let graphs = kinds.map(|(element, metric)| make(Kind::Hnsw, element, metric));
        let lists = [
            make(Kind::IvfFlat, Element::Bit, Metric::Hamming),
            make(Kind::IvfFlat, Element::I8, Metric::L2),
            make(Kind::IvfSq8, Element::F32, Metric::L2),
            make(Kind::MinHashLsh, Element::Bit, Metric::MhJaccard(Slots::BYTES.by_band(3))),
        ];
        graphs.into_iter().chain(lists).collect()
    })
}

fn make(kind: Kind, element: Element, metric: Metric) -> Given {
    let mut random = fastrand::Rng::with_seed(5);
    let dim = if kind == Kind::MinHashLsh { SIGNATURE } else { DIM };
    let mut vectors = Vec::new();
    for _ in 0..ROWS {
        let floats: Vec<f32> = (0..dim).map(|_| f32::from(random.i8(-20..20))).collect();
        elanus_kernels::convert::encode(element, &floats, &mut vectors);
    }
    let view = VectorsView::new(element, dim, &vectors);
    let (hnsw, ivf) = (HnswParams::default(), IvfParams::default());
    let request = BuildRequest { kind, hnsw, ivf, metric, vectors: view, threads: 1 };
    let body = elanus_ann::build(&request, &Progress::default(), &Cancel::default()).expect("an index");
    Given { kind, element, metric, dim, vectors, body }
}

pub fn run(input: &[u8]) {
    let Some((Given { kind, element, metric, dim, vectors, body }, edits)) = edit::chosen(input, given())
    else {
        return;
    };
    let view = VectorsView::new(*element, *dim, vectors);
    let body = Arc::new(edit::edited(body, edits));
    if let Ok(index) = elanus_ann::open(*kind, *metric, &view, body) {
        search(&*index, &view, vectors);
    }
}

fn search(index: &dyn Index, view: &VectorsView<'_>, vectors: &[u8]) {
    let query = &vectors[..vectors.len() / ROWS];
    let some: Vec<bool> = (0..ROWS).map(|row| row % 3 == 0).collect();
    let filters = [None, Some(Bitmap::from_bools(&some))];
    for (ef, filter) in
        [None, Some(4), Some(200)].into_iter().flat_map(|ef| filters.iter().map(move |f| (ef, f)))
    {
        let mut top = TopK::new(7);
        index.search(
            view,
            query,
            7,
            &SearchParams { ef, nprobe: ef, mh_jaccard: ef.is_some(), ..SearchParams::default() },
            filter.as_ref(),
            &mut top,
        );
        assert!(top.into_sorted().iter().all(|hit| (hit.row as usize) < ROWS), "only rows that exist");
    }
    let _ = (index.memory_bytes(), index.describe());
}

pub fn samples() -> Vec<Vec<u8>> {
    edit::samples(given().len())
}
