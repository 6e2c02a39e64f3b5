//! What every segment answers, growing or sealed.

use crate::PrimaryKey;
use elanus_ann::SearchParams;
use elanus_filter::Predicate;
use elanus_kernels::{Bitmap, Hit, Metric};
use elanus_runtime::Pool;
use elanus_types::catalog::PartitionId;
use elanus_types::explain::FilterExplain;
use elanus_types::{CollectionSchema, Column, FieldId, Result, Timestamp};
use std::sync::Arc;

/// Number of a segment inside its collection, never reused.
pub type SegmentId = i64;

/// Which keys (internal distances, smaller is nearer) may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyRange {
    /// Smallest key allowed.
    pub low: f32,
    /// Keys must stay below this.
    pub below: f32,
}

impl KeyRange {
    /// Every key, NaN excepted.
    pub const ALL: KeyRange = KeyRange { low: f32::NEG_INFINITY, below: f32::INFINITY };

    /// Keys strictly above `key`: what follows a page that ended at it.
    pub fn after(key: f32) -> Self {
        KeyRange { low: key.next_up(), ..Self::ALL }
    }

    /// Whether `key` is inside.
    #[inline]
    pub fn contains(&self, key: f32) -> bool {
        key >= self.low && (key < self.below || self.below == f32::INFINITY)
    }
}

/// What of a row a query is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Against {
    /// The row's vector.
    #[default]
    Vectors,
    /// All vectors of the row's list: the sum, over the query's vectors, of the nearest of the list to each.
    Lists,
    /// The nearest vector of the row's list, of those that the filter's `element_filter` lets through.
    Elements,
}

/// One search inside one segment.
#[derive(Clone, Copy)]
pub struct SegmentSearch<'a> {
    /// The vector field.
    pub field: FieldId,
    /// How vectors are compared.
    pub metric: Metric,
    /// What of a row the queries are compared with.
    pub against: Against,
    /// Query vectors in the field's own element type, little endian (sparse: sorted pairs; against lists: one or more vectors
    /// one after the other).
    pub queries: &'a [&'a [u8]],
    /// Hits per query.
    pub k: usize,
    /// How an index is searched; exact scans have no parameters.
    pub params: &'a SearchParams,
    /// Which rows may answer; `None` = all.
    pub predicate: Option<&'a Predicate>,
    /// The snapshot to read.
    pub read: Timestamp,
    /// Keys that may answer; `None` = all.
    pub range: Option<KeyRange>,
    /// Rows of this segment that may not answer, on top of everything else.
    pub excluded: Option<&'a Bitmap>,
    /// Threads that share the work where every row is compared; `None` = the caller's alone. The caller waits for them, and
    /// so must not be one of them.
    pub pool: Option<&'a Pool>,
}

/// What a search cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentStats {
    /// Rows that were visible and passed the filter.
    pub allowed: u64,
    /// Distances computed.
    pub distances: u64,
    /// Segments answered by a vector index.
    pub indexed: u64,
    /// Segments answered by an exact scan.
    pub exact: u64,
    /// Graph nodes whose links were followed.
    pub hops: u64,
    /// An index compared every allowed row.
    pub scanned: bool,
}

impl SegmentStats {
    /// Adds the cost of another segment.
    pub fn add(&mut self, other: &SegmentStats) {
        self.allowed += other.allowed;
        self.distances += other.distances;
        self.indexed += other.indexed;
        self.exact += other.exact;
        self.hops += other.hops;
        self.scanned |= other.scanned;
    }
}

/// Reads and deletes on one segment. Rows are numbered from 0 in the order they were added.
///
/// All methods may be called from many threads. A read at a timestamp sees the same rows however many writes
/// run beside it, as long as writes get newer timestamps.
pub trait Segment: Send + Sync {
    /// Number of the segment.
    fn id(&self) -> SegmentId;

    /// Partition of all its rows.
    fn partition(&self) -> PartitionId;

    /// The schema it is read with.
    fn schema(&self) -> &Arc<CollectionSchema>;

    /// The same segment, deletes to come included, read with a newer schema of its collection: fields added since have
    /// their default or null in every row.
    fn read_with(&self, schema: &Arc<CollectionSchema>) -> Arc<dyn Segment>;

    /// Whether it is sealed in files.
    fn sealed(&self) -> bool;

    /// Stored rows, deleted ones included.
    fn rows(&self) -> usize;

    /// The oldest row's commit timestamp; [`Timestamp::MAX`] without rows.
    fn min_timestamp(&self) -> Timestamp;

    /// The newest row's commit timestamp; [`Timestamp::ZERO`] without rows.
    fn max_timestamp(&self) -> Timestamp;

    /// Commit timestamp of a row; [`Timestamp::MAX`] when there is no such row.
    fn timestamp(&self, row: u32) -> Timestamp;

    /// Key of a row; `None` when there is no such row.
    fn primary_key(&self, row: u32) -> Option<PrimaryKey>;

    /// Every row with this key, deleted ones included, in no order.
    fn rows_of(&self, key: &PrimaryKey) -> Vec<u32>;

    /// The deletes so far.
    fn deletes(&self) -> &crate::DeleteList;

    /// Rows committed at or before `read` and not deleted at it; `None` = every row.
    fn visible(&self, read: Timestamp) -> Option<Bitmap>;

    /// Rows visible at `read` for which the filter is true; always as long as there are rows.
    fn matching(&self, predicate: Option<&Predicate>, read: Timestamp) -> Result<Bitmap>;

    /// Evaluates a filter as reads do, and tells how it went.
    fn explain_filter(&self, predicate: &Predicate, read: Timestamp) -> Result<FilterExplain>;

    /// The part of the rows that is expected to pass a filter, between 0 and 1.
    fn expected_share(&self, predicate: &Predicate) -> f64;

    /// Whether a search by this metric compares so many rows that threads should share them.
    fn scans_many(&self, field: FieldId, metric: Metric) -> bool;

    /// The nearest matching rows of every query, nearest first; equal keys by row.
    fn search(&self, search: &SegmentSearch<'_>) -> Result<(Vec<Vec<Hit>>, SegmentStats)>;

    /// After a search among elements: the place, in each row's list, of the element nearest to a query.
    fn nearest_elements(&self, search: &SegmentSearch<'_>, query: usize, rows: &[u32]) -> Result<Vec<u32>>;

    /// Which elements of each row the filter's `element_filter` lets through, by their place in the row's list; none without one.
    fn elements(&self, predicate: &Predicate, rows: &[u32]) -> Result<Vec<Vec<u32>>>;

    /// Copies fields of rows, in the order given. [`elanus_types::schema::TIMESTAMP_FIELD`] gives the commit
    /// timestamps as INT64.
    fn take(&self, rows: &[u32], fields: &[FieldId]) -> Result<Vec<Column>>;

    /// Bytes of those values of rows whose size differs from row to row (texts, JSON, arrays, sparse vectors): what
    /// [`Segment::take`] would copy on top of the fixed widths. Rows and fields that do not exist count nothing.
    fn varying_bytes(&self, rows: &[u32], fields: &[FieldId]) -> usize;

    /// Reads everything in files once and compares it with its checksums: before rows are copied to a new segment.
    fn verify(&self) -> Result<()> {
        Ok(())
    }

    /// Bytes on the heap.
    fn memory_bytes(&self) -> usize;

    /// Bytes in files.
    fn disk_bytes(&self) -> u64;

    /// Number of deleted rows.
    fn deleted(&self) -> usize {
        self.deletes().len()
    }

    /// Marks a row as deleted at `at`; false when it was deleted already or does not exist.
    fn delete_row(&self, row: u32, at: Timestamp) -> bool {
        (row as usize) < self.rows() && self.deletes().push(row, at)
    }

    /// Deletes every live row of `key` older than `at`; returns how many there were. Repeating it, as recovery
    /// does, changes nothing, and rows written at or after `at` stay.
    fn delete_key(&self, key: &PrimaryKey, at: Timestamp) -> usize {
        let rows = self.rows_of(key);
        rows.into_iter().filter(|&row| self.timestamp(row) < at && self.delete_row(row, at)).count()
    }

    /// The newest live row with this key.
    fn find(&self, key: &PrimaryKey) -> Option<u32> {
        let live = self.rows_of(key).into_iter().filter(|&row| !self.deletes().contains(row));
        live.max_by_key(|&row| (self.timestamp(row), row))
    }

    /// The delete list from entry `n` on.
    fn deletes_since(&self, n: usize) -> Vec<(u32, Timestamp)> {
        self.deletes().since(n)
    }
}
