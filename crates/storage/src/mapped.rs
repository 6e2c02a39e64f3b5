//! Read-only bytes of a whole file, shared by cheap clones.
#![allow(unsafe_code)]

use arrow_buffer::{Buffer, MutableBuffer};
use bytes::Bytes;
use memmap2::{Advice, Mmap};
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Bytes of a file: mapped from a real disk, or held in memory by a simulated one.
///
/// A fresh one begins at a page boundary (mapped) or at least at a multiple of 64 bytes (memory), so numbers
/// at aligned file offsets can be read in place.
#[derive(Clone, Debug)]
pub struct Mapped {
    bytes: Buffer,
    map: Option<Arc<Mmap>>,
}

struct MapOwner(Arc<Mmap>);

impl AsRef<[u8]> for MapOwner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Mapped {
    /// Maps all of `file`.
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::copy_of(&[]));
        }
        // SAFETY: a map is undefined behaviour only if the file changes or shrinks underneath. Files are
        // mapped after their last write, names are never reused, and the folder's lock keeps every other
        // process of ours away; removing a name leaves the mapped bytes alone.
        let map = Arc::new(unsafe { Mmap::map(file) }?);
        let bytes = Buffer::from(Bytes::from_owner(MapOwner(map.clone())));
        Ok(Self { bytes, map: Some(map) })
    }

    /// A copy in memory, aligned to at least 64 bytes.
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut copy = MutableBuffer::new(bytes.len().max(1));
        copy.extend_from_slice(bytes);
        Self { bytes: copy.into(), map: None }
    }

    /// A part of the same bytes; `None` when it does not lie inside.
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        let len = range.end.checked_sub(range.start)?;
        (range.end <= self.bytes.len())
            .then(|| Self { bytes: self.bytes.slice_with_length(range.start, len), map: self.map.clone() })
    }

    /// Asks the system to read the whole file ahead; a hint that may do nothing.
    pub fn prefetch(&self) {
        self.advise(Advice::WillNeed);
    }

    /// Tells the system that reads will jump about, so that it does not read ahead.
    pub fn expect_random_reads(&self) {
        self.advise(Advice::Random);
    }

    fn advise(&self, advice: Advice) {
        if let Some(map) = &self.map
            && let Err(error) = map.advise(advice)
        {
            tracing::debug!(%error, "the system ignored a hint about a mapped file");
        }
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
