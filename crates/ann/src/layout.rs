//! Sections of an index file, each beginning at a multiple of 64 bytes.

use crate::header;
use elanus_types::{Error, Result};
use std::ops::Range;

/// Sections begin at multiples of this.
const ALIGN: usize = 64;

/// Places a section of `count` items of `width` bytes after `end`, which moves on; `None` when no file is that long.
pub(crate) fn place(end: &mut usize, count: usize, width: usize) -> Option<Range<usize>> {
    let start = end.checked_next_multiple_of(ALIGN)?;
    *end = start.checked_add(count.checked_mul(width)?)?;
    Some(start..*end)
}

/// Puts a section's bytes at its place.
pub(crate) fn put(body: &mut Vec<u8>, section: &Range<usize>, bytes: impl Iterator<Item = u8>) {
    body.resize(section.start, 0);
    body.extend(bytes);
    body.resize(section.end, 0);
}

/// Numbers as they lie in a file.
pub(crate) fn little(numbers: &[u32]) -> impl Iterator<Item = u8> + '_ {
    numbers.iter().flat_map(|number| number.to_le_bytes())
}

/// The numbers of a head of `len` bytes that follow the common header; those beyond it are zero.
pub(crate) fn head_numbers(body: &[u8], len: usize) -> Result<impl Fn(usize) -> u32 + '_> {
    let short = || Error::damaged(format!("index file of {} bytes is shorter than its head", body.len()));
    let (words, _) = body.get(header::LEN..len).ok_or_else(short)?.as_chunks::<4>();
    Ok(|at: usize| words.get(at).map_or(0, |bytes| u32::from_le_bytes(*bytes)))
}

/// The error of a file whose sections do not end where it ends.
pub(crate) fn wrong_length(body: &[u8]) -> Error {
    Error::damaged(format!("index file has {} bytes, which is not what its head says", body.len()))
}
