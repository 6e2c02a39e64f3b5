//! A segment in memory that takes new rows.
//!
//! Rows live in chunks. All chunks but the last never change and are shared with readers, so that a scan holds
//! the lock only while it reads the last, small one.

mod chunk;
mod explain;
mod keys;
mod read;

use crate::key::code_at;
use crate::{DeleteList, SegmentId};
use chunk::Chunk;
use elanus_types::catalog::PartitionId;
use elanus_types::{CollectionSchema, RowBatch, Timestamp};
use keys::KeyIndex;
use parking_lot::RwLock;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Rows in memory.
pub struct Growing {
    schema: Arc<CollectionSchema>,
    body: Arc<Body>,
}

/// What does not depend on the schema that the rows are read with.
pub struct Body {
    id: SegmentId,
    partition: PartitionId,
    rows: RwLock<Rows>,
    deletes: DeleteList,
}

impl Deref for Growing {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

struct Rows {
    frozen: Vec<Arc<Chunk>>,
    tail: Chunk,
    timestamps: Vec<Timestamp>,
    /// Whether timestamps never went down; then the visible rows are a prefix.
    unordered: bool,
    oldest: Timestamp,
    newest: Timestamp,
    keys: KeyIndex,
    frozen_bytes: usize,
}

impl Growing {
    /// An empty segment.
    pub fn new(id: SegmentId, partition: PartitionId, schema: Arc<CollectionSchema>) -> Self {
        let rows = Rows {
            frozen: Vec::new(),
            tail: Chunk::new(0, &schema),
            timestamps: Vec::new(),
            unordered: false,
            oldest: Timestamp::MAX,
            newest: Timestamp::ZERO,
            keys: KeyIndex::default(),
            frozen_bytes: 0,
        };
        let body = Body { id, partition, rows: RwLock::new(rows), deletes: DeleteList::default() };
        Self { schema, body: Arc::new(body) }
    }

    /// The same rows, and deletes to come, read with a newer schema of the collection. Rows can be appended only with
    /// the schema that the segment was made with.
    pub fn with_schema(&self, schema: &Arc<CollectionSchema>) -> Self {
        Self { schema: Arc::clone(schema), body: Arc::clone(&self.body) }
    }

    /// Adds rows committed at `at` and returns their numbers. Fields the batch lacks get their default or null;
    /// columns the schema lacks are dropped. It cannot fail: whatever could be wrong was checked before the
    /// batch was logged.
    pub fn append(&self, batch: &RowBatch, at: Timestamp) -> Range<u32> {
        let rows = &mut *self.rows.write();
        let first = rows.timestamps.len() as u32;
        if batch.rows == 0 {
            return first..first;
        }
        match Chunk::whole(first, &self.schema, batch) {
            Some(chunk) => {
                if !rows.tail.is_empty() {
                    rows.freeze(&self.schema);
                }
                rows.tail = chunk;
            }
            None => rows.tail.append(&self.schema, batch),
        }
        rows.index(&self.schema, first, batch.rows);
        rows.timestamps.resize(first as usize + batch.rows, at);
        rows.unordered |= at < rows.newest;
        rows.oldest = rows.oldest.min(at);
        rows.newest = rows.newest.max(at);
        if rows.tail.is_full() {
            rows.freeze(&self.schema);
        }
        first..first + batch.rows as u32
    }
}

impl Rows {
    fn index(&mut self, schema: &CollectionSchema, first: u32, count: usize) {
        let column = schema.primary().and_then(|field| self.tail.column(field.id));
        let start = (first - self.tail.start) as usize;
        for row in start..start + count {
            self.keys.push(column.as_ref().map_or(0, |column| code_at(&column.data, row)));
        }
    }

    fn freeze(&mut self, schema: &CollectionSchema) {
        let next = Chunk::new(self.tail.end(), schema);
        let full = std::mem::replace(&mut self.tail, next);
        self.frozen_bytes += full.byte_size();
        self.frozen.push(Arc::new(full));
    }

    /// The chunk that has a row, and the row's number inside it.
    fn locate(&self, row: u32) -> Option<(&Chunk, usize)> {
        let chunk = match self.frozen.partition_point(|chunk| chunk.end() <= row) {
            i if i < self.frozen.len() => self.frozen.get(i)?.as_ref(),
            _ => &self.tail,
        };
        (row < chunk.end()).then(|| (chunk, (row - chunk.start) as usize))
    }
}

#[cfg(test)]
mod tests;
