//! Checks at opening that the folder is whole: a log, catalog and collections that belong together. A folder that lost
//! files of one is refused by name; going on would take the files of unknown collections for leftovers, and give new
//! records positions that old manifests count as their own.

use super::World;
use crate::collection::COLLECTIONS_DIR;
use elanus_storage::Position;
use elanus_types::{Error, ErrorKind, Result};

/// What helps when part of a folder is missing.
const REMEDY: &str = "restore the whole folder from one backup";

/// What helps besides when only one collection is damaged.
pub const OR_DROP: &str = ", or drop this collection; others are not affected";

/// Adds to an error about damage what helps, unless it says so.
pub fn with_remedy(error: Error, or_else: &str) -> Error {
    let known = error.message().contains(REMEDY);
    if error.kind() == ErrorKind::Damaged && !known {
        error.and(format_args!("{REMEDY}{or_else}"))
    } else {
        error
    }
}

/// The log must reach from the catalog's checkpoint to its end, however short that is.
pub fn log_fits_catalog(world: &World, checkpoint: Position) -> Result<()> {
    let (begin, end) = (world.log.begin(), world.log.end());
    if end < checkpoint {
        return Err(Error::damaged(format!(
            "the log in wal/ ends at position {end} but the catalog was written at {checkpoint}: files of the log are \
             missing or cut off; {REMEDY}"
        )));
    }
    if begin > checkpoint {
        return Err(Error::damaged(format!(
            "the log in wal/ begins at position {begin} but the catalog ends at {checkpoint}: the newest file of \
             catalog/ is missing; {REMEDY}"
        )));
    }
    Ok(())
}

/// Every collection's folder must have a number that the catalog gave out: a folder is made only after the record that
/// creates its collection is durable.
pub fn folders_fit_catalog(world: &World) -> Result<()> {
    let next = world.catalog().next_id;
    match world.collection_folders()?.into_iter().find(|id| *id >= next) {
        Some(id) => Err(Error::damaged(format!(
            "{COLLECTIONS_DIR}/{id} belongs to a collection that neither catalog/ nor the log in wal/ knows: the end of \
             one of them is missing; {REMEDY}, or move {COLLECTIONS_DIR}/{id} out of it to go on without that collection"
        ))),
        None => Ok(()),
    }
}

/// A manifest never names a position that the log has not reached.
pub fn manifest_fits_log(world: &World, manifest: &str, position: Position) -> Result<()> {
    let end = world.log.end();
    if position > end {
        return Err(Error::damaged(format!(
            "{manifest} was written at log position {position} but the log in wal/ ends at {end}: files of the log are \
             missing or cut off; {REMEDY}"
        )));
    }
    Ok(())
}
