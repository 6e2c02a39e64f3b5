//! Which operation fails, and when the disk stops.

use elanus_types::{Error, ErrorKind, Result};

/// What a program asks of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `Disk::create_dir_all`
    CreateDir,
    /// `Disk::create`
    Create,
    /// `Disk::open`, and `Disk::read`, which uses it
    Open,
    /// `Disk::map`
    Map,
    /// `Disk::publish`
    Publish,
    /// `Disk::list`
    List,
    /// `Disk::remove`
    Remove,
    /// `Disk::sync_dir`
    SyncDir,
    /// `AppendFile::append`
    Append,
    /// `AppendFile::sync`
    Sync,
    /// `ReadFile::read_at`
    Read,
}

impl Operation {
    /// Whether it changes the disk.
    fn changes(self) -> bool {
        !matches!(self, Self::Open | Self::Map | Self::List | Self::Read)
    }
}

/// What shall go wrong.
pub(super) struct Plan {
    pub capacity: u64,
    changes: u64,
    /// Changing operations that still pass before the disk stops.
    left: Option<u64>,
    stopped: bool,
    failures: Vec<Failure>,
}

struct Failure {
    operation: Option<Operation>,
    after: u64,
    kind: ErrorKind,
}

impl Plan {
    pub fn new(capacity: u64) -> Self {
        Self { capacity, changes: 0, left: None, stopped: false, failures: Vec::new() }
    }

    pub fn stop(&mut self) {
        self.stopped = true;
    }

    pub fn stop_after(&mut self, operations: u64) {
        self.left = Some(operations);
    }

    pub fn stopped(&self) -> bool {
        self.stopped
    }

    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn fail(&mut self, operation: Option<Operation>, after: u64, kind: ErrorKind) {
        self.failures.push(Failure { operation, after, kind });
    }

    pub fn heal(&mut self) {
        self.left = None;
        self.failures.clear();
    }

    /// Counts an operation. An error means that nothing of it happens; `Some` that it fails, but may have
    /// had some of its effect.
    pub fn next(&mut self, operation: Operation, path: &str) -> Result<Option<Error>> {
        if self.stopped {
            return Err(error(ErrorKind::Io, operation, path, "the simulated disk has stopped"));
        }
        if operation.changes() {
            self.changes += 1;
            match &mut self.left {
                Some(0) => {
                    self.stopped = true;
                    return Ok(Some(error(ErrorKind::Io, operation, path, "the simulated disk stops here")));
                }
                Some(left) => *left -= 1,
                None => {}
            }
        }
        Ok(self.failure(operation).map(|kind| error(kind, operation, path, "simulated failure")))
    }

    fn failure(&mut self, operation: Operation) -> Option<ErrorKind> {
        let mut hit = None;
        for (at, failure) in self.failures.iter_mut().enumerate() {
            let meant = failure.operation.map_or(operation.changes(), |wanted| wanted == operation);
            match failure.after {
                0 if meant => hit = hit.or(Some(at)),
                _ if meant => failure.after -= 1,
                _ => {}
            }
        }
        hit.map(|at| self.failures.remove(at).kind)
    }
}

fn error(kind: ErrorKind, operation: Operation, path: &str, why: &str) -> Error {
    Error::new(kind, format!("{operation:?} {path:?}: {why}"))
}
