//! When files are compared with their checksums: every collection once in a period, slowly, one after the other.

use crate::collection::{COLLECTIONS_DIR, Checked, Collection};
use crate::local::World;
use elanus_segment::Segment;
use elanus_storage::blocks::BLOCK_BYTES;
use elanus_storage::disk::join;
use elanus_types::{CollectionId, ErrorKind, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the thread looks for a collection that is due.
const LOOK: u32 = 20;
/// After files could not be read, in milliseconds.
const RETRY: u64 = 60 * 60 * 1000;
/// Between two blocks, unless the period is too short for that: about 20 MiB per second.
const PAUSE: Duration = Duration::from_millis(50);

/// Starts the thread.
pub(super) fn start(world: &Arc<World>) -> Result<JoinHandle<()>> {
    let (mut next, mut looks) = (HashMap::new(), 0);
    super::spawn(world, "elanus-scrub", move |world| {
        if looks == 0 {
            scrub_due(world, &mut next);
        }
        looks = (looks + 1) % LOOK;
        false
    })
}

/// Checks the collections whose time has come; `next` says when that is.
fn scrub_due(world: &World, next: &mut HashMap<CollectionId, u64>) {
    let (now, period) = (world.clock.now_millis(), world.options.scrub_millis);
    let catalog = world.catalog();
    next.retain(|id, _| catalog.collections.contains_key(id));
    for (id, meta) in &catalog.collections {
        let dir = join(COLLECTIONS_DIR, &id.to_string());
        // Most collections are not open after a start, and need not be for this.
        let last = || Checked::load(world.disk.as_ref(), &dir).finished.max(meta.created.millis());
        let due = next.entry(*id).or_insert_with(|| last() + period);
        if *due <= now && !world.closing.is_cancelled() {
            *due = now + period;
            match world.collection(*id) {
                Ok(collection) if !scrub(world, &collection) => *due = now + RETRY.min(period),
                Ok(_) => {}
                // Said when it was opened or closed.
                Err(error) => tracing::debug!(%error, "a collection cannot be checked"),
            }
        }
    }
}

/// Whether all files could be read.
fn scrub(world: &World, collection: &Collection) -> bool {
    let sealed = &collection.view().set.sealed;
    let blocks = sealed.iter().map(|segment| segment.disk_bytes().div_ceil(BLOCK_BYTES as u64)).sum::<u64>();
    let most = Duration::from_millis(world.options.scrub_millis / 4 / blocks.max(1));
    let mut pace = || {
        std::thread::sleep(PAUSE.min(most));
        world.closing.check()
    };
    let outcome = collection.scrub(world, &mut pace);
    match &outcome {
        Ok(damaged) => tracing::info!(collection = collection.id, blocks, damaged, "checked all files"),
        Err(error) if error.kind() == ErrorKind::Cancelled => {}
        Err(error) => {
            tracing::warn!(collection = collection.id, %error, "cannot check files, will try again")
        }
    }
    outcome.is_ok()
}

/// Checks all files of all collections at full speed.
pub fn scrub_all(world: &World) -> Result<u64> {
    let mut damaged = 0;
    for id in world.catalog().collections.keys() {
        match world.collection(*id) {
            Ok(collection) => damaged += collection.scrub(world, &mut || world.closing.check())?,
            Err(error) => tracing::debug!(%error, "a collection cannot be checked"),
        }
    }
    Ok(damaged)
}
