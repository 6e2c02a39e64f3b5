//! Opening a folder: catalog checkpoint, then the log from there, idempotent by position.

use super::checkpoint::{self, Checkpoint, Newest};
use super::memory::Memory;
use super::slot::Slot;
use super::{Options, World, whole};
use crate::catalog;
use crate::collection::Collection;
use crate::log::{Record, WriteRecord};
use elanus_runtime::{Cancel, Clock, Pool, TimestampOracle};
use elanus_storage::{Disk, FileWal, FolderLock, Hole, Position, Versioned, WalOptions};
use elanus_types::{Catalog, CollectionId, Result};
use parking_lot::{Mutex, RwLock};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

/// Folder of the log.
const LOG_DIR: &str = "wal";
/// Folder of catalog checkpoints.
const CATALOG_DIR: &str = "catalog";

/// Opens the folder behind `disk`, making it when it is empty, and brings back every acknowledged change.
pub fn open(
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    options: Options,
    lock: Option<FolderLock>,
) -> Result<World> {
    disk.create_dir_all(LOG_DIR)?;
    disk.create_dir_all(CATALOG_DIR)?;
    let checkpoints = Versioned::open(Arc::clone(&disk), CATALOG_DIR, checkpoint::MAGIC)?;
    let wal_options = WalOptions { file_bytes: options.log_file_bytes };
    let log = FileWal::open_around(Arc::clone(&disk), LOG_DIR, wal_options)?;
    let Newest { version, object, is_older } = checkpoint::load(&checkpoints, &log)?;
    let oracle = TimestampOracle::new(Arc::clone(&clock), object.timestamp);
    let world = World {
        disk,
        _lock: lock,
        log,
        oracle,
        clock,
        pool: Pool::new("cpu", options.threads)?,
        readers: Pool::new("read", options.threads)?,
        reading: AtomicUsize::new(0),
        memory: Memory::new(options.growing_memory),
        options,
        closing: Cancel::default(),
        closed: AtomicBool::new(false),
        catalog: RwLock::new(Arc::new(object.catalog)),
        ddl: Mutex::new(()),
        checkpoints,
        checkpoint: Mutex::new(Checkpoint { version, position: object.position }),
        collections: Mutex::new(HashMap::new()),
    };
    whole::log_fits_catalog(&world, object.position)?;
    replay(&world, object.position)?;
    if version == 0 || is_older {
        world.write_checkpoint()?;
    }
    Ok(world)
}

/// Brings the catalog up to date, then the rows. A collection's files may be far ahead of its oldest record in the
/// log, so it must not be opened with the catalog of that record's time: a partition made since would look dropped,
/// and its files like orphans.
fn replay(world: &World, catalog_from: Position) -> Result<()> {
    replay_catalog(world, catalog_from)?;
    whole::folders_fit_catalog(world)?;
    let (mut records, behind) = (0_u64, RefCell::new(HashSet::new()));
    let mut visit = |position, bytes: &[u8]| {
        if let Record::Write(write) = decode(position, bytes)? {
            records += 1;
            world.oracle.raise(write.timestamp);
            let skipped = behind.borrow().contains(&write.collection);
            if !skipped && !replay_write(world, &write, position) {
                // Without this record the later ones must not be applied either.
                world.slot(write.collection).fall_behind();
                behind.borrow_mut().insert(write.collection);
            }
        }
        Ok(())
    };
    world.log.read_around(world.log.begin(), &mut visit, &mut |hole| {
        if hole.tag != 0 || hole.position >= catalog_from {
            behind.borrow_mut().extend(replay_hole(world, hole)?);
        }
        Ok(())
    })?;
    if records > 0 {
        tracing::info!(records, "replayed the log");
    }
    Ok(())
}

fn replay_catalog(world: &World, from: Position) -> Result<()> {
    let mut catalog = Catalog::clone(&world.catalog());
    let mut visit = |position, bytes: &[u8]| {
        if Record::is_catalog(bytes)
            && let Record::Catalog { timestamp, change } = decode(position, bytes)?
        {
            world.oracle.raise(timestamp);
            catalog = catalog::apply(&catalog, &change);
        }
        Ok(())
    };
    world.log.read_around(from.max(world.log.begin()), &mut visit, &mut |hole| about(&hole).map(|_| ()))?;
    checkpoint::publish(world, catalog);
    Ok(())
}

fn decode(position: Position, bytes: &[u8]) -> Result<Record> {
    Record::decode(bytes).map_err(|error| error.context(format!("log record at {position}")))
}

/// Applies a write unless its collection is gone or has it in its files already; false when the collection is closed.
fn replay_write(world: &World, write: &WriteRecord, position: Position) -> bool {
    if !world.catalog().collections.contains_key(&write.collection) {
        return true;
    }
    let collection = world.collection(write.collection);
    collection.is_ok_and(|collection| apply(world, &collection, write, position).is_ok())
}

/// The collection whose write is damaged. Damage to anything else may have taken a change of the catalog with it.
fn about(hole: &Hole) -> Result<CollectionId> {
    if hole.tag == 0 { Err(hole.error.clone()) } else { Ok(CollectionId::from(hole.tag)) }
}

/// Closes the collection that a damaged record is about, and names it, unless its rows are in files or it is gone.
fn replay_hole(world: &World, hole: Hole) -> Result<Option<CollectionId>> {
    let id = about(&hole)?;
    let Some(meta) = world.catalog().collections.get(&id).cloned() else { return Ok(None) };
    if world.collection(id).is_ok_and(|collection| hole.position < collection.view().until) {
        tracing::warn!(collection = %meta.name, error = %hole.error, "rows of the damaged part are in files, too");
        return Ok(None);
    }
    let error = world.cannot_open(&meta, hole.error);
    tracing::error!(%error, "others are not affected");
    world.collections.lock().insert(id, Arc::new(Slot::damaged(error)));
    Ok(Some(id))
}

fn apply(world: &World, collection: &Collection, write: &WriteRecord, position: Position) -> Result<()> {
    if position < collection.view().until {
        return Ok(());
    }
    collection.need.lock().enqueued(position, position + 1);
    let applied = collection.apply(world, write, position + 1);
    collection.need.lock().applied(position);
    if world.memory.exceeds(1)
        && let Err(error) = world.seal_largest()
    {
        tracing::warn!(%error, "rows from the log take more memory than growing_memory allows");
    }
    applied
}

/// Applies what the log has for a collection that could not be opened when the log was replayed. Nobody writes to it
/// before it is open.
pub fn replay_one(world: &World, collection: &Collection) -> Result<()> {
    let mut visit = |position, bytes: &[u8]| {
        if Record::collection(bytes) == Some(collection.id)
            && let Record::Write(write) = decode(position, bytes)?
        {
            apply(world, collection, &write, position)?;
        }
        Ok(())
    };
    world.log.read_around(world.log.begin(), &mut visit, &mut |hole| {
        // Changes of the catalog were read before.
        let mine = CollectionId::from(hole.tag) == collection.id && hole.position >= collection.view().until;
        if mine { Err(hole.error) } else { Ok(()) }
    })
}

impl World {
    /// Brings open collections in line with the catalog: dropped ones close, dropped partitions lose their segments.
    pub fn catalog_changed(&self) {
        let catalog = self.catalog();
        let mut open = Vec::new();
        self.collections.lock().retain(|id, slot| {
            open.extend(slot.get().cloned());
            catalog.collections.contains_key(id)
        });
        open.iter().for_each(|collection| self.catch_up(collection));
    }

    /// Brings a collection in line with the newest catalog. One that was being opened while the catalog changed was not
    /// among the open ones, so this follows every opening, too.
    pub fn catch_up(&self, collection: &Collection) {
        match self.catalog().collections.get(&collection.id) {
            Some(meta) => {
                collection.drop_partitions(self, meta);
                collection.drop_indexes(meta);
                collection.widen(meta);
            }
            None => collection.close(self),
        }
    }
}
