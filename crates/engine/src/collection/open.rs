//! Opening a collection: newest manifest, mapped files; nothing is rebuilt.

use super::commit::CommitState;
use super::manifest::{MAGIC, Manifest};
use super::{Checked, Collection, SegmentSet, Turns, View, scrub};
use crate::local::{World, whole};
use elanus_segment::Sealed;
use elanus_storage::{Versioned, disk::join};
use elanus_types::{CollectionMeta, Error, Result, Timestamp};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

/// Folder of all collections.
pub const COLLECTIONS_DIR: &str = "collections";
/// Folder of a collection's manifests.
const MANIFEST_DIR: &str = "manifest";

impl Collection {
    /// Opens a collection, making its folder when it is new.
    pub fn open(world: &World, meta: &CollectionMeta) -> Result<Self> {
        let dir = join(COLLECTIONS_DIR, &meta.id.to_string());
        let manifests = join(&dir, MANIFEST_DIR);
        world.disk.create_dir_all(&manifests)?;
        let versions = Versioned::open(Arc::clone(&world.disk), &manifests, MAGIC)?;
        let (version, manifest) = match versions.load_newest()? {
            None => (0, Manifest::empty(meta.id)),
            Some((version, bytes)) => (version, Manifest::decode(&bytes)?),
        };
        if manifest.collection != meta.id {
            let found = manifest.collection;
            return Err(Error::damaged(format!(
                "{manifests} belongs to collection {found}, not {}",
                meta.id
            )));
        }
        whole::manifest_fits_log(world, &manifests, manifest.position)?;
        world.oracle.raise(manifest.timestamp.max(manifest.numbers));
        let sealed = open_segments(world, meta, &dir, &manifest)?;
        let mut checked = Checked::load(world.disk.as_ref(), &dir);
        scrub::check_again(world, &dir, &mut checked, &sealed)?;
        let state = CommitState {
            version,
            covered: manifest.position,
            covered_timestamp: manifest.timestamp,
            durable: manifest.position,
            horizon: manifest.horizon,
        };
        let set = Arc::new(SegmentSet { sealed, ..SegmentSet::default() });
        let collection = Self {
            id: meta.id,
            disk: Arc::clone(&world.disk),
            order: Mutex::new(()),
            turns: Turns::default(),
            changing: Mutex::new(()),
            view: RwLock::new(View { set, applied: manifest.timestamp, until: manifest.position }),
            commit: Mutex::new(state),
            horizon: AtomicU64::new(manifest.horizon.0),
            versions,
            writing: super::writing::Writing::default(),
            jobs: Mutex::new(()),
            need: Mutex::new(super::LogNeed::default()),
            last_write: AtomicU64::new(0),
            urgent: AtomicBool::new(false),
            dropped: AtomicBool::new(false),
            broken: super::broken::Broken::default(),
            checked: Mutex::new(checked),
            memory: AtomicUsize::new(0),
            failures: Mutex::new(HashMap::new()),
            asked: super::asked::AskedQueries::default(),
            building: Mutex::new(None),
            dir,
        };
        // Only orphans of a crash are here now; a failure to remove them is no reason not to open.
        if let Err(error) = collection.remove_orphans(&manifest) {
            tracing::warn!(dir = %collection.dir, %error, "cannot remove files that no manifest names");
        }
        Ok(collection)
    }

    /// Reads below this timestamp may miss rows that compaction removed.
    pub fn horizon(&self) -> Timestamp {
        Timestamp(self.horizon.load(std::sync::atomic::Ordering::Relaxed))
    }
}

fn open_segments(
    world: &World,
    meta: &CollectionMeta,
    dir: &str,
    manifest: &Manifest,
) -> Result<Vec<Arc<Sealed>>> {
    let exists = |partition: i64| meta.partitions.iter().any(|p| p.id == partition);
    let live = manifest.segments.iter().filter(|files| exists(files.partition));
    live.map(|files| {
        let mut files = files.clone();
        files.indexes.retain(|file| meta.indexes.iter().any(|index| index.id == file.index));
        let scalars = super::scalar::wanted(meta);
        files.scalars.retain(|file| scalars.iter().any(|(_, index)| *index == file.index));
        let sealed = Sealed::open(world.disk.as_ref(), dir, Arc::clone(&meta.schema), &files)?;
        Ok(Arc::new(sealed))
    })
    .collect()
}
