//! Quantizers with what they learnt.

use super::Coding;
use super::blocks::Blocks;
use super::grid::Grid;
use super::half::Half;
use crate::parallel::collect;
use elanus_kernels::pq::{Codebook, Sample, Shape, scan, train_piece};
use elanus_runtime::Cancel;

/// A quantizer of any coding but [`Coding::Bytes`].
pub(crate) enum Model {
    Grid(Grid),
    Half(Half),
    Product(Codebook),
    /// The same with codes in blocks.
    Blocks(Blocks),
}

/// Calls a generic function with whatever quantizer a model is.
macro_rules! with_quantizer {
    ($model:expr, $quantizer:ident => $work:expr) => {
        match $model {
            $crate::quant::Model::Grid($quantizer) => $work,
            $crate::quant::Model::Half($quantizer) => $work,
            $crate::quant::Model::Product($quantizer) => $work,
            $crate::quant::Model::Blocks($quantizer) => $work,
        }
    };
}
pub(crate) use with_quantizer;

impl Model {
    /// The model of a coding that a file holds in `bytes`; `None` for [`Coding::Bytes`], which has none, and for other
    /// bytes than the coding has.
    pub(crate) fn read(coding: Coding, dim: usize, bytes: &[u8]) -> Option<Self> {
        match coding {
            Coding::Bytes => None,
            Coding::Grid { bits, mixed } => Some(Model::Grid(Grid::new(bits, mixed, dim))),
            Coding::Half { brain } => Some(Model::Half(Half::new(brain, dim))),
            Coding::Product { pieces, stages, bits } => {
                let floats = bytes.as_chunks::<4>().0.iter().map(|float| f32::from_le_bytes(*float));
                Codebook::new(Shape::new(dim, pieces, stages, bits), floats.collect()).map(Model::Product)
            }
        }
    }

    /// The same for codes in blocks, where there are such ([`Coding::block_width`]).
    pub(crate) fn in_blocks(self) -> Self {
        match self {
            Model::Product(book) if scan::fits(&book.shape()) => Model::Blocks(Blocks::new(book)),
            other => other,
        }
    }

    /// What [`Model::read`] needs beside the coding.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let book = match self {
            Model::Product(book) => book,
            Model::Blocks(blocks) => blocks.book(),
            Model::Grid(_) | Model::Half(_) => return Vec::new(),
        };
        book.floats().iter().flat_map(|float| float.to_le_bytes()).collect()
    }
}

/// Learns a model from a sample of vectors, `dim` floats each. The number of threads changes nothing.
pub(crate) fn train(
    coding: Coding,
    dim: usize,
    sample: &[f32],
    threads: usize,
    cancel: &Cancel,
) -> Option<Model> {
    let Coding::Product { pieces, stages, bits } = coding else { return Model::read(coding, dim, &[]) };
    let shape = Shape::new(dim, pieces, stages, bits);
    let sample = Sample::new(shape, sample);
    let pieces = collect(&mut vec![(); threads.max(1)], shape.pieces, cancel, |piece, _, out| {
        out.extend(train_piece(&sample, piece));
    });
    Codebook::new(shape, pieces).map(Model::Product)
}
