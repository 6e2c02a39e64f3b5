//! A collection to which a record could not be applied whole, or whose files turned out damaged: nobody may see or keep
//! what it holds.

use super::Collection;
use crate::local::whole;
use elanus_types::{Error, Result};
use std::sync::OnceLock;

/// Why a collection is broken; empty while it is sound.
#[derive(Debug, Default)]
pub struct Broken(OnceLock<Error>);

impl Collection {
    /// An error once a record was applied in part or files turned out damaged.
    pub fn check_sound(&self) -> Result<()> {
        self.broken.0.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Closes the collection until it is opened anew. Everything acknowledged is in files and in the log, so that opening
    /// the database anew brings it back whole. The caller holds `changing`, so that no flush comes between.
    pub(super) fn break_off(&self, reason: &str) {
        tracing::error!(
            collection = self.id,
            reason,
            "applying a write failed, the collection is closed until a restart; others are not affected"
        );
        // Only the first reason counts.
        let _ = self.broken.0.set(Error::internal(format!(
            "collection {} is closed because applying a write failed ({reason}): nothing acknowledged is lost, \
             restart the server (or open the database anew) to serve it again",
            self.id
        )));
    }

    /// Closes the collection because of damage to its files. The caller holds `changing`.
    pub(super) fn break_off_damaged(&self, name: &str, error: Error) {
        let error = whole::with_remedy(error, whole::OR_DROP);
        let error = error.context(format!("collection {name} is closed"));
        tracing::error!(%error, "found damage");
        let _ = self.broken.0.set(error);
    }
}
