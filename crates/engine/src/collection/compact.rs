//! Merging sealed segments into one, without rows that nobody can read any more: deleted long ago, or expired.

use super::Collection;
use crate::local::{DuplicateKey, World};
use crate::read::Expiry;
use elanus_segment::{Sealed, write_sealed};
use elanus_segment::{Segment, SegmentId};
use elanus_types::{CollectionMeta, Error, Result, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// A segment to merge, the rows of it that stay, and how many of its deletes the merged files have.
struct Source {
    segment: Arc<Sealed>,
    rows: Vec<u32>,
    deletes_seen: usize,
}

impl Collection {
    /// Writes `ids` anew as one segment and puts it in their place. Reads and writes go on meanwhile; deletes that reach
    /// the old segments are carried over.
    pub fn merge(&self, world: &World, meta: &CollectionMeta, ids: &[SegmentId]) -> Result<()> {
        let _job = self.jobs.lock();
        let horizon = self.removable_before(world);
        let expiry = Expiry::now(world, meta);
        let set = self.view().set;
        // Only now: the segments may have fields that `meta` does not know yet.
        let catalog = world.catalog();
        let meta = catalog.collections.get(&self.id).map_or(meta, |newest| newest);
        let sources = ids.iter().map(|id| {
            let segment = set.sealed.iter().find(|segment| segment.id() == *id).cloned();
            segment.map(|segment| Source::new(segment, horizon, expiry))
        });
        let mut sources: Vec<Source> = sources
            .collect::<Option<_>>()
            .ok_or_else(|| Error::internal(format!("segments {ids:?} changed before their merge")))?;
        // Of rows of one request and key the last counts, where several may stay.
        if world.options.duplicate_key != DuplicateKey::Keep {
            for source in &mut sources {
                super::cluster::in_order(source.segment.as_ref(), meta, &mut source.rows)?;
            }
        }
        let writing = self.writing.begin(world.segment_id());
        let merged = self.write_merged(meta, writing.number, &sources)?;
        let mut commit = self.commit.lock();
        // First the horizon: a read that takes the new set must not pass with an older one.
        commit.horizon = commit.horizon.max(horizon);
        self.horizon.fetch_max(horizon.0, std::sync::atomic::Ordering::SeqCst);
        self.swap(&sources, merged);
        self.commit_manifest(world, &mut commit)
    }

    /// Rows deleted before this may go.
    pub fn removable_before(&self, world: &World) -> Timestamp {
        let now = world.clock.now_millis();
        Timestamp::from_millis(now.saturating_sub(world.options.retention_millis))
    }

    fn write_merged(
        &self,
        meta: &CollectionMeta,
        id: SegmentId,
        sources: &[Source],
    ) -> Result<Option<Arc<Sealed>>> {
        if sources.iter().all(|source| source.rows.is_empty()) {
            return Ok(None);
        }
        let partition = sources.first().map_or(0, |source| source.segment.partition());
        let inputs: Vec<(Arc<dyn Segment>, Vec<u32>)> = sources
            .iter()
            .map(|source| (Arc::clone(&source.segment) as Arc<dyn Segment>, source.rows.clone()))
            .collect();
        let files = write_sealed(self.disk.as_ref(), &self.dir, id, partition, &meta.schema, &inputs)?;
        let sealed = Sealed::open(self.disk.as_ref(), &self.dir, Arc::clone(&meta.schema), &files)?;
        Ok(Some(Arc::new(sealed)))
    }

    fn swap(&self, sources: &[Source], merged: Option<Arc<Sealed>>) {
        let _changing = self.changing.lock();
        if let Some(merged) = &merged {
            let mut first = 0_u32;
            for source in sources {
                let places: HashMap<u32, u32> =
                    source.rows.iter().enumerate().map(|(i, row)| (*row, first + i as u32)).collect();
                for (row, at) in source.segment.deletes_since(source.deletes_seen) {
                    places.get(&row).map(|place| merged.delete_row(*place, at));
                }
                first += source.rows.len() as u32;
            }
        }
        self.replace_set(|set| {
            let is_source = |id| sources.iter().any(|source| source.segment.id() == id);
            // A partition dropped meanwhile took the sources along: then the merged segment is an orphan.
            if set.sealed.iter().filter(|segment| is_source(segment.id())).count() == sources.len() {
                set.sealed.retain(|segment| !is_source(segment.id()));
                set.sealed.extend(merged);
            }
        });
    }
}

impl Source {
    fn new(segment: Arc<Sealed>, horizon: Timestamp, expiry: Expiry) -> Self {
        let deletes = segment.deletes_since(0);
        let gone: std::collections::HashSet<u32> =
            deletes.iter().filter(|(_, at)| *at < horizon).map(|(row, _)| *row).collect();
        // Nobody sees an expired row again, at whatever timestamp.
        let expired = expiry.rows(segment.as_ref()).unwrap_or_default();
        let stays = |row: &u32| !gone.contains(row) && !expired.get(*row as usize);
        let rows = (0..segment.rows() as u32).filter(stays).collect();
        Self { segment, rows, deletes_seen: deletes.len() }
    }
}
