//! How large an index will be, before it is built.

use super::{HnswParams, Kind};
use elanus_kernels::{Element, code};

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The file, all of which a busy index keeps in memory. The vectors themselves come on top.
    pub index_bytes: usize,
    /// Memory while building, the file's content included.
    pub build_bytes: usize,
}

/// Foretells the size of an index over `rows` vectors.
pub fn estimate(kind: Kind, hnsw: &HnswParams, rows: usize, dim: usize, element: Element) -> Estimate {
    /// Header and padding of sections.
    const FIXED: usize = 1 << 10;
    match kind {
        Kind::Flat => Estimate { index_bytes: FIXED, build_bytes: FIXED },
        Kind::Hnsw => {
            let codes = if element == Element::Bit { 0 } else { code::stride(dim) + 8 };
            let lowest = 2 * hnsw.m * 4;
            // Each layer above has 1/M of the nodes of the one below.
            let upper = (hnsw.m * 4 + 8).div_ceil(hnsw.m.max(2) - 1);
            let index_bytes = FIXED + rows * (codes + lowest + upper);
            // Links have room to grow while building; rows are hashed to find equal ones.
            Estimate { index_bytes, build_bytes: index_bytes + rows * (lowest + 24) }
        }
    }
}
