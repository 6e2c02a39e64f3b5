//! An open graph and its parts.

use super::format::{Compared, Head, Sections};
use super::graph::Stored;
use crate::effort::Curves;
use crate::header::Header;
use crate::quant::{Coded, Model};
use crate::same::Same;
use crate::space::codes::{CodeSpace, NUMBERS};
use crate::space::raw::RawSpace;
use crate::{Body, Index, VectorsView};
use elanus_kernels::{CodeDot, Distance};
use elanus_types::{Error, Result};
use std::ops::Range;

/// A graph in its file.
pub(super) struct Hnsw {
    pub head: Head,
    pub distance: Distance,
    pub body: Body,
    pub curves: Curves,
    /// The quantizer, where searches compare codes of another coding than bytes.
    pub model: Option<Model>,
    sections: Sections,
    dot: CodeDot,
}

/// Opens a file that must have been built on this column.
pub(crate) fn open(column: &Header, distance: Distance, body: Body) -> Result<Box<dyn Index>> {
    let (head, sections) = Head::read((*body).as_ref())?;
    head.column.expect(column)?;
    let dot = match head.compared {
        Compared::Bytes => CodeDot::any_bytes(),
        _ => CodeDot::new(),
    };
    let section = |range: &Range<usize>| (*body).as_ref().get(range.clone()).unwrap_or(&[]);
    let curves = Curves::read(section(&sections.curves))?;
    let model = Model::read(head.coding, head.column.dim as usize, section(&sections.model));
    if model.is_some() != (head.compared == Compared::Coded) {
        return Err(Error::damaged(format!("index file does not hold what {} need", head.coding)));
    }
    Ok(Box::new(Hnsw { head, distance, body, curves, model, sections, dot }))
}

/// The parts of the file, for the time of one search.
pub(super) struct Parts<'a> {
    pub lowest: Stored<'a>,
    /// Layers above, the lower ones first.
    pub above: Vec<Stored<'a>>,
    pub same: Same<'a>,
    /// Little-endian floats.
    pub mean: &'a [[u8; 4]],
}

impl Hnsw {
    fn section(&self, range: &Range<usize>) -> &[u8] {
        (*self.body).as_ref().get(range.clone()).unwrap_or(&[])
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        let numbers = |range| self.section(range).as_chunks::<4>().0;
        let order = numbers(&self.sections.order);
        let mut rest = numbers(&self.sections.above);
        let mut layer = |nodes: &usize| {
            let (links, others) = rest.split_at_checked(nodes * self.head.m).unwrap_or((rest, &[]));
            rest = others;
            Stored { nodes: *nodes, width: self.head.m, links, order: Some(order) }
        };
        Parts {
            above: self.head.sizes.iter().skip(1).map(&mut layer).collect(),
            lowest: Stored {
                nodes: self.head.column.rows as usize,
                width: 2 * self.head.m,
                links: numbers(&self.sections.links),
                order: None,
            },
            same: Same { next: numbers(&self.sections.same) },
            mean: numbers(&self.sections.mean),
        }
    }

    /// The rows as codes; those of byte vectors are the vectors.
    pub(super) fn code_space<'a>(&'a self, vectors: &VectorsView<'a>) -> CodeSpace<'a> {
        let bytes = self.head.compared == Compared::Bytes;
        CodeSpace {
            metric: self.head.column.metric,
            dot: self.dot,
            width: if bytes { vectors.dim } else { self.head.code_width() },
            codes: if bytes { vectors.data } else { self.section(&self.sections.codes) },
            numbers: self.section(&self.sections.numbers).as_chunks::<NUMBERS>().0,
        }
    }

    /// The rows as codes of a quantizer.
    pub(super) fn coded_space<'a, Q>(&'a self, quantizer: &'a Q) -> Coded<'a, Q> {
        Coded {
            quantizer,
            codes: self.section(&self.sections.codes),
            numbers: self.section(&self.sections.numbers).as_chunks::<NUMBERS>().0,
        }
    }

    pub(super) fn raw_space<'a>(&self, vectors: &VectorsView<'a>) -> RawSpace<'a> {
        RawSpace { distance: self.distance, vectors: *vectors, lacks: &[] }
    }
}
