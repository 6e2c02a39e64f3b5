//! Open lists and their parts.

use super::assign::CentreBlock;
use super::format::{Head, Sections};
use super::points::centre_space;
use crate::effort::Curves;
use crate::header::Header;
use crate::quant::{Coded, Model};
use crate::space::codes::{CodeSpace, NUMBERS};
use crate::{Body, Coding, Index};
use elanus_kernels::{CodeDot, Distance, code};
use elanus_types::{Error, Result};
use std::ops::Range;
use std::sync::OnceLock;

/// Lists in their file.
pub(super) struct Ivf {
    pub head: Head,
    pub distance: Distance,
    pub body: Body,
    pub curves: Curves,
    /// The quantizer, where lists hold codes of another coding than bytes.
    pub model: Option<Model>,
    sections: Sections,
    dot: CodeDot,
    /// The centres as many queries at once are compared with them, made when first needed.
    block: OnceLock<CentreBlock>,
}

/// Opens a file that must have been built on this column.
pub(crate) fn open(column: &Header, distance: Distance, body: Body) -> Result<Box<dyn Index>> {
    let (head, sections) = Head::read((*body).as_ref())?;
    head.column.expect(column)?;
    Ok(Box::new(Ivf::new(head, sections, distance, body)?))
}

impl Ivf {
    pub(super) fn new(head: Head, sections: Sections, distance: Distance, body: Body) -> Result<Self> {
        let section = |range: &Range<usize>| (*body).as_ref().get(range.clone()).unwrap_or(&[]);
        let curves = Curves::read(section(&sections.curves))?;
        let coding = head.coding.unwrap_or(Coding::Bytes);
        let model =
            Model::read(coding, head.column.dim as usize, section(&sections.model)).map(Model::in_blocks);
        if model.is_none() && coding != Coding::Bytes {
            return Err(Error::damaged(format!("index file does not hold what {coding} need")));
        }
        Ok(Ivf { head, distance, body, curves, model, sections, dot: CodeDot::new(), block: OnceLock::new() })
    }

    fn section(&self, range: &Range<usize>) -> &[u8] {
        (*self.body).as_ref().get(range.clone()).unwrap_or(&[])
    }

    /// Little-endian floats.
    pub(super) fn mean(&self) -> &[[u8; 4]] {
        self.section(&self.sections.mean).as_chunks().0
    }

    /// Centres of binary vectors, one after the other.
    pub(super) fn centre_bits(&self) -> &[u8] {
        self.section(&self.sections.centres)
    }

    /// Centres of other vectors.
    pub(super) fn centres(&self) -> CodeSpace<'_> {
        let numbers = self.section(&self.sections.centre_numbers).as_chunks::<NUMBERS>().0;
        let Header { metric, dim, .. } = self.head.column;
        centre_space(metric, self.dot, dim as usize, self.centre_bits(), numbers)
    }

    /// The same for many queries at once.
    pub(super) fn centre_block(&self) -> &CentreBlock {
        self.block.get_or_init(|| CentreBlock::new(self.centres()))
    }

    /// Bytes of the file and of what was made of it.
    pub(super) fn bytes(&self) -> usize {
        (*self.body).as_ref().len() + self.block.get().map_or(0, CentreBlock::memory_bytes)
    }

    /// Where a list's rows are among all.
    pub(super) fn list(&self, list: u32) -> Range<usize> {
        let starts = self.section(&self.sections.starts).as_chunks::<4>().0;
        let start = |at: usize| starts.get(at).map_or(0, |start| u32::from_le_bytes(*start) as usize);
        let end = start(list as usize + 1).min(self.head.column.rows as usize);
        start(list as usize).min(end)..end
    }

    /// Rows, list by list, little-endian.
    pub(super) fn rows(&self) -> &[[u8; 4]] {
        self.section(&self.sections.rows).as_chunks().0
    }

    /// Codes of a quantizer, list by list.
    pub(super) fn coded<'a, Q>(&'a self, quantizer: &'a Q) -> Coded<'a, Q> {
        Coded {
            quantizer,
            codes: self.section(&self.sections.codes),
            numbers: self.section(&self.sections.numbers).as_chunks().0,
        }
    }

    /// One-byte codes of the rows, list by list.
    pub(super) fn codes(&self) -> CodeSpace<'_> {
        CodeSpace {
            metric: self.head.column.metric,
            dot: self.dot,
            width: code::stride(self.head.column.dim as usize),
            codes: self.section(&self.sections.codes),
            numbers: self.section(&self.sections.numbers).as_chunks().0,
        }
    }
}
