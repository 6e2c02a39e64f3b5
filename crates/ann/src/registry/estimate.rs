//! How large an index will be, before it is built.

use super::{HnswParams, IvfParams, Kind};
use crate::Coding;
use crate::ivf::lists_for;
use crate::{hnsw as graphs, minhash};
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
    /// Header, padding of sections and curves of recall.
    const FIXED: usize = 1 << 11;
    let hnsw = HnswParams { m: hnsw.m.max(2), ..*hnsw };
    match kind {
        Kind::Flat => Estimate { index_bytes: FIXED, build_bytes: FIXED },
        kind if kind.is_lists() => {
            let centre = match element {
                Element::Bit => Element::Bit.width(dim),
                _ => code::stride(dim) + 8,
            };
            let lists = lists_for(rows, ivf.nlist);
            let coding =
                ivf.coding.or(kind.coding(dim)).filter(|_| kind != Kind::IvfFlat && element != Element::Bit);
            let (code, model) = coded(coding, dim);
            // Codes in blocks of rows are filled up, and so is the last block.
            let listed = coding.and_then(|coding| coding.fit(dim).listed_bytes(rows, dim));
            let listed = listed.map_or(0, |bytes| bytes + 8 * rows);
            let index_bytes = FIXED + lists * (centre + 4) + rows * 4 + listed + dim * 4 + model;
            // Codes of all rows, and labels and order of the rows, while centres are sought.
            Estimate { index_bytes, build_bytes: 2 * index_bytes + rows * (centre + code + 16) }
        }
        Kind::MinHashLsh => {
            // As AUTOINDEX divides signatures.
            let index_bytes = FIXED + minhash::size(rows, dim.div_ceil(128));
            Estimate { index_bytes, build_bytes: index_bytes + rows * 12 }
        }
        kind => {
            let bytes = code::stride(dim) + 8;
            // A graph that may choose takes no more than bytes.
            let compact = (hnsw.compact && element != Element::I8).then_some(graphs::COMPACT);
            let own = hnsw.coding.or(compact).or(kind.coding(dim)).unwrap_or(Coding::Bytes);
            let (codes, model) = match element {
                Element::Bit => (0, 0),
                Element::I8 if own == Coding::Bytes => (8, 0),
                _ => coded(Some(own), dim),
            };
            let lowest = 2 * hnsw.m * 4;
            // Each layer above has 1/M of the nodes of the one below.
            let upper = (hnsw.m * 4 + 8).div_ceil(hnsw.m.max(2) - 1);
            // Equal rows share a node; a number per row leads from one to the next.
            let same = 4;
            let index_bytes = FIXED + rows * (codes + lowest + upper + same) + model;
            // The graph is built on one-byte codes.
            let other = if own == Coding::Bytes { 0 } else { rows * bytes };
            // The file is put together while its parts are still there; links have room to grow while building,
            // and rows are hashed to find equal ones.
            Estimate { index_bytes, build_bytes: 2 * index_bytes + other + rows * (lowest / 4 + 24) }
        }
    }
}

/// Bytes of a code with its numbers, and of what all codes share.
fn coded(coding: Option<Coding>, dim: usize) -> (usize, usize) {
    let size = |coding: Coding| {
        let coding = coding.fit(dim);
        (coding.width(dim) + 8, coding.model_bytes(dim) + 4 * dim)
    };
    coding.map_or((0, 0), size)
}
