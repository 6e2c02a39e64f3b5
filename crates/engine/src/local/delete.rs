//! Deletes by key and by filter.

use super::World;
use super::write::{Draft, primary};
use crate::collection::{Collection, SegmentSet, View};
use crate::read;
use elanus_filter::Predicate;
use elanus_kernels::Bitmap;
use elanus_segment::{Segment, SegmentId};
use elanus_types::write::{DeleteRequest, WriteOutcome};
use elanus_types::{CollectionMeta, Column, ColumnBuilder, DataType, Error, FieldSchema, Result, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

impl World {
    /// Deletes the rows a filter names. Keys given literally are deleted without a look; any other filter is
    /// resolved to keys at the delete's own place in the order of writes.
    pub fn delete(&self, request: &DeleteRequest) -> Result<WriteOutcome> {
        let (meta, collection) = self.resolve(&request.target)?;
        let primary = primary(&meta)?;
        let predicate = {
            let zone = read::zone(&meta, &request.filter)?;
            elanus_filter::compile_delete_in(&request.filter, &meta.schema, &zone)?
        };
        let partition = match request.partition.as_deref().filter(|name| !name.is_empty()) {
            None => 0,
            Some(name) => crate::validate::rows::named_partition(&meta, name)?.id,
        };
        let literal =
            predicate.primary_keys(primary.id).map(|keys| literal_keys(primary, &keys)).transpose()?;
        let mut count = literal.as_ref().map_or(0, Column::len);
        let search =
            KeySearch { world: self, meta: &meta, collection: &collection, predicate: &predicate, partition };
        let ahead = if literal.is_none() { search.ahead()? } else { HashMap::new() };
        let timestamp = self.commit(&meta, &collection, |_| {
            let deletes = match literal {
                Some(keys) => keys,
                None => search.keys(&ahead)?,
            };
            count = deletes.len();
            Ok(Draft {
                replace: false,
                deletes: Some(deletes),
                delete_partition: partition,
                parts: Vec::new(),
            })
        })?;
        Ok(WriteOutcome { ids: None, count, timestamp })
    }
}

fn literal_keys(primary: &FieldSchema, keys: &[Value]) -> Result<Column> {
    let mut column = ColumnBuilder::for_field(primary);
    for key in keys {
        if !column.push(key) {
            return Err(Error::invalid(format!(
                "{key} cannot be a key of field {}, which is {}",
                primary.name, primary.data_type
            )));
        }
    }
    Ok(column.finish())
}

/// Looks for the keys of the rows that a filter names.
struct KeySearch<'a> {
    world: &'a World,
    meta: &'a CollectionMeta,
    collection: &'a Collection,
    predicate: &'a Predicate,
    /// 0 = all.
    partition: i64,
}

/// Rows that match, by segment.
type Matches = HashMap<SegmentId, Bitmap>;

impl KeySearch<'_> {
    /// The bulk of the work, before other writes have to wait for it: which rows of segments that take no more rows
    /// match. Rows never change, so that only deletes can take some of them away later.
    fn ahead(&self) -> Result<Matches> {
        read::require_loaded(self.meta, "delete")?;
        let View { set, applied, .. } = self.collection.view();
        let done = SegmentSet { growing: BTreeMap::new(), ..SegmentSet::clone(&set) };
        let done = done.iter_with(&self.meta.schema).filter(|segment| self.wants(segment));
        let done: Vec<_> = done.collect();
        let rows =
            |segment: &Arc<dyn Segment>| Ok((segment.id(), segment.matching(Some(self.predicate), applied)?));
        self.world.pool.map(&done, rows).into_iter().collect()
    }

    /// The keys of the rows that match after all writes so far; the caller holds `order`. `ahead` is what is known of
    /// segments that were there before.
    fn keys(&self, ahead: &Matches) -> Result<Column> {
        self.collection.turns.drain();
        let View { set, applied, .. } = self.collection.view();
        let segments = set.iter_with(&self.meta.schema).filter(|segment| self.wants(segment));
        let segments: Vec<_> = segments.collect();
        let primary = primary(self.meta)?;
        let expiry = read::Expiry::now(self.world, self.meta);
        let keys = |segment: &Arc<dyn Segment>| {
            let mut rows = match ahead.get(&segment.id()) {
                Some(rows) => rows.clone(),
                None => segment.matching(Some(self.predicate), applied)?,
            };
            expiry.take_out(segment.as_ref(), &mut rows);
            if let Some(visible) = segment.visible(applied) {
                rows.and(&visible);
            }
            let rows: Vec<u32> = rows.iter().map(|row| row as u32).collect();
            segment.take(&rows, &[primary.id])
        };
        let mut all = ColumnBuilder::for_type(match primary.data_type {
            DataType::VarChar => DataType::VarChar,
            _ => DataType::Int64,
        });
        for columns in self.world.pool.map(&segments, keys) {
            columns?.iter().for_each(|column| all.append(&column.view()));
        }
        Ok(all.finish())
    }

    fn wants(&self, segment: &Arc<dyn Segment>) -> bool {
        self.partition == 0 || segment.partition() == self.partition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::tests::{create, numbered, target, world};
    use elanus_storage::SimDisk;
    use elanus_types::input::FilterText;

    #[test]
    fn what_was_found_ahead_counts_only_while_it_is_there() -> Result<()> {
        let world = world(&SimDisk::new(1))?;
        create(&world)?;
        numbered(&world, &[1, 2, 3], 5, "_default")?;
        numbered(&world, &[8], 0, "_default")?;
        world.flush(&target())?;
        numbered(&world, &[4], 5, "_default")?;
        let (meta, collection) = world.resolve(&target())?;
        let predicate = elanus_filter::compile_delete(&FilterText::new("number == 5"), &meta.schema)?;
        let (meta, collection, predicate) = (&*meta, &*collection, &predicate);
        let search = KeySearch { world: &world, meta, collection, predicate, partition: 0 };
        let ahead = search.ahead()?;
        assert_eq!(ahead.values().map(Bitmap::count).sum::<usize>(), 3, "files are searched ahead");
        // Meanwhile rows stop matching, begin to match, move into new files.
        numbered(&world, &[1, 4], 0, "_default")?;
        numbered(&world, &[6, 8], 5, "_default")?;
        world.flush(&target())?;
        numbered(&world, &[7], 5, "_default")?;
        let keys = search.keys(&ahead)?;
        let mut keys: Vec<String> = (0..keys.len()).map(|row| keys.view().value(row).to_string()).collect();
        keys.sort();
        assert_eq!(keys, ["2", "3", "6", "7", "8"]);
        Ok(())
    }
}
