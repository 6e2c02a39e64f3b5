//! A segment in files.

mod files;

pub use files::{ColumnFile, DeleteFile, FileEntry, IndexFile, SegmentFiles, Statistics};
