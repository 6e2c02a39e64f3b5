//! Flush: growing segments become sealed files.

use super::{Collection, View};
use crate::local::World;
use elanus_segment::{Growing, Segment, SegmentId};
use elanus_segment::{Sealed, write_sealed};
use elanus_types::{CollectionMeta, Result};
use std::sync::Arc;

/// A frozen segment, its file form, and how many of its deletes the files already have.
struct Written {
    frozen: Arc<Growing>,
    sealed: Option<Arc<Sealed>>,
    deletes_seen: usize,
}

impl Collection {
    /// Seals everything applied so far and commits a manifest that covers it. Returns the new segments.
    ///
    /// Writes go on meanwhile: they land in fresh growing segments, and deletes that reach a frozen segment while its
    /// files are written are carried over when the files take its place.
    pub fn flush(&self, world: &World, meta: &CollectionMeta) -> Result<Vec<SegmentId>> {
        let mut commit = self.commit.lock();
        let (frozen, view) = self.freeze(world)?;
        // Only now: rows may have come with fields that `meta` does not know yet.
        let catalog = world.catalog();
        let meta = catalog.collections.get(&self.id).map_or(meta, |newest| newest);
        if frozen.is_empty() && commit.durable == view.until {
            return Ok(Vec::new());
        }
        let written = frozen
            .into_iter()
            .map(|frozen| self.write_frozen(world, meta, frozen))
            .collect::<Result<Vec<_>>>()?;
        self.install(world, &written);
        commit.covered = view.until;
        commit.covered_timestamp = view.applied;
        self.commit_manifest(world, &mut commit)?;
        Ok(written.iter().filter_map(|w| w.sealed.as_ref()).map(|s| s.id()).collect())
    }

    /// Moves growing segments out of the way of new rows; returns all frozen ones and the log position they reach.
    fn freeze(&self, world: &World) -> Result<(Vec<Arc<Growing>>, View)> {
        let _changing = self.changing.lock();
        self.check_sound()?;
        self.replace_set(|set| {
            let growing = std::mem::take(&mut set.growing);
            set.frozen.extend(growing.into_values().filter(|segment| segment.rows() > 0));
        });
        self.note_memory(world);
        let view = self.view();
        Ok((view.set.frozen.clone(), view))
    }

    fn write_frozen(&self, world: &World, meta: &CollectionMeta, frozen: Arc<Growing>) -> Result<Written> {
        let deletes_seen = frozen.deletes().len();
        let rows: Vec<u32> = (0..frozen.rows() as u32).collect();
        let source: Arc<dyn Segment> = Arc::clone(&frozen) as Arc<dyn Segment>;
        let id = world.segment_id();
        let files = write_sealed(
            self.disk.as_ref(),
            &self.dir,
            id,
            frozen.partition(),
            &meta.schema,
            &[(source, rows)],
        )?;
        let sealed = Sealed::open(self.disk.as_ref(), &self.dir, Arc::clone(&meta.schema), &files)?;
        Ok(Written { frozen, sealed: Some(Arc::new(sealed)), deletes_seen })
    }

    /// Puts the files in the place of the frozen segments.
    fn install(&self, world: &World, written: &[Written]) {
        let _changing = self.changing.lock();
        for Written { frozen, sealed, deletes_seen } in written {
            if let Some(sealed) = sealed {
                for (row, at) in frozen.deletes_since(*deletes_seen) {
                    sealed.delete_row(row, at);
                }
            }
        }
        self.replace_set(|set| {
            for Written { frozen, sealed, .. } in written {
                // A partition dropped meanwhile took its segments along: then there is nothing to replace.
                let before = set.frozen.len();
                set.frozen.retain(|segment| segment.id() != frozen.id());
                if set.frozen.len() < before {
                    set.sealed.extend(sealed.clone());
                }
            }
        });
        self.note_memory(world);
    }
}
