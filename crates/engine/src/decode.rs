//! What the engine reads from its files, for the fuzzer: any bytes are decoded or refused.

use crate::collection::Manifest;
use crate::local::checkpoint::CatalogObject;
use crate::log::Record;
use elanus_types::Result;

/// A record of the log.
pub fn record(bytes: &[u8]) -> Result<()> {
    let (_, _) = (Record::is_catalog(bytes), Record::collection(bytes));
    Record::decode(bytes).map(drop)
}

/// A collection's manifest.
pub fn manifest(bytes: &[u8]) -> Result<()> {
    Manifest::decode(bytes).map(drop)
}

/// A checkpoint of the catalog.
pub fn catalog(bytes: &[u8]) -> Result<()> {
    CatalogObject::decode(bytes).map(drop)
}
