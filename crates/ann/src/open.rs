//! Opening an index from its file's content.

use crate::{Index, Kind, VectorsView, flat};
use elanus_kernels::Metric;
use elanus_types::Result;
use std::sync::Arc;

/// A whole index file, mapped or in memory.
pub type Body = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Opens what [`crate::build`] made of these vectors.
///
/// Only the head of the file is read. A body that was not built with this kind, metric, element type, dimension and
/// number of rows is refused; damage further inside makes answers worse but never a panic.
pub fn open(kind: Kind, metric: Metric, vectors: &VectorsView<'_>, body: Body) -> Result<Box<dyn Index>> {
    flat::open(kind, metric, vectors, body)
}
