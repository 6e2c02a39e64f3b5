//! Building an index.

use crate::{HnswParams, IvfParams, Kind, Resolved, VectorsView, flat, hnsw, ivf, minhash};
use elanus_kernels::{Distance, Metric};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};

/// What to build, and on what.
#[derive(Clone, Copy, Debug)]
pub struct BuildRequest<'a> {
    /// The kind, as [`crate::resolve`] chose it.
    pub kind: Kind,
    /// Parameters of a graph; other kinds do not read them.
    pub hnsw: HnswParams,
    /// Parameters of inverted lists; other kinds do not read them.
    pub ivf: IvfParams,
    /// How vectors are compared.
    pub metric: Metric,
    /// The column.
    pub vectors: VectorsView<'a>,
    /// Threads to work with, at least one.
    pub threads: usize,
}

impl<'a> BuildRequest<'a> {
    /// What [`crate::resolve`] chose, on these vectors.
    pub fn new(resolved: &Resolved, metric: Metric, vectors: VectorsView<'a>, threads: usize) -> Self {
        let Resolved { kind, hnsw, ivf, .. } = *resolved;
        Self { kind, hnsw, ivf, metric, vectors, threads }
    }
}

/// Builds an index and returns its file's content, for [`crate::open`].
///
/// The same request gives the same bytes, whatever the number of threads.
pub fn build(request: &BuildRequest<'_>, progress: &Progress, cancel: &Cancel) -> Result<Vec<u8>> {
    let vectors = &request.vectors;
    let Some(distance) = Distance::new(request.metric, vectors.element, vectors.dim) else {
        return Err(Error::internal(format!(
            "metric {} cannot compare {} vectors of {} dimensions",
            request.metric,
            vectors.element.name(),
            vectors.dim
        )));
    };
    if u32::try_from(vectors.rows).is_err() || vectors.data.len() < vectors.rows * vectors.width() {
        return Err(Error::internal(format!("an index cannot cover {} rows", vectors.rows)));
    }
    cancel.check()?;
    match request.kind {
        Kind::Flat => Ok(flat::build(request)),
        kind if kind.is_graph() => hnsw::build(request, distance, progress, cancel),
        Kind::MinHashLsh => minhash::build(request, distance, progress, cancel),
        _ => ivf::build(request, distance, progress, cancel),
    }
}
