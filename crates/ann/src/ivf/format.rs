//! The content of an index file: a head, then sections (see [`crate::layout`]).
//!
//! As in graphs all lengths follow from the head and must give the length of the file. Rows and starts of lists are
//! checked when they are used.

use super::tune::Tuned;
use crate::Kind;
use crate::header::Header;
use crate::layout::{head_numbers, place, wrong_length};
use crate::space::codes::NUMBERS;
use elanus_kernels::{Element, Metric, code};
use elanus_types::Result;
use std::ops::Range;

/// Bytes of the head, the common header included.
const HEAD: usize = 128;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub column: Header,
    /// Lists.
    pub lists: usize,
    pub tuned: Tuned,
}

/// Where the sections lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sections {
    /// What was taken off every vector before its code was made.
    pub mean: Range<usize>,
    /// Codes or bits of the centres.
    pub centres: Range<usize>,
    /// Scale and squared length of the centres.
    pub centre_numbers: Range<usize>,
    /// Where each list begins among the rows, and where the last one ends.
    pub starts: Range<usize>,
    /// Rows, list by list.
    pub rows: Range<usize>,
    /// Their codes.
    pub codes: Range<usize>,
    /// Scale and term of their codes.
    pub numbers: Range<usize>,
    /// All of it.
    pub len: usize,
}

impl Head {
    /// Whether the lists hold codes of their rows.
    pub(super) fn is_coded(&self) -> bool {
        self.column.kind == Kind::IvfSq8 && self.column.element != Element::Bit
    }

    /// Bytes of a centre.
    pub(super) fn centre_width(&self) -> usize {
        let dim = self.column.dim as usize;
        match self.column.element {
            Element::Bit => Element::Bit.width(dim),
            _ => code::stride(dim),
        }
    }

    /// Where the sections lie; `None` when no file is that long.
    pub(super) fn sections(&self) -> Option<Sections> {
        let (rows, dim) = (self.column.rows as usize, self.column.dim as usize);
        let bits = self.column.element == Element::Bit;
        let centred = !bits && self.column.metric == Metric::L2;
        let coded = if self.is_coded() { rows } else { 0 };
        let mut end = HEAD;
        let mut place = |count: usize, width: usize| place(&mut end, count, width);
        let mut sections = Sections {
            mean: place(if centred { dim } else { 0 }, 4)?,
            centres: place(self.lists, self.centre_width())?,
            centre_numbers: place(if bits { 0 } else { self.lists }, NUMBERS)?,
            starts: place(self.lists.checked_add(1)?, 4)?,
            rows: place(rows, 4)?,
            codes: place(coded, code::stride(dim))?,
            numbers: place(coded, NUMBERS)?,
            len: 0,
        };
        sections.len = end;
        Some(sections)
    }

    /// The head as it lies in the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.column.bytes();
        let Tuned { nprobe, recall } = self.tuned;
        let numbers =
            [self.lists as u32, nprobe[0] as u32, nprobe[1] as u32, recall[0].to_bits(), recall[1].to_bits()];
        out.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
        out.resize(HEAD, 0);
        out
    }

    /// Reads the head of a file and checks that the file is as long as it says.
    pub(super) fn read(body: &[u8]) -> Result<(Self, Sections)> {
        let column = Header::read(body)?;
        let number = head_numbers(body, HEAD)?;
        let tuned = Tuned {
            nprobe: [number(1) as usize, number(2) as usize],
            recall: [f32::from_bits(number(3)), f32::from_bits(number(4))],
        };
        let head = Self { column, lists: number(0) as usize, tuned };
        let sections = head
            .sections()
            .filter(|sections| sections.len == body.len())
            .ok_or_else(|| wrong_length(body))?;
        Ok((head, sections))
    }
}
