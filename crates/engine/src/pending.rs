//! Stands in for sealed segments until they land: sealing is an error, rows stay in memory and in the log.

use elanus_filter::Predicate;
use elanus_kernels::{Bitmap, Hit, Metric};
use elanus_runtime::{Cancel, Progress};
use elanus_segment::{
    DeleteList, IndexFile, PrimaryKey, Segment, SegmentFiles, SegmentId, SegmentSearch, SegmentStats,
};
use elanus_storage::Disk;
use elanus_types::catalog::{PartitionId, Properties};
use elanus_types::{CollectionSchema, Column, Error, ErrorKind, FieldId, Result, Timestamp};
use std::sync::Arc;

fn missing<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "sealed segments are not there yet"))
}

pub enum Sealed {}

pub struct IndexRequest<'a> {
    pub field: FieldId,
    pub index: i64,
    pub metric: Metric,
    pub index_type: &'a str,
    pub params: &'a Properties,
    pub number: i64,
    pub threads: usize,
}

pub fn write_sealed(
    _: &dyn Disk,
    _: &str,
    _: SegmentId,
    _: PartitionId,
    _: &CollectionSchema,
    _: &[(Arc<dyn Segment>, Vec<u32>)],
) -> Result<SegmentFiles> {
    missing()
}

impl Sealed {
    pub fn open(_: &dyn Disk, _: &str, _: Arc<CollectionSchema>, _: &SegmentFiles) -> Result<Sealed> {
        missing()
    }
    pub fn files(&self) -> SegmentFiles {
        match *self {}
    }
    pub fn write_deletes(&self, _: &dyn Disk, _: &str, _: i64) -> Result<()> {
        match *self {}
    }
    pub fn build_index(
        &self,
        _: &dyn Disk,
        _: &str,
        _: &IndexRequest<'_>,
        _: &Progress,
        _: &Cancel,
    ) -> Result<IndexFile> {
        match *self {}
    }
    pub fn attach_index(&self, _: &dyn Disk, _: &str, _: IndexFile) -> Result<()> {
        match *self {}
    }
}

impl Segment for Sealed {
    fn id(&self) -> SegmentId {
        match *self {}
    }
    fn partition(&self) -> PartitionId {
        match *self {}
    }
    fn schema(&self) -> &Arc<CollectionSchema> {
        match *self {}
    }
    fn sealed(&self) -> bool {
        match *self {}
    }
    fn rows(&self) -> usize {
        match *self {}
    }
    fn min_timestamp(&self) -> Timestamp {
        match *self {}
    }
    fn max_timestamp(&self) -> Timestamp {
        match *self {}
    }
    fn timestamp(&self, _: u32) -> Timestamp {
        match *self {}
    }
    fn primary_key(&self, _: u32) -> Option<PrimaryKey> {
        match *self {}
    }
    fn rows_of(&self, _: &PrimaryKey) -> Vec<u32> {
        match *self {}
    }
    fn deletes(&self) -> &DeleteList {
        match *self {}
    }
    fn visible(&self, _: Timestamp) -> Option<Bitmap> {
        match *self {}
    }
    fn matching(&self, _: Option<&Predicate>, _: Timestamp) -> Result<Bitmap> {
        match *self {}
    }
    fn search(&self, _: &SegmentSearch<'_>) -> Result<(Vec<Vec<Hit>>, SegmentStats)> {
        match *self {}
    }
    fn take(&self, _: &[u32], _: &[FieldId]) -> Result<Vec<Column>> {
        match *self {}
    }
    fn memory_bytes(&self) -> usize {
        match *self {}
    }
    fn disk_bytes(&self) -> u64 {
        match *self {}
    }
}
