//! Catalog checkpoints: the catalog at a log position, so that old log files can go.

use super::World;
use crate::catalog;
use elanus_storage::{FileWal, Position, Versioned};
use elanus_types::{Catalog, Error, ErrorKind, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Magic of catalog objects.
pub const MAGIC: [u8; 8] = *b"ELANCAT\0";
/// Versions kept besides the newest.
const KEPT: usize = 3;

/// Where the newest checkpoint stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checkpoint {
    /// Version of the object; 0 = none yet.
    pub version: u64,
    /// Catalog records before this position are in it.
    pub position: Position,
}

/// Content of a catalog object.
#[derive(Serialize, Deserialize)]
pub struct CatalogObject {
    /// Catalog records before this log position are in it.
    pub position: Position,
    /// Newer than every timestamp given out before it was written.
    pub timestamp: Timestamp,
    /// The catalog.
    pub catalog: Catalog,
}

/// The catalog to begin with.
pub struct Newest {
    /// The newest version there is, readable or not; 0 = none.
    pub version: u64,
    /// Content of the newest readable one.
    pub object: CatalogObject,
    /// Which is not the newest there is.
    pub is_older: bool,
}

/// Reads the newest checkpoint. If it is damaged, an older one is as good as long as the log has all changes since.
pub fn load(checkpoints: &Versioned, log: &FileWal) -> Result<Newest> {
    let numbers = checkpoints.versions()?;
    let Some((&version, older)) = numbers.split_last() else {
        let object = CatalogObject { position: 0, timestamp: Timestamp::ZERO, catalog: catalog::initial() };
        return Ok(Newest { version: 0, object, is_older: false });
    };
    let read = |number| checkpoints.load(number).and_then(|bytes| CatalogObject::decode(&bytes));
    let error = match read(version) {
        Ok(object) => return Ok(Newest { version, object, is_older: false }),
        Err(error) if error.kind() != ErrorKind::Damaged => return Err(error),
        Err(error) => error,
    };
    for number in older.iter().rev() {
        match read(*number) {
            Ok(object) if (log.begin()..=log.end()).contains(&object.position) => {
                tracing::error!(%error, number, "took an older catalog, nothing is lost: the log has every change since");
                return Ok(Newest { version, object, is_older: true });
            }
            Err(error) if error.kind() != ErrorKind::Damaged => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Err(error)
}

impl World {
    /// Writes the catalog as it is now. Holds back changes of the catalog meanwhile, so that the log's durable end
    /// has every catalog record on its right side.
    pub fn write_checkpoint(&self) -> Result<()> {
        let _ddl = self.ddl.lock();
        let mut checkpoint = self.checkpoint.lock();
        let position = self.log.end();
        let object = CatalogObject {
            position,
            timestamp: self.oracle.next(),
            catalog: Catalog::clone(&self.catalog()),
        };
        let bytes = serde_json::to_vec(&object)
            .map_err(|error| Error::internal(format!("cannot encode the catalog: {error}")))?;
        let version = checkpoint.version + 1;
        if let Err(error) = self.checkpoints.commit(version, &bytes) {
            // It may be there all the same, with a position that is as good; the next one needs a higher number.
            let newest = self.checkpoints.versions().ok().and_then(|versions| versions.last().copied());
            checkpoint.version = checkpoint.version.max(newest.unwrap_or(0));
            return Err(error);
        }
        *checkpoint = Checkpoint { version, position };
        drop(checkpoint);
        self.checkpoints.prune(KEPT)
    }
}

impl CatalogObject {
    /// Reads an object's bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|error| Error::damaged(format!("the catalog is not readable: {error}")))
    }
}

/// Publishes a catalog.
pub fn publish(world: &World, catalog: Catalog) {
    *world.catalog.write() = Arc::new(catalog);
}
