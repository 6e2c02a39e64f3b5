//! What a manifest says: the live files of a collection and the log position they cover.

use elanus_segment::SegmentFiles;
use elanus_types::{CollectionId, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

/// Magic of manifest objects.
pub const MAGIC: [u8; 8] = *b"ELANMNF\0";

/// One version of a collection's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The collection it belongs to.
    pub collection: CollectionId,
    /// Inserts and deletes of log records before this position are in the files.
    pub position: u64,
    /// Newest timestamp among them.
    pub timestamp: Timestamp,
    /// Newer than every number of a segment or file given out before: recovery gives out larger ones.
    #[serde(default)]
    pub numbers: Timestamp,
    /// Reads below this timestamp may miss rows that compaction removed.
    pub horizon: Timestamp,
    /// Every live segment with its files.
    pub segments: Vec<SegmentFiles>,
}

impl Manifest {
    /// The manifest of a collection without files.
    pub fn empty(collection: CollectionId) -> Self {
        Self {
            collection,
            position: 0,
            timestamp: Timestamp::ZERO,
            numbers: Timestamp::ZERO,
            horizon: Timestamp::ZERO,
            segments: Vec::new(),
        }
    }

    /// The object's bytes.
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|error| Error::internal(format!("cannot encode a manifest: {error}")))
    }

    /// Reads an object's bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|error| Error::damaged(format!("a manifest is not readable: {error}")))
    }
}
