//! Opening an index from its file's content.

use crate::header::Header;
use crate::{Index, Kind, VectorsView, flat, hnsw, ivf, minhash};
use elanus_kernels::{Distance, Metric};
use elanus_types::{Error, Result};
use std::sync::Arc;

/// A whole index file, mapped or in memory.
pub type Body = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Opens what [`crate::build`] made of these vectors.
///
/// Only the head of the file is read. A body that was not built with this kind, metric, element type, dimension and
/// number of rows is refused; damage further inside makes answers worse but never a panic.
pub fn open(kind: Kind, metric: Metric, vectors: &VectorsView<'_>, body: Body) -> Result<Box<dyn Index>> {
    let column = Header::of(kind, metric, vectors);
    let Some(distance) = Distance::new(metric, vectors.element, vectors.dim) else {
        return Err(Error::internal(format!("there is no {column}")));
    };
    match kind {
        Kind::Flat => flat::open(&column, body),
        kind if kind.is_graph() => hnsw::open(&column, distance, body),
        Kind::MinHashLsh => minhash::open(&column, body),
        _ => ivf::open(&column, distance, body),
    }
}
