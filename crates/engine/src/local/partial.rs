//! Partial upserts: fields that are not sent keep the value of the row that is replaced.

use super::World;
use super::write::{Draft, key_column, primary, split, split_by};
use crate::collection::Collection;
use crate::read::{Expiry, require_loaded};
use crate::validate::merge::PartialRows;
use elanus_segment::{PrimaryKey, Segment};
use elanus_types::write::{InsertRequest, WriteOutcome};
use elanus_types::{CollectionMeta, Column, ColumnBuilder, FieldId, PartitionId, Result};
use std::sync::Arc;

impl World {
    /// Upserts rows of which only some fields are sent. Reads the old rows at the write's own place in the order of
    /// writes, so that no other write can come between. Rows stay in their partition unless the request names one
    /// or the partition key chooses it.
    pub(super) fn partial_upsert(
        &self,
        meta: &CollectionMeta,
        collection: &Collection,
        request: &InsertRequest,
        partition: Option<i64>,
    ) -> Result<WriteOutcome> {
        require_loaded(meta, "upsert")?;
        let named = request.partition.as_deref().is_some_and(|name| !name.is_empty());
        let stays = !named && meta.schema.partition_key().is_none();
        let limits = &self.options.limits;
        let sent = PartialRows::check(meta, request, limits, |count| self.new_keys(count))?;
        let mut ids = sent.keys().clone();
        let timestamp = self.commit(meta, collection, |_| {
            collection.turns.drain();
            let OldRows { columns, found, partitions } =
                old_rows(meta, collection, sent.keys(), Expiry::now(self, meta))?;
            let deletes = sent.deletes().cloned();
            let rows = sent.merge(&columns, &found)?;
            ids = key_column(&rows, primary(meta)?)?;
            let parts = match stays {
                true => split_by(rows, |row| partitions.get(row).copied().flatten().or(partition))?,
                false => split(meta, partition, rows)?,
            };
            Ok(Draft { replace: deletes.is_none(), deletes, delete_partition: 0, parts })
        })?;
        let count = ids.len();
        Ok(WriteOutcome { ids: Some(ids), count, timestamp })
    }
}

/// The live rows of some keys.
struct OldRows {
    /// Every stored field of them.
    columns: Vec<(FieldId, Column)>,
    /// For each key which of these rows is its own.
    found: Vec<Option<u32>>,
    /// For each key the partition its row lies in.
    partitions: Vec<Option<PartitionId>>,
}

fn old_rows(
    meta: &CollectionMeta,
    collection: &Collection,
    keys: &Column,
    expiry: Expiry,
) -> Result<OldRows> {
    let segments: Vec<Arc<dyn Segment>> = collection.view().set.iter_with(&meta.schema).collect();
    let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); segments.len()];
    let mut places: Vec<Option<(usize, usize)>> = Vec::with_capacity(keys.len());
    let view = keys.view();
    for row in 0..keys.len() {
        let live = PrimaryKey::at(&view, row).and_then(|key| newest(&segments, &key));
        let live = live.filter(|(segment, row)| !expiry.covers(segments[*segment].timestamp(*row)));
        places.push(live.and_then(|(segment, row)| {
            let rows = rows_of.get_mut(segment)?;
            rows.push(row);
            Some((segment, rows.len() - 1))
        }));
    }
    let mut first = Vec::with_capacity(segments.len());
    let mut total = 0;
    for rows in &rows_of {
        first.push(total);
        total += rows.len();
    }
    let found = places.iter().map(|place| place.map(|(segment, i)| (first[segment] + i) as u32));
    let partitions = places.iter().map(|place| place.map(|(segment, _)| segments[segment].partition()));
    Ok(OldRows {
        columns: fetch(meta, &segments, &rows_of)?,
        found: found.collect(),
        partitions: partitions.collect(),
    })
}

/// The newest live row of a key: index of its segment, row in it.
fn newest(segments: &[Arc<dyn Segment>], key: &PrimaryKey) -> Option<(usize, u32)> {
    let live = segments.iter().enumerate().filter_map(|(i, segment)| Some((i, segment.find(key)?)));
    live.max_by_key(|(i, row)| segments[*i].timestamp(*row))
}

fn fetch(
    meta: &CollectionMeta,
    segments: &[Arc<dyn Segment>],
    rows_of: &[Vec<u32>],
) -> Result<Vec<(FieldId, Column)>> {
    let ids: Vec<FieldId> = meta.schema.fields.iter().map(|field| field.id).collect();
    let mut columns: Vec<ColumnBuilder> = meta.schema.fields.iter().map(ColumnBuilder::for_field).collect();
    for (segment, rows) in segments.iter().zip(rows_of).filter(|(_, rows)| !rows.is_empty()) {
        let taken = segment.take(rows, &ids)?;
        columns.iter_mut().zip(&taken).for_each(|(column, rows)| column.append(&rows.view()));
    }
    Ok(ids.into_iter().zip(columns.into_iter().map(ColumnBuilder::finish)).collect())
}
