//! How large an index will be, before it is built.

use super::{HnswParams, IvfParams, Kind};
use crate::ivf::lists_for;
use crate::minhash;
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
pub fn estimate(
    kind: Kind,
    (hnsw, ivf): (&HnswParams, &IvfParams),
    rows: usize,
    dim: usize,
    element: Element,
) -> Estimate {
    /// Header and padding of sections.
    const FIXED: usize = 1 << 10;
    let hnsw = HnswParams { m: hnsw.m.max(2), ..*hnsw };
    match kind {
        Kind::Flat => Estimate { index_bytes: FIXED, build_bytes: FIXED },
        Kind::IvfFlat | Kind::IvfSq8 => {
            let code = match element {
                Element::Bit => Element::Bit.width(dim),
                _ => code::stride(dim) + 8,
            };
            let lists = lists_for(rows, ivf.nlist);
            let kept = if kind == Kind::IvfSq8 && element != Element::Bit { code } else { 0 };
            let index_bytes = FIXED + lists * (code + 4) + rows * (kept + 4) + dim * 4;
            // Codes of all rows, and labels and order of the rows, while centres are sought.
            Estimate { index_bytes, build_bytes: 2 * index_bytes + rows * (code + 16) }
        }
        Kind::MinHashLsh => {
            // As AUTOINDEX divides signatures.
            let index_bytes = FIXED + minhash::size(rows, dim.div_ceil(128));
            Estimate { index_bytes, build_bytes: index_bytes + rows * 12 }
        }
        Kind::Hnsw => {
            let codes = match element {
                Element::F32 | Element::F16 | Element::BF16 => code::stride(dim) + 8,
                Element::I8 => 8,
                Element::Bit => 0,
            };
            let lowest = 2 * hnsw.m * 4;
            // Each layer above has 1/M of the nodes of the one below.
            let upper = (hnsw.m * 4 + 8).div_ceil(hnsw.m.max(2) - 1);
            // Equal rows share a node; a number per row leads from one to the next.
            let same = 4;
            let index_bytes = FIXED + rows * (codes + lowest + upper + same);
            // The file is put together while its parts are still there; links have room to grow while building,
            // and rows are hashed to find equal ones.
            Estimate { index_bytes, build_bytes: 2 * index_bytes + rows * (lowest / 4 + 24) }
        }
    }
}
