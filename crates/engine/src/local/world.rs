//! What every operation of an open database shares.

use super::memory::Memory;
use super::slot::Slot;
use super::{Checkpoint, Options, recover, whole};
use crate::collection::Collection;
use crate::log::Record;
use elanus_runtime::{Cancel, Clock, Pool, TimestampOracle};
use elanus_storage::{Disk, FileWal, FolderLock, Position, Ticket, Versioned};
use elanus_types::{Catalog, CollectionId, CollectionMeta, CollectionRef, Error, ErrorKind, Result};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// The shared state of an open database.
pub struct World {
    /// Files.
    pub disk: Arc<dyn Disk>,
    /// Kept as long as anybody can still write, which may be longer than the database's handle lives.
    pub _lock: Option<FolderLock>,
    /// The one log.
    pub log: FileWal,
    /// Hands out timestamps.
    pub oracle: TimestampOracle,
    /// The clock behind the timestamps.
    pub clock: Arc<dyn Clock>,
    /// Where searches and builds run.
    pub pool: Pool,
    /// Takes reads in turn. A pool of its own: whoever waits in a pool for parts of his work begins other jobs of that
    /// pool meanwhile, and reads on top of reads would pile up on its stack.
    pub readers: Pool,
    /// Reads under way: whether a read may take the pool for itself.
    pub reading: AtomicUsize,
    /// How it was opened.
    pub options: Options,
    /// Cancelled when the database closes.
    pub closing: Cancel,
    /// Set when new work is refused.
    pub closed: AtomicBool,
    /// Newest catalog.
    pub catalog: RwLock<Arc<Catalog>>,
    /// Held while the catalog changes.
    pub ddl: Mutex<()>,
    /// Catalog checkpoints.
    pub checkpoints: Versioned,
    /// The newest checkpoint.
    pub checkpoint: Mutex<Checkpoint>,
    /// The budget of rows in memory.
    pub memory: Memory,
    /// Collections that are open or were asked for.
    pub collections: Mutex<HashMap<CollectionId, Arc<Slot>>>,
}

impl World {
    /// The newest catalog.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read())
    }

    /// A new segment (or file) number: never given out before, also across restarts.
    pub fn segment_id(&self) -> i64 {
        self.oracle.next().0 as i64
    }

    /// Puts a record into the log; its place is fixed when this returns, it is durable after [`FileWal::wait`].
    pub fn enqueue(&self, record: &Record) -> Result<Ticket> {
        self.log.enqueue_for(record.tag(), record.encode()?)
    }

    /// The collection a name or alias stands for, opened.
    pub fn resolve(&self, target: &CollectionRef) -> Result<(Arc<CollectionMeta>, Arc<Collection>)> {
        if self.closed.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Error::new(
                ErrorKind::NotReady,
                "the database is shutting down, connect again after its restart",
            ));
        }
        let meta = Arc::clone(self.catalog().resolve(target)?);
        let collection = self.collection(meta.id)?;
        Ok((meta, collection))
    }

    /// An open collection; opens it at first use.
    pub fn collection(&self, id: CollectionId) -> Result<Arc<Collection>> {
        let slot = self.slot(id);
        let was_open = slot.get().is_some();
        let collection = slot.get_or_open(|behind| self.open_collection(id, behind))?;
        if !was_open {
            self.catch_up(&collection);
        }
        collection.check_sound()?;
        Ok(collection)
    }

    /// The place of a collection among the open ones.
    pub fn slot(&self, id: CollectionId) -> Arc<Slot> {
        Arc::clone(self.collections.lock().entry(id).or_default())
    }

    /// An error about a collection's files, with its name and what helps.
    pub fn cannot_open(&self, meta: &CollectionMeta, error: Error) -> Error {
        let error = whole::with_remedy(error, whole::OR_DROP);
        error.context(format!("collection {} cannot be opened", meta.name))
    }

    fn open_collection(&self, id: CollectionId, behind: bool) -> Result<Arc<Collection>> {
        let catalog = self.catalog();
        let Some(meta) = catalog.collections.get(&id) else {
            self.collections.lock().remove(&id);
            let message = format!("collection not found[collection={id}]");
            return Err(Error::new(ErrorKind::CollectionNotFound, message));
        };
        let context = |error: Error| self.cannot_open(meta, error);
        let collection = Arc::new(Collection::open(self, meta).map_err(context)?);
        if behind {
            recover::replay_one(self, &collection).map_err(context)?;
        }
        Ok(collection)
    }

    /// Every collection that is open and sound, oldest first.
    pub fn open_collections(&self) -> Vec<Arc<Collection>> {
        let slots = self.collections.lock();
        let open = slots.values().filter_map(|slot| slot.get());
        let sound = open.filter(|collection| collection.check_sound().is_ok());
        let mut sound: Vec<Arc<Collection>> = sound.cloned().collect();
        sound.sort_by_key(|collection| collection.id);
        sound
    }

    /// The oldest log position that is still needed.
    pub fn needed_from(&self) -> Position {
        // The checkpoint's position first: a record enqueued after this line lies behind it.
        let checkpoint = self.checkpoint.lock().position;
        let slots = self.collections.lock();
        let needed = slots.values().filter_map(|slot| match slot.get() {
            Some(collection) => collection.need.lock().first(),
            // Keep everything until it is repaired or dropped.
            None => slot.keeps_log().then_some(0),
        });
        needed.min().unwrap_or(u64::MAX).min(checkpoint)
    }

    /// Moves the catalog's checkpoint on when it holds back much of the log, then removes log files that
    /// nothing needs.
    pub fn truncate_log(&self) {
        let behind = self.log.end().saturating_sub(self.checkpoint.lock().position);
        let outcome = if behind > self.options.checkpoint_bytes { self.write_checkpoint() } else { Ok(()) };
        if let Err(error) = outcome.and_then(|()| self.log.truncate_before(self.needed_from())) {
            tracing::warn!(%error, "cannot remove old log files, will try again");
        }
        self.set_space_aside();
    }
}
