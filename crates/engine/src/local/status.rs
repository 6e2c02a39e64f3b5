//! Counts and progress of a collection, and explicit flushes.

use super::World;
use crate::collection::Collection;
use crate::db::{CollectionStatus, IndexStatus, SegmentStatus};
use crate::read::Expiry;
use crate::validate::properties::recall_target;
use elanus_segment::Segment;
use elanus_types::{CollectionMeta, CollectionRef, DataType, IndexMeta, Result, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl World {
    /// Seals what is in memory; maintenance then converges without waiting for quiet.
    pub fn flush(&self, target: &CollectionRef) -> Result<Vec<i64>> {
        let (meta, collection) = self.resolve(target)?;
        let sealed = collection.flush(self, &meta)?;
        // Whoever asks for convergence may have mended what kept an index from being built.
        collection.failures.lock().clear();
        // Nothing may be left for maintenance to seal, so nobody else would.
        self.truncate_log();
        collection.urgent.store(true, Ordering::Relaxed);
        Ok(sealed)
    }

    /// Everything there is to know about a collection's state.
    pub fn status(&self, target: &CollectionRef) -> Result<CollectionStatus> {
        let meta = Arc::clone(self.catalog().resolve(target)?);
        let collection = match self.collection(meta.id) {
            Ok(collection) => collection,
            Err(error) => {
                return Ok(CollectionStatus {
                    id: meta.id,
                    damaged: Some(error.to_string()),
                    ..Default::default()
                });
            }
        };
        let view = collection.view();
        let expiry = Expiry::now(self, &meta);
        let mut partition_rows: BTreeMap<i64, u64> = BTreeMap::new();
        for segment in view.set.iter() {
            *partition_rows.entry(segment.partition()).or_default() +=
                visible(segment.as_ref(), view.applied, expiry);
        }
        let segments: Vec<SegmentStatus> =
            view.set.iter().map(|s| segment_status(&collection, s.as_ref())).collect();
        Ok(CollectionStatus {
            id: meta.id,
            rows: partition_rows.values().sum(),
            partition_rows: partition_rows.into_iter().collect(),
            indexes: meta.indexes.iter().map(|index| index_status(self, &collection, &meta, index)).collect(),
            segments,
            checked: collection.checked.lock().finished,
            damaged: None,
        })
    }
}

fn visible(segment: &dyn Segment, read: Timestamp, expiry: Expiry) -> u64 {
    let rows = match (segment.visible(read), expiry.rows(segment)) {
        (None, None) => segment.rows(),
        (None, Some(gone)) => segment.rows().saturating_sub(gone.count()),
        (Some(rows), None) => rows.count(),
        (Some(mut rows), Some(gone)) => {
            rows.and_not(&gone);
            rows.count()
        }
    };
    rows as u64
}

fn segment_status(collection: &Collection, segment: &dyn Segment) -> SegmentStatus {
    SegmentStatus {
        id: segment.id(),
        partition: segment.partition(),
        rows: segment.rows() as u64,
        deleted: segment.deleted() as u64,
        sealed: segment.sealed(),
        indexed_fields: collection.indexed_fields(segment.id()),
        disk_bytes: segment.disk_bytes(),
        memory_bytes: segment.memory_bytes() as u64,
    }
}

fn index_status(
    world: &World,
    collection: &Collection,
    meta: &CollectionMeta,
    index: &IndexMeta,
) -> IndexStatus {
    let facts = collection.facts(world, meta);
    let number = crate::collection::scalar::number(meta, index);
    let merging = crate::maintain::next(&facts, &world.options.policy);
    let least = world.options.policy.index_min_rows;
    let total: u64 = facts.sealed.iter().map(|segment| segment.rows).sum();
    // What will be merged first is not done yet, though its parts may be small enough to need no index.
    let failures = collection.failures.lock();
    let waiting = |segment: &crate::maintain::SegmentFact| match &merging {
        // What failed is not there, though nobody is at work on it.
        _ if failures.contains_key(&(segment.id, number)) => true,
        Some(crate::maintain::Job::Merge(ids)) if ids.len() > 1 && ids.contains(&segment.id) => true,
        _ if index.metric.is_some() => segment.rows >= least && segment.unindexed.contains(&index.field),
        _ => segment.rows >= least && segment.scalars.iter().any(|(_, waits)| *waits == number),
    };
    let building = collection.building.lock().clone().filter(|(_, field, _)| *field == index.field);
    let progress = building.as_ref().map(|(_, _, progress)| progress.fraction());
    // Of a segment that is being indexed as many rows count as the build has got through; never all.
    let left = |segment: &crate::maintain::SegmentFact| match (&building, progress) {
        (Some((id, ..)), Some(part)) if *id == segment.id => {
            (segment.rows - (segment.rows as f64 * part) as u64).clamp(1, segment.rows.max(1))
        }
        _ => segment.rows,
    };
    let pending: u64 = facts.sealed.iter().filter(|segment| waiting(segment)).map(left).sum();
    let failure = failures.iter().find(|((_, failed), _)| *failed == number).map(|(_, text)| text.clone());
    IndexStatus {
        name: index.name.clone(),
        total_rows: total,
        indexed_rows: total - pending,
        pending_rows: pending,
        failure: failure.unwrap_or_default(),
        resolved: match index.metric {
            Some(_) => resolved(collection, meta, index, (total, least)),
            None => collection.resolved_scalar(meta, index),
        },
        measured: collection.measured(index.field, recall_target(meta, index.field)),
        progress: progress.map_or(if pending == 0 { 1.0 } else { 0.0 }, |p| p as f32),
    }
}

/// What a vector index resolved to; small segments resolve to none.
fn resolved(
    collection: &Collection,
    meta: &CollectionMeta,
    index: &IndexMeta,
    (total, least): (u64, u64),
) -> String {
    let field = meta.schema.field_by_id(index.field);
    if index.metric.is_some() && field.is_some_and(|field| field.data_type == DataType::ArrayOfVector) {
        return "FLAT: lists of vectors are compared one by one, exactly".to_owned();
    }
    let built = collection.resolved(index.field);
    if built.is_empty() && index.metric.is_some() && (1..least).contains(&total) {
        return format!("FLAT: {total} rows are compared one by one; an index begins to pay at {least}");
    }
    built
}
