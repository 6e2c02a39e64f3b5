//! Inserts, upserts and deletes: validate, fix the order, log, apply, acknowledge.

use super::memory::size_of;
use super::{DuplicateKey, World};
use crate::collection::Collection;
use crate::log::{Record, RowsPart, WriteRecord};
use crate::read::Expiry;
use crate::validate::rows::{self as validate, KeySource};
use elanus_segment::{PrimaryKey, Segment};
use elanus_storage::Ticket;
use elanus_types::write::{InsertMode, InsertRequest, WriteOutcome};
use elanus_types::{CollectionMeta, Column, Error, ErrorKind, FieldSchema, Result, RowBatch, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A write before it has a timestamp.
pub struct Draft {
    /// Delete older rows of the same keys.
    pub replace: bool,
    /// Keys to delete.
    pub deletes: Option<Column>,
    /// Delete only in this partition; 0 = everywhere.
    pub delete_partition: i64,
    /// Rows to append.
    pub parts: Vec<RowsPart>,
}

impl World {
    /// Inserts or upserts rows.
    pub fn insert(&self, request: &InsertRequest) -> Result<WriteOutcome> {
        let (meta, collection) = self.resolve(&request.target)?;
        let partition = validate::partition(&meta, request)?;
        let _room = self.make_room(size_of(request))?;
        if let InsertMode::Upsert { partial: true, .. } = &request.mode {
            return self.partial_upsert(&meta, &collection, request, partition);
        }
        let keys = validate::key_source(&meta, request)?;
        let limits = &self.options.limits;
        let rows = validate::rows_within(&meta, request, limits, |count| self.new_keys(count))?;
        let primary = primary(&meta)?;
        let (ids, count) = (key_column(&rows, primary)?, rows.rows);
        let insert = request.mode == InsertMode::Insert && keys == KeySource::Sent;
        let duplicates = if insert { self.options.duplicate_key } else { DuplicateKey::Replace };
        if duplicates == DuplicateKey::Reject {
            reject_repeated(&ids)?;
        }
        let replace = keys == KeySource::Sent && duplicates == DuplicateKey::Replace;
        let rows = if replace { last_of_each_key(rows, primary)? } else { rows };
        let parts = split(&meta, partition, rows)?;
        let deletes = match keys {
            KeySource::Reassigned(old) => Some(old),
            KeySource::Sent | KeySource::Assigned => None,
        };
        let draft = Draft { replace, deletes, delete_partition: 0, parts };
        let timestamp = self.commit(&meta, &collection, |_| {
            if duplicates == DuplicateKey::Reject {
                reject_existing(&collection, &ids, Expiry::now(self, &meta))?;
            }
            Ok(draft)
        })?;
        Ok(WriteOutcome { ids: Some(ids), count, timestamp })
    }

    /// Fixes the order of a write, logs it, applies it. `draft` runs where no other write of the collection can come
    /// between what it reads (after [`Collection::turns`] drained) and what it returns.
    pub fn commit(
        &self,
        meta: &CollectionMeta,
        collection: &Collection,
        draft: impl FnOnce(&World) -> Result<Draft>,
    ) -> Result<Timestamp> {
        self.reserve(collection)?;
        let order = collection.order.lock();
        let Draft { replace, deletes, delete_partition, parts } = draft(self)?;
        // After the draft, which may have read what it found.
        collection.check_sound()?;
        self.check_partitions(meta, &parts)?;
        let timestamp = self.oracle.next();
        let write = WriteRecord { collection: meta.id, timestamp, replace, deletes, delete_partition, parts };
        let record = Record::Write(write);
        let ticket = self.enqueue_write(collection, &record)?;
        let turn = collection.turns.draw();
        drop(order);
        self.log.wait(&ticket).inspect_err(|_| collection.need.lock().failed(ticket.position()))?;
        turn.wait();
        if let Record::Write(write) = &record {
            let applied = collection.apply(self, write, ticket.next());
            collection.need.lock().applied(ticket.position());
            applied?;
        }
        collection.last_write.store(self.clock.now_millis(), Ordering::Relaxed);
        Ok(timestamp)
    }

    /// Refuses rows of partitions that went since they were validated. One that goes later takes its rows along.
    fn check_partitions(&self, meta: &CollectionMeta, parts: &[RowsPart]) -> Result<()> {
        let catalog = self.catalog();
        let now = catalog.collections.get(&meta.id);
        let now = now.ok_or_else(|| Error::collection_not_found(&meta.database, &meta.name))?;
        let exists = |id: i64| now.partitions.iter().any(|partition| partition.id == id);
        let Some(gone) = parts.iter().find(|part| !exists(part.partition)) else { return Ok(()) };
        let name = meta.partitions.iter().find(|partition| partition.id == gone.partition);
        let name = name.map_or("", |partition| partition.name.as_str());
        Err(Error::new(ErrorKind::PartitionNotFound, format!("partition not found[partition={name}]")))
    }

    /// Gives the record its place in the log and notes that the collection needs it there, in one step.
    fn enqueue_write(&self, collection: &Collection, record: &Record) -> Result<Ticket> {
        let mut need = collection.need.lock();
        let ticket = self.enqueue(record)?;
        need.enqueued(ticket.position(), ticket.next());
        Ok(ticket)
    }

    /// Makes room before a write: seals in the caller's time when growing rows have run far ahead of maintenance.
    fn reserve(&self, collection: &Collection) -> Result<()> {
        if collection.dropped.load(Ordering::Relaxed) {
            return Err(Error::new(
                ErrorKind::CollectionNotFound,
                format!("collection not found[collection={}]", collection.id),
            ));
        }
        if collection.memory_bytes() < self.options.growing_bytes.saturating_mul(2) {
            return Ok(());
        }
        let catalog = self.catalog();
        let Some(meta) = catalog.collections.get(&collection.id) else { return Ok(()) };
        collection.flush(self, meta).map(|_| ())
    }

    pub(super) fn new_keys(&self, count: usize) -> i64 {
        // Keys are timestamps: unique and rising, also across restarts.
        self.oracle.block(count as u64).0 as i64
    }
}

/// The primary key field; every stored schema has one.
pub fn primary(meta: &CollectionMeta) -> Result<&FieldSchema> {
    meta.schema
        .primary()
        .ok_or_else(|| Error::internal(format!("collection {} has no primary key", meta.name)))
}

pub(super) fn key_column(rows: &RowBatch, primary: &FieldSchema) -> Result<Column> {
    let column = rows.column(primary.id).cloned();
    column.ok_or_else(|| Error::internal(format!("rows without primary key {}", primary.name)))
}

/// Keeps the last row of every key.
fn last_of_each_key(rows: RowBatch, primary: &FieldSchema) -> Result<RowBatch> {
    let keys = key_column(&rows, primary)?;
    let view = keys.view();
    let mut last: HashMap<PrimaryKey, u32> = HashMap::with_capacity(rows.rows);
    for row in 0..rows.rows {
        if let Some(key) = PrimaryKey::at(&view, row) {
            last.insert(key, row as u32);
        }
    }
    if last.len() == rows.rows {
        return Ok(rows);
    }
    let mut keep: Vec<u32> = last.into_values().collect();
    keep.sort_unstable();
    Ok(pick(&rows, &keep))
}

fn pick(rows: &RowBatch, keep: &[u32]) -> RowBatch {
    let columns = rows.columns.iter().map(|(field, column)| (*field, column.view().take(keep)));
    RowBatch { rows: keep.len(), columns: columns.collect() }
}

/// Spreads rows over partitions: all into one, or by the hash of the partition key.
pub(super) fn split(meta: &CollectionMeta, partition: Option<i64>, rows: RowBatch) -> Result<Vec<RowsPart>> {
    let Some(key) = meta.schema.partition_key() else {
        let partition = partition.ok_or_else(|| Error::internal("no partition chosen"))?;
        return Ok(vec![RowsPart { partition, rows }]);
    };
    let column = rows.column(key.id).ok_or_else(|| Error::internal("rows without partition key"))?;
    let mut by_partition: Vec<Vec<u32>> = vec![Vec::new(); meta.partitions.len()];
    for row in 0..rows.rows {
        let slot = crate::read::partition_slot(&column.view().value(row), meta.partitions.len());
        if let Some(list) = by_partition.get_mut(slot) {
            list.push(row as u32);
        }
    }
    let parts = meta.partitions.iter().zip(&by_partition).filter(|(_, list)| !list.is_empty());
    Ok(parts.map(|(partition, list)| RowsPart { partition: partition.id, rows: pick(&rows, list) }).collect())
}

/// Spreads rows over the partitions that `of` states for each.
pub(super) fn split_by(rows: RowBatch, of: impl Fn(usize) -> Option<i64>) -> Result<Vec<RowsPart>> {
    let mut by_partition: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for row in 0..rows.rows {
        let partition = of(row).ok_or_else(|| Error::internal("no partition chosen"))?;
        by_partition.entry(partition).or_default().push(row as u32);
    }
    if let (1, Some((&partition, _))) = (by_partition.len(), by_partition.first_key_value()) {
        return Ok(vec![RowsPart { partition, rows }]);
    }
    let parts = by_partition.iter();
    Ok(parts.map(|(partition, list)| RowsPart { partition: *partition, rows: pick(&rows, list) }).collect())
}

/// The error of `duplicate_pk = reject` when a key stands in the request twice.
fn reject_repeated(ids: &Column) -> Result<()> {
    let view = ids.view();
    let mut seen = HashSet::with_capacity(ids.len());
    for key in (0..ids.len()).filter_map(|row| PrimaryKey::at(&view, row)) {
        if let Some(key) = seen.replace(key) {
            return Err(Error::invalid(format!(
                "primary key {key} stands in the request more than once and duplicate_pk is reject, send it once"
            )));
        }
    }
    Ok(())
}

/// The error of `duplicate_pk = reject` when a key exists.
fn reject_existing(collection: &Collection, ids: &Column, expiry: Expiry) -> Result<()> {
    collection.turns.drain();
    let segments: Vec<Arc<dyn Segment>> = collection.view().set.iter().collect();
    let view = ids.view();
    let existing = (0..ids.len()).filter_map(|row| PrimaryKey::at(&view, row)).find(|key| {
        let live = |segment: &Arc<dyn Segment>| {
            segment.find(key).is_some_and(|row| !expiry.covers(segment.timestamp(row)))
        };
        segments.iter().any(live)
    });
    match existing {
        None => Ok(()),
        Some(key) => Err(Error::invalid(format!(
            "primary key {key} exists already and duplicate_pk is reject, use upsert to replace it"
        ))),
    }
}
