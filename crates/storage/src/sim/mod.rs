//! A disk in memory that lies as disks do; for tests of anything that must survive a crash.
//!
//! [`SimDisk`] keeps what was written apart from what was synced, for every file and every folder.
//! [`SimDisk::crash`] gives the disk as it may be after power loss:
//! * Bytes that were not synced are kept, lost, zeroed or replaced by rubbish, in blocks of 512 bytes or 4 KiB;
//!   the file may be shorter, or as long as it was but with holes.
//! * Names that were made or removed since the folder was synced are there or not, each on its own.
//! * After a failed sync the bytes it covered stay readable, but they may be gone after the crash even if a
//!   later sync succeeds.
//!
//! It can also fail an operation, stop at one (everything after it fails, as if the process had been killed
//! there), run full, and flip bits. An operation that fails may have had its effect all the same. Everything
//! is drawn from the seed: the same calls in the same order give the same disk.
//!
//! Memory is bounded by [`SimDisk::set_capacity`].

mod fault;
mod file;
mod handle;
mod operate;
mod random;
#[cfg(test)]
mod tests;
mod tree;

pub use fault::Operation;

use elanus_types::{Error, ErrorKind, Result};
use fault::Plan;
use parking_lot::Mutex;
use random::Random;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tree::{Folder, Node};

/// Space on a new disk.
const CAPACITY: u64 = 256 << 20;

/// A simulated disk; clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<State>>);

struct State {
    random: Random,
    root: Arc<Folder>,
    plan: Plan,
    /// Bytes in all files that have a name, may get one back in a crash, or are open.
    used: Arc<AtomicU64>,
}

impl SimDisk {
    /// An empty disk; `seed` decides what its crashes leave.
    pub fn new(seed: u64) -> Self {
        Self::with(Random::new(seed), Arc::default(), Arc::default())
    }

    fn with(random: Random, root: Arc<Folder>, used: Arc<AtomicU64>) -> Self {
        Self(Arc::new(Mutex::new(State { random, root, plan: Plan::new(CAPACITY), used })))
    }

    /// Turns the power off: this disk fails everything from now on, and the one returned holds what lasted.
    pub fn crash(&self) -> Self {
        let mut state = self.0.lock();
        state.plan.stop();
        let mut random = Random::new(state.random.next());
        let used = Arc::default();
        let root = state.root.crash(&mut random, &used, &mut HashMap::new());
        let disk = Self::with(random, root, used);
        disk.set_capacity(state.plan.capacity);
        disk
    }

    /// Lets this many more changing operations pass; the one after them fails, and so does everything then.
    pub fn stop_after(&self, operations: u64) {
        self.0.lock().plan.stop_after(operations);
    }

    /// Whether the disk has stopped.
    pub fn stopped(&self) -> bool {
        self.0.lock().plan.stopped()
    }

    /// Fails the next operation of this sort, once.
    pub fn fail_next(&self, operation: Operation, kind: ErrorKind) {
        self.0.lock().plan.fail(Some(operation), 0, kind);
    }

    /// Fails one changing operation of any sort, after this many others.
    pub fn fail_after(&self, operations: u64, kind: ErrorKind) {
        self.0.lock().plan.fail(None, operations, kind);
    }

    /// Forgets planned failures and a planned stop.
    pub fn heal(&self) {
        self.0.lock().plan.heal();
    }

    /// Makes the disk full once its files hold this many bytes.
    pub fn set_capacity(&self, bytes: u64) {
        self.0.lock().plan.capacity = bytes;
    }

    /// Bytes in use.
    pub fn used(&self) -> u64 {
        self.0.lock().used.load(Ordering::Relaxed)
    }

    /// Changing operations so far: what [`SimDisk::stop_after`] counts.
    pub fn operations(&self) -> u64 {
        self.0.lock().plan.changes()
    }

    /// All files with their lengths, in the order of their paths.
    pub fn files(&self) -> Vec<(String, u64)> {
        let mut files = Vec::new();
        self.0.lock().root.files("", &mut files);
        files
    }

    /// Flips the bits of `mask` in one byte of a file, synced or not.
    pub fn flip(&self, path: &str, offset: u64, mask: u8) -> Result<()> {
        match self.0.lock().root.find(path) {
            Some(Node::File(file)) => file.flip(offset, mask, path),
            _ => Err(missing("flip a byte of", path)),
        }
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimDisk").field("files", &self.files()).finish_non_exhaustive()
    }
}

fn missing(what: &str, path: &str) -> Error {
    Error::new(ErrorKind::Io, format!("{what} {path:?}: no such file or folder"))
}

fn wrong(what: &str, path: &str, why: &str) -> Error {
    Error::new(ErrorKind::Io, format!("{what} {path:?}: {why}"))
}
