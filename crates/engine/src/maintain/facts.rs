//! What the planner needs to know of a collection.

use super::{Facts, SegmentFact};
use crate::collection::Collection;
use crate::local::World;
use crate::read::Expiry;
use elanus_segment::Sealed;
use elanus_segment::Segment;
use elanus_types::{CollectionMeta, FieldId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Collection {
    /// No write for a while, or the user asked for convergence.
    pub fn is_quiet(&self, world: &World) -> bool {
        let since = world.clock.now_millis().saturating_sub(self.last_write.load(Ordering::Relaxed));
        self.urgent.load(Ordering::Relaxed) || since >= world.options.quiet_millis
    }

    /// The collection as the planner sees it.
    pub fn facts(&self, world: &World, meta: &CollectionMeta) -> Facts {
        let horizon = self.removable_before(world);
        let wanted = indexable(meta);
        let scalars = crate::collection::scalar::wanted(meta);
        let expiry = Expiry::now(world, meta);
        let set = self.view().set;
        let fact = |segment: &Arc<Sealed>| {
            let mut fact = self.fact(segment, horizon, &wanted, &scalars);
            let expired = expiry.rows(segment.as_ref());
            fact.removable += expired.map_or(0, |rows| rows.count() as u64);
            fact
        };
        self.asked.keep_segments(|id| set.sealed.iter().any(|segment| segment.id() == id));
        let sealed = set.sealed.iter().map(fact).collect();
        Facts { sealed, quiet: self.is_quiet(world) }
    }

    fn fact(
        &self,
        segment: &Sealed,
        horizon: Timestamp,
        wanted: &[(FieldId, i64)],
        scalars: &[(FieldId, i64)],
    ) -> SegmentFact {
        let files = segment.files();
        let failures = self.failures.lock();
        let unindexed = wanted.iter().filter(|(field, index)| {
            let built = files.index_on(*field).is_some_and(|file| file.index == *index);
            !built && !failures.contains_key(&(files.id, *index))
        });
        let scalars = scalars.iter().filter(|(field, index)| {
            let built = files.scalars.iter().any(|file| file.index == *index);
            files.stores(*field) && !built && !failures.contains_key(&(files.id, *index))
        });
        // Few deletes never lead to a merge: then the list need not be looked at, again and again.
        let removable = match segment.deleted() as u64 * super::plan::REWRITE_SHARE >= files.rows as u64 {
            true => segment.deletes_since(0).iter().filter(|(_, at)| *at < horizon).count(),
            false => 0,
        };
        let unlearnt = files.indexes.iter().filter(|index| self.asked.is_due(files.id, index));
        SegmentFact {
            id: files.id,
            partition: files.partition,
            rows: files.rows as u64,
            bytes: files.columns.iter().map(|column| column.file.bytes).sum(),
            removable: removable as u64,
            unindexed: unindexed.map(|(field, _)| *field).collect(),
            scalars: scalars.copied().collect(),
            unlearnt: unlearnt.map(|index| index.field).collect(),
        }
    }
}

/// Vector fields with an index that is built in files, and the index's number. FLAT ones, sparse ones and lists are searched
/// exactly.
fn indexable(meta: &CollectionMeta) -> Vec<(FieldId, i64)> {
    let vectors = meta.schema.vectors().filter(|field| field.data_type.is_dense_vector());
    let indexes = vectors.filter_map(|field| meta.index_on(field.id));
    indexes
        .filter(|index| !elanus_ann::is_exact(&index.index_type))
        .map(|index| (index.field, index.id))
        .collect()
}
