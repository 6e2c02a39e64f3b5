//! A collection's place among the open ones. It is opened at first use, under a lock of its own, so that one slow
//! opening holds up nobody else.

use crate::collection::Collection;
use elanus_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A collection, open or not.
#[derive(Default)]
pub struct Slot {
    open: OnceLock<Arc<Collection>>,
    /// Why the last opening failed. Held while the collection is being opened.
    failed: Mutex<Option<Error>>,
    /// The log has records for the collection that were not applied when it was replayed.
    behind: AtomicBool,
    /// What the collection needs of the log is not known before it is open.
    keeps_log: AtomicBool,
}

impl Slot {
    /// The collection, when it is open.
    pub fn get(&self) -> Option<&Arc<Collection>> {
        self.open.get()
    }

    /// The collection. One that is not open is opened by `open`, which is told whether the log has to be replayed for
    /// it. Trouble that may pass, unlike damage, is tried again at the next call.
    pub fn get_or_open(&self, open: impl FnOnce(bool) -> Result<Arc<Collection>>) -> Result<Arc<Collection>> {
        if let Some(collection) = self.open.get() {
            return Ok(Arc::clone(collection));
        }
        let mut failed = self.failed.lock();
        if let Some(collection) = self.open.get() {
            return Ok(Arc::clone(collection));
        }
        if let Some(error) = failed.as_ref().filter(|error| !passes(error)) {
            return Err(error.clone());
        }
        match open(self.behind.load(Ordering::Relaxed)) {
            Ok(collection) => Ok(Arc::clone(self.open.get_or_init(|| collection))),
            Err(error) => {
                if failed.as_ref() != Some(&error) {
                    tracing::error!(%error, "cannot open a collection; others are not affected");
                }
                if !passes(&error) {
                    self.keeps_log.store(true, Ordering::Relaxed);
                }
                *failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The place of a collection whose rows are partly lost: every opening answers `error`.
    pub fn damaged(error: Error) -> Self {
        let slot = Self { failed: Mutex::new(Some(error)), ..Self::default() };
        slot.fall_behind();
        slot
    }

    /// Notes that the log has records for the collection that could not be applied.
    pub fn fall_behind(&self) {
        self.behind.store(true, Ordering::Relaxed);
        self.keeps_log.store(true, Ordering::Relaxed);
    }

    /// Whether the whole log must be kept because nobody knows what this collection needs of it.
    pub fn keeps_log(&self) -> bool {
        self.keeps_log.load(Ordering::Relaxed)
    }
}

/// Whether an error says nothing about the collection's files.
fn passes(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Io | ErrorKind::DiskFull | ErrorKind::CollectionNotFound)
}
