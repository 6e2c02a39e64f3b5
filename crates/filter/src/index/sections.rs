//! The bytes of a scalar index: a head of numbers and sections of fixed-width values, each at a multiple of 64.

use bytemuck::Pod;
use elanus_kernels::Bitmap;
use elanus_types::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// A whole index, mapped or in memory. It must begin at a multiple of eight bytes.
pub type Body = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Sections begin at multiples of this.
const ALIGN: usize = 64;
/// The layout of all kinds; a change of any of them is a new number.
const FORMAT: u64 = 0;

/// Collects the numbers and sections of an index.
#[derive(Default)]
pub(super) struct Writer {
    head: Vec<u64>,
    sections: Vec<Vec<u8>>,
}

impl Writer {
    /// Begins an index of a kind.
    pub(super) fn new(kind: u64) -> Self {
        Self { head: vec![kind], sections: Vec::new() }
    }

    /// Adds a number to the head.
    pub(super) fn number(&mut self, number: usize) {
        self.head.push(number as u64);
    }

    /// Adds a section.
    pub(super) fn section<T: Pod>(&mut self, values: &[T]) {
        self.sections.push(bytemuck::cast_slice(values).to_vec());
    }

    /// Format, counts, the head's numbers, start and length of every section; then the sections.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut body: Vec<u64> = vec![FORMAT, self.head.len() as u64, self.sections.len() as u64];
        body.extend(&self.head);
        let mut place = (body.len() + 2 * self.sections.len()) * 8;
        for section in &self.sections {
            place = place.next_multiple_of(ALIGN);
            body.extend([place as u64, section.len() as u64]);
            place += section.len();
        }
        let mut bytes: Vec<u8> = body.iter().flat_map(|number| number.to_le_bytes()).collect();
        for section in &self.sections {
            bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
            bytes.extend_from_slice(section);
        }
        bytes
    }
}

/// The sections of an open index.
#[derive(Clone)]
pub(super) struct Sections {
    body: Body,
    head: Vec<u64>,
    ranges: Vec<Range<usize>>,
}

impl Sections {
    /// Reads the head; every section lies inside the body then.
    pub(super) fn open(body: Body) -> Result<Self> {
        let (head, ranges) = read((*body).as_ref()).ok_or_else(|| damaged("its head"))?;
        Ok(Self { body, head, ranges })
    }

    /// A number of the head, the kind at 0; zero where there is none.
    pub(super) fn number(&self, at: usize) -> usize {
        self.head.get(at).map_or(0, |number| *number as usize)
    }

    /// A section as values; empty where it is not there or does not hold whole, aligned values.
    pub(super) fn values<T: Pod>(&self, at: usize) -> &[T] {
        let bytes = self.ranges.get(at).and_then(|range| (*self.body).as_ref().get(range.clone()));
        bytes.and_then(|bytes| bytemuck::try_cast_slice(bytes).ok()).unwrap_or(&[])
    }

    /// A section that must hold `count` values.
    pub(super) fn expect<T: Pod>(&self, at: usize, count: usize) -> Result<()> {
        match self.values::<T>(at).len() == count {
            true => Ok(()),
            false => Err(damaged(&format!("section {at}"))),
        }
    }

    /// A bitmap of `rows` rows.
    pub(super) fn map(&self, at: usize, rows: usize) -> Bitmap {
        Bitmap::from_words(self.values::<u64>(at).to_vec(), rows)
    }

    /// Set bits of a bitmap.
    pub(super) fn count(&self, at: usize) -> usize {
        self.values::<u64>(at).iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The number of the head that states the segment's rows must be `rows`.
    pub(super) fn expect_rows(&self, at: usize, rows: usize) -> Result<()> {
        match self.number(at) {
            held if held == rows => Ok(()),
            held => Err(damaged(&format!("its rows: {held} in place of {rows}"))),
        }
    }

    /// Bytes of the whole index.
    pub(super) fn bytes(&self) -> usize {
        (*self.body).as_ref().len()
    }
}

/// The error of an index whose bytes contradict each other.
pub(super) fn damaged(part: &str) -> Error {
    Error::damaged(format!("scalar index is damaged in {part}, it is built anew by itself"))
}

fn read(body: &[u8]) -> Option<(Vec<u64>, Vec<Range<usize>>)> {
    let (words, _) = body.as_chunks::<8>();
    let word = |at: usize| words.get(at).map(|bytes| u64::from_le_bytes(*bytes));
    (word(0)? == FORMAT).then_some(())?;
    let (numbers, sections) = (usize::try_from(word(1)?).ok()?, usize::try_from(word(2)?).ok()?);
    let table = 3_usize.checked_add(numbers)?;
    (table.checked_add(sections.checked_mul(2)?)? <= words.len()).then_some(())?;
    let head = (3..table).map(word).collect::<Option<Vec<_>>>()?;
    let range = |section: usize| {
        let start = usize::try_from(word(table + 2 * section)?).ok()?;
        let end = start.checked_add(usize::try_from(word(table + 2 * section + 1)?).ok()?)?;
        (end <= body.len()).then_some(start..end)
    };
    Some((head, (0..sections).map(range).collect::<Option<Vec<_>>>()?))
}
