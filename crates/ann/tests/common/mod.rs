//! Columns of random vectors in clumps, and recall against comparing all.
#![allow(dead_code)]

use elanus_ann::{
    Body, BuildRequest, HnswParams, Index, IvfParams, Kind, SearchParams, SearchStats, VectorsView, build,
    exact_search, open,
};
use elanus_kernels::{Bitmap, Distance, Element, Hit, Metric, TopK, convert};
use elanus_runtime::{Cancel, Progress};
use std::sync::Arc;

/// Parameters of a search that asks for nothing special.
#[allow(dead_code)]
pub const ANY: SearchParams = SearchParams {
    ef: None,
    nprobe: None,
    refine_k: None,
    mh_jaccard: false,
    recall_target: None,
    bound: None,
};

/// A column and how it is compared.
pub struct Column {
    pub element: Element,
    pub metric: Metric,
    pub dim: usize,
    pub data: Vec<u8>,
}

impl Column {
    /// Rows around `rows / 50` centres.
    pub fn clumped(element: Element, metric: Metric, dim: usize, rows: usize, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut point = |spread: f32, around: Option<&Vec<f32>>| -> Vec<f32> {
            let mut normal = || (0..6).map(|_| random.f32() - 0.5).sum::<f32>() * spread;
            (0..dim).map(|at| around.map_or(0.0, |centre| centre[at]) + normal()).collect()
        };
        let scale = if element == Element::I8 { 40.0 } else { 1.0 };
        let centres: Vec<Vec<f32>> = (0..rows / 50 + 1).map(|_| point(scale, None)).collect();
        let mut data = Vec::new();
        for row in 0..rows {
            let values = point(0.6 * scale, Some(&centres[row % centres.len()]));
            convert::encode(element, &values, &mut data);
        }
        Self { element, metric, dim, data }
    }

    pub fn floats(metric: Metric, dim: usize, values: &[f32]) -> Self {
        Self { element: Element::F32, metric, dim, data: convert::f32_bytes(values) }
    }

    pub fn view(&self) -> VectorsView<'_> {
        VectorsView::new(self.element, self.dim, &self.data)
    }

    /// The first rows and the others: a column and queries like it.
    pub fn split(mut self, rows: usize) -> (Self, Self) {
        let rest = self.data.split_off(rows * self.element.width(self.dim));
        let queries = Self { data: rest, ..self };
        (self, queries)
    }

    pub fn request(&self, threads: usize) -> BuildRequest<'_> {
        let hnsw = HnswParams { m: 12, ef_construction: 80, ..HnswParams::default() };
        BuildRequest {
            kind: Kind::Hnsw,
            hnsw,
            ivf: IvfParams::default(),
            metric: self.metric,
            vectors: self.view(),
            threads,
        }
    }

    pub fn build(&self, threads: usize) -> Vec<u8> {
        build(&self.request(threads), &Progress::new(), &Cancel::new()).expect("builds")
    }

    pub fn open(&self, body: Vec<u8>) -> elanus_types::Result<Box<dyn Index>> {
        let body: Body = Arc::new(body);
        open(Kind::Hnsw, self.metric, &self.view(), body)
    }

    pub fn index(&self) -> Box<dyn Index> {
        self.open(self.build(2)).expect("opens")
    }

    pub fn exact(&self, query: &[u8], k: usize, params: &SearchParams, filter: Option<&Bitmap>) -> Vec<Hit> {
        let mut out = TopK::new(k);
        exact_search(&self.view(), self.metric, query, filter, params.bound, &mut out);
        out.into_sorted()
    }
}

/// The hits and what they cost; every hit has its exact key and is allowed.
pub fn search(
    index: &dyn Index,
    column: &Column,
    query: &[u8],
    k: usize,
    params: &SearchParams,
    filter: Option<&Bitmap>,
) -> (Vec<Hit>, SearchStats) {
    let mut out = TopK::new(k);
    let stats = index.search(&column.view(), query, k, params, filter, &mut out);
    let hits = out.into_sorted();
    let distance = Distance::new(column.metric, column.element, column.dim).expect("legal pair");
    let mut rows: Vec<u32> = hits.iter().map(|hit| hit.row).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), hits.len(), "no row twice");
    for hit in &hits {
        let key = distance.key(query, column.view().row(hit.row as usize)) + 0.0;
        assert_eq!(key, hit.key, "row {}", hit.row);
        assert!(filter.is_none_or(|filter| filter.get(hit.row as usize)), "row {} is not allowed", hit.row);
        assert!(params.bound.is_none_or(|bound| bound.keeps(key)), "{key} is not within {:?}", params.bound);
    }
    (hits, stats)
}

/// Share of the true hits found, over all queries, and whether all were searched by walking.
pub fn recall(
    index: &dyn Index,
    column: &Column,
    queries: &Column,
    k: usize,
    params: &SearchParams,
    filter: Option<&Bitmap>,
) -> (f64, bool) {
    let (mut right, mut of, mut scanned) = (0, 0, false);
    for query in 0..queries.view().rows {
        let query = queries.view().row(query);
        let truth = column.exact(query, k, params, filter);
        let (hits, stats) = search(index, column, query, k, params, filter);
        if params.bound.is_none() {
            assert_eq!(hits.len(), truth.len(), "as many hits as there are allowed rows, or k");
        }
        let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
        right += hits.iter().filter(|hit| hit.key <= worst).count();
        of += truth.len();
        scanned |= stats.scanned;
    }
    (right as f64 / of.max(1) as f64, !scanned)
}

/// Every metric of graphs and lists with every element it fits.
pub fn pairs() -> impl Iterator<Item = (Element, Metric)> {
    let all = Element::ALL.into_iter().flat_map(|element| Metric::ALL.map(|metric| (element, metric)));
    all.filter(|(element, metric)| metric.slots().is_none() && Distance::new(*metric, *element, 8).is_some())
}
