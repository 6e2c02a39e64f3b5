//! Sections of an index file, each beginning at a multiple of 64 bytes.

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
