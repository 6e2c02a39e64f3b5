//! Opening a folder: catalog checkpoint, then the log from there, idempotent by position.

use super::checkpoint::{self, CatalogObject, Checkpoint};
use super::{Options, World};
use crate::catalog;
use crate::log::{Record, WriteRecord};
use elanus_runtime::{Cancel, Clock, Pool, TimestampOracle};
use elanus_storage::{Disk, FileWal, Position, Versioned, WalOptions};
use elanus_types::{Result, Timestamp};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Folder of the log.
const LOG_DIR: &str = "wal";
/// Folder of catalog checkpoints.
const CATALOG_DIR: &str = "catalog";

/// Opens the folder behind `disk`, making it when it is empty, and brings back every acknowledged change.
pub fn open(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, options: Options) -> Result<World> {
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

fn replay(world: &World, catalog_from: Position) -> Result<()> {
    let mut records = 0_u64;
    let from = world.log.begin();
    world.log.read_from(from, &mut |position, bytes| {
        records += 1;
        match Record::decode(bytes).map_err(|error| error.context(format!("log record at {position}")))? {
            Record::Catalog { timestamp, change } if position >= catalog_from => {
                world.oracle.raise(timestamp);
                let catalog = catalog::apply(&world.catalog(), &change);
                checkpoint::publish(world, catalog);
                world.catalog_changed();
            }
            Record::Catalog { .. } => {}
            Record::Write(write) => replay_write(world, &write, position),
        }
        Ok(())
    })?;
    if records > 0 {
        tracing::info!(records, "replayed the log");
    }
    Ok(())
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
