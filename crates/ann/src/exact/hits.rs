//! Exact keys of hits that an index found.

use crate::VectorsView;
use elanus_kernels::{Distance, Hit, Metric};

/// Gives hits of a query their exact keys, and leaves their order: compact indexes score by codes. Hits by slots of
/// MinHash are scored as they are.
pub fn exact_hits(vectors: &VectorsView<'_>, metric: Metric, query: &[u8], mut hits: Vec<Hit>) -> Vec<Hit> {
    let distance = Distance::new(metric, vectors.element, vectors.dim);
    let Some(distance) = distance.filter(|_| metric.slots().is_none()) else { return hits };
    for hit in &mut hits {
        hit.key = distance.key(query, vectors.row(hit.row as usize));
    }
    hits
}
