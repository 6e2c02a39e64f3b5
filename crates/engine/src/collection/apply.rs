//! Applies a durable record to the segments. Only a bug makes it fail: everything was checked before the log.

use super::Collection;
use crate::local::World;
use crate::log::WriteRecord;
use elanus_runtime::pool::panic_text;
use elanus_segment::{Growing, PrimaryKey, Segment};
use elanus_storage::Position;
use elanus_types::{CollectionMeta, ColumnView, PartitionId, Result, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

impl Collection {
    /// Applies `record`, whose log entry ends at `until`. Rows of partitions that no longer exist are dropped, as a
    /// replay drops them. A record that cannot be applied whole closes the collection.
    pub fn apply(&self, world: &World, record: &WriteRecord, until: Position) -> Result<()> {
        let _changing = self.changing.lock();
        self.check_sound()?;
        // Read under the lock: a partition dropped meanwhile either loses its segments after this, or is not there.
        let catalog = world.catalog();
        let Some(meta) = catalog.collections.get(&self.id) else { return Ok(()) };
        let applied = catch_unwind(AssertUnwindSafe(|| self.apply_record(world, meta, record)));
        if let Err(panic) = applied {
            self.break_off(panic_text(&*panic));
            self.forget_memory(world);
            return self.check_sound();
        }
        let mut view = self.view.write();
        view.applied = view.applied.max(record.timestamp);
        view.until = until;
        drop(view);
        self.note_memory(world);
        Ok(())
    }

    fn apply_record(&self, world: &World, meta: &CollectionMeta, record: &WriteRecord) {
        if let Some(keys) = &record.deletes {
            self.delete_keys(&keys.view(), record.delete_partition, record.timestamp);
        }
        let primary = meta.schema.primary().map(|field| field.id);
        for part in &record.parts {
            // Also when the new rows are dropped: the old ones were gone when the partition went.
            if record.replace
                && let Some(keys) = primary.and_then(|field| part.rows.column(field))
            {
                self.delete_keys(&keys.view(), 0, record.timestamp);
            }
            if meta.partitions.iter().any(|partition| partition.id == part.partition) {
                self.growing(world, meta, part.partition).append(&part.rows, record.timestamp);
            }
        }
    }

    /// Deletes every live row of these keys that is older than `timestamp`.
    fn delete_keys(&self, keys: &ColumnView<'_>, partition: PartitionId, timestamp: Timestamp) {
        let set = self.view().set;
        let segments: Vec<Arc<dyn Segment>> = set
            .iter()
            .filter(|segment| {
                segment.rows() > segment.deleted() && (partition == 0 || segment.partition() == partition)
            })
            .collect();
        if segments.is_empty() {
            return;
        }
        for row in 0..keys.len() {
            if let Some(key) = PrimaryKey::at(keys, row) {
                segments.iter().for_each(|segment| {
                    segment.delete_key(&key, timestamp);
                });
            }
        }
    }

    fn growing(&self, world: &World, meta: &CollectionMeta, partition: PartitionId) -> Arc<Growing> {
        if let Some(growing) = self.view().set.growing.get(&partition)
            && growing.schema().version == meta.schema.version
        {
            return Arc::clone(growing);
        }
        let growing = Arc::new(Growing::new(world.segment_id(), partition, Arc::clone(&meta.schema)));
        self.replace_set(|set| {
            // One of an older schema has no columns for the new rows.
            set.frozen.extend(set.growing.insert(partition, Arc::clone(&growing)));
        });
        growing
    }

    /// Reads segments with the newest schema from now on, so that defaults of new fields are made once.
    pub fn widen(&self, meta: &CollectionMeta) {
        let _changing = self.changing.lock();
        let schema = &meta.schema;
        let set = self.view().set;
        let is_older = |segment: &dyn Segment| segment.schema().version < schema.version;
        let sealed = set.sealed.iter().any(|segment| is_older(segment.as_ref()));
        if !sealed && !set.frozen.iter().any(|segment| is_older(segment.as_ref())) {
            return;
        }
        self.replace_set(|set| {
            for sealed in set.sealed.iter_mut().filter(|segment| is_older(segment.as_ref())) {
                *sealed = Arc::new(sealed.with_schema(schema));
            }
            for frozen in set.frozen.iter_mut().filter(|segment| is_older(segment.as_ref())) {
                *frozen = Arc::new(frozen.with_schema(schema));
            }
        });
    }

    /// Forgets the segments of partitions that no longer exist.
    pub fn drop_partitions(&self, world: &World, meta: &CollectionMeta) {
        let _changing = self.changing.lock();
        let exists = |id: PartitionId| meta.partitions.iter().any(|partition| partition.id == id);
        self.replace_set(|set| {
            set.growing.retain(|partition, _| exists(*partition));
            set.frozen.retain(|segment| exists(segment.partition()));
            set.sealed.retain(|segment| exists(segment.partition()));
        });
        self.note_memory(world);
    }
}
