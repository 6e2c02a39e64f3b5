//! One growing or sealed segment: columns, deletes, indexes.
//!
//! A segment holds rows of one partition. A [`Growing`] one lives in memory and takes new rows; a sealed one is
//! a set of immutable, memory-mapped files. Both answer the same reads through [`Segment`], and both take
//! deletes: rows never change and are never removed, a delete only adds an entry to the segment's list.
//! Nothing here waits or starts threads of its own; callers bring the pool.
//!
//! What a segment does not know: the log, the manifest, other segments. Uniqueness of keys across segments and
//! the order of writes are the engine's.

pub mod deletes;
pub mod growing;
pub mod key;
pub mod sealed;
pub mod segment;

mod absent;
mod elements;
mod keyed;
mod scan;
#[cfg(test)]
mod testing;

pub use deletes::DeleteList;
pub use growing::Growing;
pub use key::PrimaryKey;
pub use scan::element_of;
pub use sealed::{
    ColumnFile, DeleteFile, FileEntry, IndexFile, IndexRequest, Measured, ScalarFile, ScalarRequest, Sealed,
    SegmentFiles, Statistics, write_sealed,
};
pub use segment::{Against, KeyRange, Segment, SegmentId, SegmentSearch, SegmentStats};
