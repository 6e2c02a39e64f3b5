//! A collection to which a record could not be applied whole: nobody may see or keep what it holds.

use super::Collection;
use elanus_types::{Error, Result};
use std::sync::OnceLock;

/// Why a collection is broken; empty while it is sound.
#[derive(Debug, Default)]
pub struct Broken(OnceLock<String>);

impl Collection {
    /// An error once a record was applied in part. Everything acknowledged is in files and in the log, so that
    /// opening the database anew brings it back whole.
    pub fn check_sound(&self) -> Result<()> {
        match self.broken.0.get() {
            None => Ok(()),
            Some(reason) => Err(Error::internal(format!(
                "collection {} is closed because applying a write failed ({reason}): nothing acknowledged is lost, \
                 restart the server (or open the database anew) to serve it again",
                self.id
            ))),
        }
    }

    /// Closes the collection until it is opened anew. The caller holds `changing`, so that no flush comes between.
    pub(super) fn break_off(&self, reason: &str) {
        tracing::error!(
            collection = self.id,
            reason,
            "applying a write failed, the collection is closed until a restart; others are not affected"
        );
        // Only the first reason counts.
        let _ = self.broken.0.set(reason.to_owned());
    }
}
