//! The content of an index file: a head, then sections, each beginning at a multiple of 64 bytes.
//!
//! All lengths follow from the head, and together they must give the length of the file; so every cut and most damage
//! to the head are found at once. Numbers are little endian. Links are checked when they are followed.

use super::levels::MOST_LEVELS;
use crate::Coding;
use crate::header::{self, Header};
use crate::layout::{head_numbers, place, wrong_length};
use crate::space::codes::NUMBERS;
use elanus_kernels::{Element, Metric};
use elanus_types::{Error, Result};
use std::ops::Range;

/// Bytes of the head, the common header included.
const HEAD: usize = 256;
/// Which number says whether the index is compact: behind the sizes of all layers there can be.
const COMPACT: usize = 10 + MOST_LEVELS;

/// What the graph compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// One-byte codes in the file.
    Codes = 0,
    /// The stored vectors, which are bytes already, with numbers in the file.
    Bytes = 1,
    /// The stored vectors, exactly.
    Raw = 2,
    /// Codes of another coding in the file.
    Coded = 3,
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub column: Header,
    pub compared: Compared,
    /// Links per node above the lowest layer, where there are twice as many.
    pub m: usize,
    pub ef_construction: usize,
    /// Whether equal rows share a node.
    pub same: bool,
    /// Nodes per layer, the lowest first.
    pub sizes: Vec<usize>,
    /// How rows are coded, where they are.
    pub coding: Coding,
    /// Bytes of the curves of recall.
    pub curves: usize,
    /// Whether keys on codes are those of hits.
    pub compact: bool,
}

/// Where the sections lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sections {
    /// Codes of all rows.
    pub codes: Range<usize>,
    /// Scale and term of all rows.
    pub numbers: Range<usize>,
    /// What was taken off every vector before its code was made.
    pub mean: Range<usize>,
    /// Links of the lowest layer, by row.
    pub links: Range<usize>,
    /// Rows of the nodes above.
    pub order: Range<usize>,
    /// Links of the layers above, the lower ones first.
    pub above: Range<usize>,
    /// The next row with the same code, by row; the row itself where there is none.
    pub same: Range<usize>,
    /// What the quantizer learnt.
    pub model: Range<usize>,
    /// Which beams find how much.
    pub curves: Range<usize>,
    /// All of it.
    pub len: usize,
}

impl Head {
    /// Bytes of a code in the file.
    pub(super) fn code_width(&self) -> usize {
        match self.compared {
            Compared::Codes | Compared::Coded => self.coding.width(self.column.dim as usize),
            Compared::Bytes | Compared::Raw => 0,
        }
    }

    /// Where the sections lie; `None` when no file is that long.
    pub(super) fn sections(&self) -> Option<Sections> {
        let rows = self.column.rows as usize;
        let dim = self.column.dim as usize;
        let nodes_above: usize = self.sizes.iter().skip(1).sum();
        let coded = self.compared == Compared::Coded;
        let centred = coded || self.compared == Compared::Codes && self.column.metric == Metric::L2;
        let numbers = if self.compared == Compared::Raw { 0 } else { NUMBERS };
        let mut end = HEAD;
        let mut place = |count: usize, width: usize| place(&mut end, count, width);
        let mut sections = Sections {
            codes: place(rows, self.code_width())?,
            numbers: place(rows, numbers)?,
            mean: place(if centred { dim } else { 0 }, 4)?,
            links: place(rows, self.m.checked_mul(8)?)?,
            order: place(self.sizes.get(1).copied().unwrap_or(0), 4)?,
            above: place(nodes_above, self.m.checked_mul(4)?)?,
            same: place(if self.same { rows } else { 0 }, 4)?,
            model: place(if coded { self.coding.model_bytes(dim) } else { 0 }, 1)?,
            curves: place(self.curves, 1)?,
            len: 0,
        };
        sections.len = end;
        Some(sections)
    }

    /// The head as it lies in the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.column.bytes();
        let numbers = [
            self.compared as u32,
            self.m as u32,
            self.ef_construction as u32,
            u32::from(self.same),
            self.curves as u32,
            self.sizes.len() as u32,
        ];
        let sizes = self.sizes.iter().map(|size| *size as u32);
        let numbers = numbers.into_iter().chain(self.coding.words()).chain(sizes);
        out.extend(numbers.flat_map(u32::to_le_bytes));
        out.resize(header::LEN + 4 * COMPACT, 0);
        out.extend(u32::from(self.compact).to_le_bytes());
        out.resize(HEAD, 0);
        out
    }

    /// Reads the head of a file and checks that the file is as long as it says.
    pub(super) fn read(body: &[u8]) -> Result<(Self, Sections)> {
        let column = Header::read(body)?;
        let number = head_numbers(body, HEAD)?;
        let compared = match (number(0), column.element) {
            (0, Element::F32 | Element::F16 | Element::BF16) => Compared::Codes,
            (1, Element::I8) => Compared::Bytes,
            (2, _) => Compared::Raw,
            (3, Element::F32 | Element::F16 | Element::BF16 | Element::I8) => Compared::Coded,
            (tag, element) => {
                let element = element.name();
                return Err(Error::damaged(format!(
                    "index file claims codes of kind {tag} for {element} vectors"
                )));
            }
        };
        let levels = number(5) as usize;
        let coding = Coding::of_words([6, 7, 8, 9].map(&number));
        let coding = coding.filter(|coding| (*coding == Coding::Bytes) == (compared != Compared::Coded));
        let coding = coding.ok_or_else(|| Error::damaged("index file names a coding that there is not"))?;
        let head = Self {
            column,
            compared,
            m: number(1) as usize,
            ef_construction: number(2) as usize,
            same: number(3) != 0,
            sizes: (0..levels.min(MOST_LEVELS)).map(|level| number(10 + level) as usize).collect(),
            coding,
            curves: number(4) as usize,
            compact: number(COMPACT) != 0 && compared == Compared::Coded,
        };
        let sections = head
            .sections()
            .filter(|sections| sections.len == body.len())
            .ok_or_else(|| wrong_length(body))?;
        let shrinking = head.sizes.is_sorted_by(|below, above| below >= above);
        let first = head.sizes.first().copied().unwrap_or(usize::MAX);
        if levels > MOST_LEVELS || head.m == 0 || !shrinking || first > column.rows as usize {
            return Err(Error::damaged("index file has layers that do not fit its rows"));
        }
        Ok((head, sections))
    }
}
