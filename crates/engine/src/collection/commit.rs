//! Committing manifests: what is in the set of sealed segments becomes durable.

use super::Collection;
use super::manifest::Manifest;
use crate::local::World;
use elanus_segment::SegmentFiles;
use elanus_storage::{Position, disk::join};
use elanus_types::{Result, Timestamp};
use std::collections::HashSet;

/// Manifest versions kept besides the newest.
const KEPT: usize = 2;

/// What manifests say so far. Its lock is held by whoever changes sealed segments or writes a manifest.
#[derive(Clone, Debug, Default)]
pub struct CommitState {
    /// Newest version committed.
    pub version: u64,
    /// The sealed segments in memory hold all records before this position. Runs ahead of `durable` when a commit failed.
    pub covered: Position,
    /// Newest timestamp before `covered`.
    pub covered_timestamp: Timestamp,
    /// Position of the newest committed manifest.
    pub durable: Position,
    /// Reads below this may miss rows.
    pub horizon: Timestamp,
}

impl Collection {
    /// Writes the deletes that are not in files yet, then a manifest of all sealed segments, then lets go of what
    /// only older manifests needed: log and files.
    pub(super) fn commit_manifest(&self, world: &World, commit: &mut CommitState) -> Result<()> {
        let sealed = self.view().set.sealed.clone();
        let mut segments: Vec<SegmentFiles> = Vec::with_capacity(sealed.len());
        for segment in &sealed {
            segment.write_deletes(self.disk.as_ref(), &self.dir, world.segment_id())?;
            segments.push(segment.files());
        }
        let manifest = Manifest {
            collection: self.id,
            position: commit.covered,
            timestamp: commit.covered_timestamp,
            numbers: world.oracle.next(),
            horizon: commit.horizon,
            segments,
        };
        if let Err(error) = self.versions.commit(commit.version + 1, &manifest.encode()?) {
            // It may be there all the same; then the next try needs a higher number.
            let newest = self.versions.versions().ok().and_then(|versions| versions.last().copied());
            commit.version = commit.version.max(newest.unwrap_or(0));
            return Err(error);
        }
        commit.version += 1;
        commit.durable = commit.covered;
        self.need.lock().covered(commit.durable);
        if let Err(error) = self.versions.prune(KEPT).and_then(|()| self.remove_orphans(&manifest)) {
            tracing::warn!(dir = %self.dir, %error, "cannot remove old files, will try again");
        }
        Ok(())
    }

    /// Removes segment folders and files that the manifest does not name and nobody is writing. Maps that reads still hold stay valid.
    pub(super) fn remove_orphans(&self, manifest: &Manifest) -> Result<()> {
        for folder in self.disk.list(&self.dir)? {
            let Some(id) = folder.strip_suffix('/').and_then(|name| name.parse::<i64>().ok()) else {
                continue;
            };
            let path = join(&self.dir, &id.to_string());
            match manifest.segments.iter().find(|segment| segment.id == id) {
                None if self.writing.has(id) => {}
                None => self.disk.remove_dir_all(&path)?,
                Some(segment) => {
                    let live: HashSet<&str> = segment.all().map(|file| file.name.as_str()).collect();
                    let names = self.disk.list(&path)?;
                    let is_orphan = |name: &str| !live.contains(name) && !self.writing.has_file(name);
                    for name in names.iter().filter(|name| is_orphan(name)) {
                        self.disk.remove(&join(&path, name))?;
                    }
                }
            }
        }
        Ok(())
    }
}
