//! What one read sees: a collection's description, the segments of its partitions, a timestamp.

use super::{Expiry, partition_slot};
use crate::collection::Collection;
use crate::local::World;
use elanus_filter::Predicate;
use elanus_kernels::Bitmap;
use elanus_segment::Segment;
use elanus_types::{
    CollectionMeta, CollectionRef, Error, ErrorKind, LoadState, PartitionId, PartitionMeta, Result, Timestamp,
};
use std::sync::Arc;

/// Guarantee timestamps below this are the protocol's small codes (0, 1, 2…), not points in time.
const FIRST_REAL_MILLIS: u64 = 1_000_000_000_000;

/// A pinned snapshot.
pub struct Snapshot {
    /// The collection's description.
    pub meta: Arc<CollectionMeta>,
    /// The collection.
    pub collection: Arc<Collection>,
    /// Segments of the chosen partitions.
    pub segments: Vec<Arc<dyn Segment>>,
    /// Rows committed after this are not seen.
    pub read: Timestamp,
    /// Rows that are too old are not seen either.
    pub expiry: Expiry,
}

impl Snapshot {
    /// Stored rows of all segments, seen or not.
    pub fn rows(&self) -> usize {
        self.segments.iter().map(|segment| segment.rows()).sum()
    }

    /// Rows of a segment that are seen and that a predicate lets through.
    pub fn matching(&self, segment: &dyn Segment, predicate: Option<&Predicate>) -> Result<Bitmap> {
        let mut rows = segment.matching(predicate, self.read)?;
        self.expiry.take_out(segment, &mut rows);
        Ok(rows)
    }
}

/// What a request says about its snapshot.
pub struct Wanted<'a> {
    /// Collection or alias.
    pub target: &'a CollectionRef,
    /// Partition names; empty = all.
    pub partitions: &'a [String],
    /// The collection an iterator began on; 0 = not stated.
    pub collection_id: i64,
    /// The timestamp to read at; only iterators pin one.
    pub pinned: Option<u64>,
    /// `search` or `query`, for messages.
    pub verb: &'static str,
}

impl<'a> Wanted<'a> {
    /// The newest state.
    pub fn newest(target: &'a CollectionRef, partitions: &'a [String], verb: &'static str) -> Self {
        Self { target, partitions, collection_id: 0, pinned: None, verb }
    }
}

impl Wanted<'_> {
    /// Resolves the collection and checks that it may be read.
    pub fn meta(&self, world: &World) -> Result<Arc<CollectionMeta>> {
        let (meta, _) = world.resolve(self.target)?;
        require_loaded(&meta, self.verb)?;
        if self.collection_id != 0 && self.collection_id != meta.id {
            return Err(Error::invalid(format!(
                "Input collection id is not consistent with the id of the collection in database, alias or database may have changed: \
                 input {} actual {}",
                self.collection_id, meta.id
            )));
        }
        Ok(meta)
    }

    /// Pins the newest state (or an iterator's) of the partitions that can hold matching rows.
    /// `meta` is what the request was judged by: the name may mean another collection by now.
    pub fn pin(
        &self,
        world: &World,
        meta: Arc<CollectionMeta>,
        predicate: Option<&Predicate>,
    ) -> Result<Snapshot> {
        let partitions = self.partitions(&meta, predicate)?;
        let collection = world.collection(meta.id)?;
        let view = collection.view();
        let read = self.read_timestamp(view.applied.max(meta.created), collection.horizon())?;
        let expiry = Expiry::now(world, &meta);
        // Everything that was there at a moment before the oldest that is kept is gone, also what was deleted since.
        let partitions = if expiry.covers(read) { Vec::new() } else { partitions };
        let segments = view.set.iter_with(&meta.schema);
        let segments = segments.filter(|segment| partitions.contains(&segment.partition())).collect();
        Ok(Snapshot { meta, collection, segments, read, expiry })
    }

    fn read_timestamp(&self, newest: Timestamp, horizon: Timestamp) -> Result<Timestamp> {
        let pinned = self.pinned.map(Timestamp).filter(|pinned| pinned.millis() >= FIRST_REAL_MILLIS);
        match pinned {
            Some(pinned) if pinned < horizon => Err(Error::invalid(format!(
                "cannot read at timestamp {pinned}: versions before {horizon} are gone, raise retention.seconds to keep them longer"
            ))),
            Some(pinned) => Ok(pinned.min(newest)),
            None => Ok(newest),
        }
    }

    fn partitions(&self, meta: &CollectionMeta, predicate: Option<&Predicate>) -> Result<Vec<PartitionId>> {
        let key = meta.schema.partition_key();
        if !self.partitions.is_empty() {
            if key.is_some() {
                return Err(Error::invalid(
                    "not support manually specifying the partition names if partition key mode is used",
                ));
            }
            return self.partitions.iter().map(|name| named(meta, name, self.verb).map(|p| p.id)).collect();
        }
        if let Some(released) = meta.partitions.iter().find(|p| p.released)
            && meta.partitions.iter().all(|p| p.released)
        {
            return Err(not_loaded(meta, released, self.verb));
        }
        let slots = key.zip(predicate).and_then(|(key, predicate)| predicate.partition_keys(key.id));
        let chosen = |(index, partition): (usize, &PartitionMeta)| {
            let holds = slots.as_ref().is_none_or(|values| {
                values.iter().any(|value| partition_slot(value, meta.partitions.len()) == index)
            });
            (holds && !partition.released).then_some(partition.id)
        };
        Ok(meta.partitions.iter().enumerate().filter_map(chosen).collect())
    }
}

fn named<'a>(meta: &'a CollectionMeta, name: &str, verb: &str) -> Result<&'a PartitionMeta> {
    let partition =
        meta.partition(name).ok_or_else(|| Error::invalid(format!("partition name {name} not found")))?;
    if partition.released { Err(not_loaded(meta, partition, verb)) } else { Ok(partition) }
}

fn not_loaded(meta: &CollectionMeta, partition: &PartitionMeta, verb: &str) -> Error {
    let message = format!(
        "failed to {verb}: partition not loaded[collection={}][partition={}]",
        meta.id, partition.name
    );
    Error::new(ErrorKind::PartitionNotLoaded, message)
}

/// Milvus's error 101 for a collection that was released; one never loaded is served.
pub fn require_loaded(meta: &CollectionMeta, verb: &str) -> Result<()> {
    if meta.load == LoadState::Released {
        let message = format!("failed to {verb}: collection not loaded[collection={}]", meta.id);
        return Err(Error::new(ErrorKind::CollectionNotLoaded, message));
    }
    Ok(())
}
