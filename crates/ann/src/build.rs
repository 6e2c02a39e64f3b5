//! Building an index.

use crate::{HnswParams, Kind, VectorsView, flat};
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
    /// How vectors are compared.
    pub metric: Metric,
    /// The column.
    pub vectors: VectorsView<'a>,
    /// Threads to work with, at least one.
    pub threads: usize,
}

/// Builds an index and returns its file's content, for [`crate::open`].
///
/// The same request gives the same bytes, whatever the number of threads.
pub fn build(request: &BuildRequest<'_>, progress: &Progress, cancel: &Cancel) -> Result<Vec<u8>> {
    let vectors = &request.vectors;
    if Distance::new(request.metric, vectors.element, vectors.dim).is_none() {
        return Err(Error::internal(format!(
            "metric {} cannot compare {} vectors of {} dimensions",
            request.metric,
            vectors.element.name(),
            vectors.dim
        )));
    }
    if u32::try_from(vectors.rows).is_err() || vectors.data.len() < vectors.rows * vectors.width() {
        return Err(Error::internal(format!("an index cannot cover {} rows", vectors.rows)));
    }
    cancel.check()?;
    let body = flat::build(request);
    progress.set_total(1);
    progress.set_done(1);
    Ok(body)
}
