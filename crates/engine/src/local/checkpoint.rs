//! Catalog checkpoints: the catalog at a log position, so that old log files can go.

use super::World;
use elanus_storage::Position;
use elanus_types::{Catalog, Error, Result, Timestamp};
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
