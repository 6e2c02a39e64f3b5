//! The content of an index file: a head, then sections (see [`crate::layout`]).
//!
//! As in graphs all lengths follow from the head and must give the length of the file. Rows and starts of lists are
//! checked when they are used.

use crate::Coding;
use crate::header::Header;
use crate::layout::{head_numbers, place, wrong_length};
use crate::space::codes::NUMBERS;
use elanus_kernels::{Element, Metric, code};
use elanus_types::{Error, Result};
use std::ops::Range;

/// Bytes of the head, the common header included.
const HEAD: usize = 128;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub column: Header,
    /// Lists.
    pub lists: usize,
    /// How rows are coded; `None` where lists hold no codes.
    pub coding: Option<Coding>,
    /// Bytes of the curves of recall.
    pub curves: usize,
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
    /// What the quantizer learnt.
    pub model: Range<usize>,
    /// How many lists hold how much.
    pub curves: Range<usize>,
    /// All of it.
    pub len: usize,
}

impl Head {
    /// Whether the lists hold codes of their rows.
    pub(super) fn is_coded(&self) -> bool {
        self.coding.is_some()
    }

    /// How codes lie: none, row after row, or in blocks of rows.
    fn arrangement(&self) -> u32 {
        match self.coding {
            None => 0,
            Some(coding) => 1 + u32::from(coding.block_width(self.column.dim as usize).is_some()),
        }
    }

    /// Bytes of a row's code.
    pub(super) fn code_width(&self) -> usize {
        self.coding.map_or(0, |coding| coding.width(self.column.dim as usize))
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
            codes: place(self.coding.map_or(Some(0), |coding| coding.listed_bytes(coded, dim))?, 1)?,
            numbers: place(coded, NUMBERS)?,
            model: place(self.coding.map_or(0, |coding| coding.model_bytes(dim)), 1)?,
            curves: place(self.curves, 1)?,
            len: 0,
        };
        sections.len = end;
        Some(sections)
    }

    /// The head as it lies in the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.column.bytes();
        let numbers = [self.lists as u32, self.curves as u32, self.arrangement()];
        let coding = self.coding.unwrap_or(Coding::Bytes).words();
        out.extend(numbers.into_iter().chain(coding).flat_map(u32::to_le_bytes));
        out.resize(HEAD, 0);
        out
    }

    /// Reads the head of a file and checks that the file is as long as it says.
    pub(super) fn read(body: &[u8]) -> Result<(Self, Sections)> {
        let column = Header::read(body)?;
        let number = head_numbers(body, HEAD)?;
        let coding = match number(2) {
            0 => None,
            _ => Some(
                Coding::of_words([3, 4, 5, 6].map(&number))
                    .ok_or_else(|| Error::damaged("index file names a coding that there is not"))?,
            ),
        };
        let coding = coding.filter(|_| column.element != Element::Bit);
        let head = Self { column, lists: number(0) as usize, coding, curves: number(1) as usize };
        if head.arrangement() != number(2) && column.element != Element::Bit {
            let found = number(2);
            return Err(Error::damaged(format!(
                "index file arranges its codes in way {found}, not {}; drop the index and build it again",
                head.arrangement()
            )));
        }
        let sections = head
            .sections()
            .filter(|sections| sections.len == body.len())
            .ok_or_else(|| wrong_length(body))?;
        Ok((head, sections))
    }
}
