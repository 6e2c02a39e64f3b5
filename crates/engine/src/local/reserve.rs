//! Space set aside for a full disk. Dropping a collection is what makes space, but the record of the drop needs some
//! first; without this a full disk could be helped only from outside.

use super::World;
use crate::db::CatalogChange;
use elanus_types::{ErrorKind, Result};

/// The file that takes the space. It holds nothing; any length is legal.
const RESERVE: &str = "reserve";
/// Room for a new log file, the record and a checkpoint of the catalog, many times over.
const BYTES: usize = 256 << 10;

/// Whether a change only takes things away.
pub fn makes_space(change: &CatalogChange) -> bool {
    matches!(
        change,
        CatalogChange::DropCollection(_)
            | CatalogChange::DropPartition { .. }
            | CatalogChange::DropIndex { .. }
            | CatalogChange::DropAlias { .. }
            | CatalogChange::DropDatabase { .. }
            | CatalogChange::Release { .. }
    )
}

impl World {
    /// Sets the space aside unless it is. Failing is no reason to fail for anything else.
    pub fn set_space_aside(&self) {
        match self.disk.exists(RESERVE) {
            Ok(false) => {}
            Ok(true) => return,
            Err(error) => return tracing::debug!(%error, "cannot look for the reserve"),
        }
        if let Err(error) = self.make_reserve() {
            tracing::debug!(%error, "cannot set space aside");
            self.give_space_back();
        }
    }

    fn make_reserve(&self) -> Result<()> {
        let mut file = self.disk.create(RESERVE)?;
        file.append(&[&vec![0xE1; BYTES]])?;
        file.sync()
    }

    /// Gives the space back.
    pub fn give_space_back(&self) {
        // Some file systems free the space of a removed name only once the removal lasts.
        if let Err(error) = self.disk.remove(RESERVE).and_then(|()| self.disk.sync_dir("")) {
            tracing::debug!(%error, "cannot give the reserve back");
        }
    }

    /// Runs `log` once more in the space set aside when the disk is full.
    pub fn even_if_full(&self, change: &CatalogChange, log: impl Fn() -> Result<()>) -> Result<()> {
        match log() {
            Err(error) if error.kind() == ErrorKind::DiskFull && makes_space(change) => {
                self.give_space_back();
                log()
            }
            outcome => outcome,
        }
    }
}
