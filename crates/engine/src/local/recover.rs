//! Opening a folder: catalog checkpoint, then the log from there, idempotent by position.

use super::checkpoint::{self, CatalogObject, Checkpoint};
use super::{Options, World};
use crate::catalog;
use crate::log::{Record, WriteRecord};
use elanus_runtime::{Cancel, Clock, Pool, TimestampOracle};
use elanus_storage::{Disk, FileWal, FolderLock, Position, Versioned, WalOptions};
use elanus_types::{Catalog, Result, Timestamp};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    let newest = checkpoints.load_newest()?;
    let version = newest.as_ref().map_or(0, |(version, _)| *version);
    let object = match newest {
        Some((_, bytes)) => CatalogObject::decode(&bytes)?,
        None => CatalogObject { position: 0, timestamp: Timestamp::ZERO, catalog: catalog::initial() },
    };
    let wal_options = WalOptions { file_bytes: options.log_file_bytes };
    let log = FileWal::open(Arc::clone(&disk), LOG_DIR, wal_options)?;
    let oracle = TimestampOracle::new(Arc::clone(&clock), object.timestamp);
    let world = World {
        disk,
        _lock: lock,
        log,
        oracle,
        clock,
        pool: Pool::new(options.threads)?,
        options,
        closing: Cancel::default(),
        closed: AtomicBool::new(false),
        catalog: RwLock::new(Arc::new(object.catalog)),
        ddl: Mutex::new(()),
        checkpoints,
        checkpoint: Mutex::new(Checkpoint { version, position: object.position }),
        collections: Mutex::new(HashMap::new()),
    };
    replay(&world, object.position)?;
    if version == 0 {
        world.write_checkpoint()?;
    }
    Ok(world)
}

/// Brings the catalog up to date, then the rows. A collection's files may be far ahead of its oldest record in the
/// log, so it must not be opened with the catalog of that record's time: a partition made since would look dropped,
/// and its files like orphans.
fn replay(world: &World, catalog_from: Position) -> Result<()> {
    replay_catalog(world, catalog_from)?;
    let mut records = 0_u64;
    world.log.read_from(world.log.begin(), &mut |position, bytes| {
        if let Record::Write(write) = decode(position, bytes)? {
            records += 1;
            replay_write(world, &write, position);
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
    world.log.read_from(from.max(world.log.begin()), &mut |position, bytes| {
        if Record::is_catalog(bytes)
            && let Record::Catalog { timestamp, change } = decode(position, bytes)?
        {
            world.oracle.raise(timestamp);
            catalog = catalog::apply(&catalog, &change);
        }
        Ok(())
    })?;
    checkpoint::publish(world, catalog);
    Ok(())
}

fn decode(position: Position, bytes: &[u8]) -> Result<Record> {
    Record::decode(bytes).map_err(|error| error.context(format!("log record at {position}")))
}

/// Applies a write unless its collection is gone, damaged, or has it in its files already.
fn replay_write(world: &World, write: &WriteRecord, position: Position) {
    world.oracle.raise(write.timestamp);
    let catalog = world.catalog();
    let Some(meta) = catalog.collections.get(&write.collection) else { return };
    let Ok(collection) = world.collection(write.collection) else { return };
    if position >= collection.view().until {
        collection.need.lock().enqueued(position, position + 1);
        collection.apply(meta, write, position + 1, || world.segment_id());
    }
}

impl World {
    /// Brings open collections in line with the catalog: dropped ones close, dropped partitions lose their segments.
    pub fn catalog_changed(&self) {
        let catalog = self.catalog();
        let mut collections = self.collections.lock();
        collections.retain(|id, slot| match (catalog.collections.get(id), &slot) {
            (Some(meta), Ok(collection)) => {
                collection.drop_partitions(meta);
                collection.drop_indexes(meta);
                true
            }
            (Some(_), Err(_)) => true,
            (None, slot) => {
                if let Ok(collection) = slot {
                    collection.dropped.store(true, Ordering::Relaxed);
                }
                false
            }
        });
    }
}
