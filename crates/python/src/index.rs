//! The class `Index`: vectors with an index over them.

use crate::batch;
use elanus_ann::{
    BuildRequest, Means, SearchParams, VectorsView, build, choose, open, validate_build_params,
};
use elanus_kernels::{Element, Metric, TopK};
use elanus_runtime::{Cancel, Progress};
use elanus_types::catalog::Properties;
use elanus_types::{DataType, Error, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::sync::Arc;
use std::time::Instant;

/// Vectors with an index over them.
#[pyclass(frozen, module = "elanus")]
pub struct Index {
    base: PyBackedBytes,
    dim: usize,
    index: Box<dyn elanus_ann::Index>,
    reason: String,
    /// Seconds that building took.
    #[pyo3(get)]
    build_seconds: f64,
}

#[pymethods]
impl Index {
    /// Index(base, dim, metric, kind, params={}, threads=1): builds an index of a type as the database names it, HNSW
    /// for example, over rows of little-endian 32-bit floats.
    #[new]
    #[pyo3(signature = (base, dim, metric, kind, params = None, threads = 1))]
    fn new(
        py: Python<'_>,
        base: PyBackedBytes,
        dim: usize,
        metric: &str,
        kind: &str,
        params: Option<Properties>,
        threads: usize,
    ) -> PyResult<Self> {
        let params = params.unwrap_or_default();
        py.detach(|| Self::build(base, dim, metric, kind, &params, threads)).map_err(refused)
    }

    /// Row numbers of the k nearest, nearest first, as 32-bit integers. The effort is the beam of a graph or the lists to
    /// look into; without one it is what the index found sufficient.
    #[pyo3(signature = (query, k, effort = None, refine_k = None))]
    fn search<'py>(
        &self,
        py: Python<'py>,
        query: &[u8],
        k: usize,
        effort: Option<usize>,
        refine_k: Option<f32>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        self.check(query, 1, k).map_err(refused)?;
        let params = search_params(effort, refine_k);
        let found = py.detach(|| {
            let mut rows = Vec::with_capacity(k * 4);
            batch::append(&mut rows, k, self.nearest(query, k, &params));
            rows
        });
        Ok(PyBytes::new(py, &found))
    }

    /// The same for many queries: k numbers per query, 4294967295 where there are fewer hits.
    #[pyo3(signature = (queries, k, effort = None, threads = 1, refine_k = None))]
    fn search_batch<'py>(
        &self,
        py: Python<'py>,
        queries: &[u8],
        k: usize,
        effort: Option<usize>,
        threads: usize,
        refine_k: Option<f32>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let width = self.vectors().width();
        self.check(queries, queries.len() / width, k).map_err(refused)?;
        let params = search_params(effort, refine_k);
        let queries: Vec<&[u8]> = queries.chunks_exact(width).collect();
        let found = py.detach(|| {
            let vectors = self.vectors();
            batch::run(&queries, k, threads, |queries, outs| {
                self.index.search_many(&vectors, queries, k, &params, None, outs);
            })
        });
        Ok(PyBytes::new(py, &found))
    }

    /// Bytes the index occupies beside the vectors.
    fn index_bytes(&self) -> usize {
        self.index.memory_bytes()
    }

    /// What was chosen and why, and how it was built.
    fn describe(&self) -> String {
        format!("{}; {}", self.reason, self.index.describe())
    }
}

impl Index {
    fn build(
        base: PyBackedBytes,
        dim: usize,
        metric: &str,
        kind: &str,
        params: &Properties,
        threads: usize,
    ) -> Result<Self> {
        let known = Metric::parse(metric);
        let metric =
            known.ok_or_else(|| Error::invalid(format!("metric {metric} is not L2, IP or COSINE")))?;
        let vectors = VectorsView::new(Element::F32, dim, &base);
        if vectors.rows.checked_mul(vectors.width()) != Some(base.len()) || vectors.rows == 0 {
            let text = format!("{} bytes are not rows of {dim} 32-bit floats", base.len());
            return Err(Error::invalid(text));
        }
        validate_build_params(kind, DataType::FloatVector, params)?;
        let means = Means { memory: None, threads: threads.max(1) };
        let resolved = choose(kind, params, &vectors, metric, means)?;
        let start = Instant::now();
        let request = BuildRequest::new(&resolved, metric, vectors, threads.max(1));
        let body = build(&request, &Progress::new(), &Cancel::new())?;
        let index = open(resolved.kind, metric, &vectors, Arc::new(body))?;
        let build_seconds = start.elapsed().as_secs_f64();
        Ok(Self { dim, index, reason: resolved.reason, build_seconds, base })
    }

    fn vectors(&self) -> VectorsView<'_> {
        VectorsView::new(Element::F32, self.dim, &self.base)
    }

    fn check(&self, queries: &[u8], count: usize, k: usize) -> Result<()> {
        let (bytes, vectors) = (queries.len(), self.vectors());
        if k > vectors.rows {
            return Err(Error::invalid(format!("k {k} is more than the {} rows", vectors.rows)));
        }
        (count.checked_mul(vectors.width()) == Some(bytes)).then_some(()).ok_or_else(|| {
            Error::invalid(format!("{bytes} bytes are not {count} queries of {} 32-bit floats", self.dim))
        })
    }

    fn nearest(&self, query: &[u8], k: usize, params: &SearchParams) -> TopK {
        let mut out = TopK::new(k);
        self.index.search(&self.vectors(), query, k, params, None, &mut out);
        out
    }
}

fn search_params(effort: Option<usize>, refine_k: Option<f32>) -> SearchParams {
    SearchParams { ef: effort, nprobe: effort, refine_k, ..SearchParams::default() }
}

fn refused(error: Error) -> PyErr {
    PyValueError::new_err(error.message().to_owned())
}
