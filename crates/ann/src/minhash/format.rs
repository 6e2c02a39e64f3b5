//! The content of an index file: a head, then sections (see [`crate::layout`]).
//!
//! All lengths follow from the head and must give the length of the file. What buckets say is checked when it is used.

use crate::header::Header;
use crate::layout::{head_numbers, place, wrong_length};
use elanus_types::{Error, Result};
use std::ops::Range;

/// Bytes of the head, the common header included.
const HEAD: usize = 128;
/// Rows of a bucket, on average.
const PER_BUCKET: usize = 4;
/// Buckets at most, as a power of two.
const MOST_BITS: u32 = 24;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub column: Header,
    /// Bands, each with a table.
    pub bands: usize,
    /// Buckets of a table, as a power of two.
    pub bits: u32,
}

/// Where the sections lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sections {
    /// Where each bucket begins among a band's rows, and where the last ends; band by band.
    pub starts: Range<usize>,
    /// Tags of the rows, bucket by bucket, ascending within each; band by band.
    pub tags: Range<usize>,
    /// The rows, in the same order, ascending where tags are equal.
    pub rows: Range<usize>,
    /// All of it.
    pub len: usize,
}

impl Head {
    pub(super) fn new(column: Header, bands: usize) -> Self {
        let buckets = (column.rows as usize / PER_BUCKET).max(1);
        Self { column, bands, bits: buckets.ilog2().min(MOST_BITS) }
    }

    /// Buckets of a band and one more: where they begin.
    pub(super) fn starts(&self) -> usize {
        (1 << self.bits.min(MOST_BITS)) + 1
    }

    /// Where the sections lie; `None` when no file is that long.
    pub(super) fn sections(&self) -> Option<Sections> {
        let all = (self.column.rows as usize).checked_mul(self.bands)?;
        let mut end = HEAD;
        let mut place = |count: usize, width: usize| place(&mut end, count, width);
        let starts = place(self.starts().checked_mul(self.bands)?, 4)?;
        let (tags, rows) = (place(all, 2)?, place(all, 4)?);
        Some(Sections { starts, tags, rows, len: end })
    }

    /// The head as it lies in the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.column.bytes();
        out.extend([self.bands as u32, self.bits].into_iter().flat_map(u32::to_le_bytes));
        out.resize(HEAD, 0);
        out
    }

    /// Reads the head of a file and checks that the file is as long as it says.
    pub(super) fn read(body: &[u8]) -> Result<(Self, Sections)> {
        let column = Header::read(body)?;
        let number = head_numbers(body, HEAD)?;
        let head = Self { column, bands: number(0) as usize, bits: number(1) };
        if head.bits > MOST_BITS {
            return Err(Error::damaged(format!("index file has 2^{} buckets, which is too many", head.bits)));
        }
        let sections = head
            .sections()
            .filter(|sections| sections.len == body.len())
            .ok_or_else(|| wrong_length(body))?;
        Ok((head, sections))
    }
}

/// Bytes of a file.
pub(crate) fn size(rows: usize, bands: usize) -> usize {
    let buckets = 1usize << (rows / PER_BUCKET).max(1).ilog2().min(MOST_BITS);
    HEAD + bands * ((buckets + 1) * 4 + rows * 6)
}
