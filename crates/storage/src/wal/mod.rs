//! The log: records in one order over rolling files, durable when their ticket says so.
//!
//! [`FileWal::enqueue`] fixes a record's place, [`FileWal::wait`] returns once it is durable. Whoever waits
//! first writes for all that are queued: one write and one sync serve them (group commit).
//!
//! What holds at any time:
//! * A record is acknowledged only after the sync that covers it, and after all records before it.
//! * When a write or sync fails, that batch and everything queued behind it fails with it, and the file is
//!   abandoned. The next batch begins a new file, whose header says where the log resumes; older files do not
//!   count from there on. So an unacknowledged record may or may not be found later, but never after a record
//!   that was acknowledged later.
//! * A file gets its name only when its header (and what it repeats of an older file) is durable.
//! * Positions only grow; those of failed records are not used again.

mod commit;
mod layout;
mod scan;
#[cfg(test)]
mod tests;

use crate::disk::{Disk, join};
use commit::{Batch, Queue, Writer};
use elanus_types::{Error, ErrorKind, Result};
use layout::{file_name, file_number};
use parking_lot::{Condvar, Mutex};
use scan::{Scan, chain};
use std::fmt;
use std::sync::Arc;

pub use bytes::Bytes;

/// A place in the log: bytes of records and their headers since the log began, over all its files.
pub type Position = u64;

/// How a log is kept.
#[derive(Clone, Copy, Debug)]
pub struct WalOptions {
    /// A new file is begun once the current one has this many bytes.
    pub file_bytes: u64,
}

impl Default for WalOptions {
    fn default() -> Self {
        Self { file_bytes: 64 << 20 }
    }
}

/// A record's place in the log; give it to [`FileWal::wait`].
#[derive(Clone, Debug)]
#[must_use = "a record is durable only when `wait` has returned"]
pub struct Ticket {
    position: Position,
    next: Position,
    batch: Arc<Batch>,
}

impl Ticket {
    /// Where the record is.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Just after the record.
    pub fn next(&self) -> Position {
        self.next
    }
}

/// A record that was durable and whose payload is damaged.
#[derive(Debug)]
pub struct Hole {
    /// Where it is.
    pub position: Position,
    /// Whom it is about, as [`FileWal::enqueue_for`] was told.
    pub tag: u32,
    /// Names the file and the place.
    pub error: Error,
}

/// A log in a folder, for one process.
pub struct FileWal {
    disk: Arc<dyn Disk>,
    dir: String,
    options: WalOptions,
    queue: Mutex<Queue>,
    wake: Condvar,
    writer: Mutex<Writer>,
}

/// One file of the log.
#[derive(Clone, Copy, Debug)]
struct LogFile {
    number: u64,
    /// Position before which older files count.
    resumes: Position,
    first: Position,
    /// The file counts up to here.
    end: Position,
    /// Its size on the disk.
    bytes: u64,
    /// All its records were truncated: it is not read any more, its name is still to be removed.
    truncated: bool,
}

impl LogFile {
    fn new(number: u64, scan: &Scan, end: Position) -> Self {
        let header = scan.header();
        Self {
            number,
            resumes: header.resumes,
            first: header.first,
            end,
            bytes: scan.len(),
            truncated: false,
        }
    }
}

impl FileWal {
    /// Opens the log in `dir`, making it when there is none. A torn end, as a crash leaves it, is dropped;
    /// damage before it is an error that names the file.
    pub fn open(disk: Arc<dyn Disk>, dir: &str, options: WalOptions) -> Result<Self> {
        Self::open_checked(disk, dir, options, false)
    }

    /// The same, but a damaged payload is no error here: [`FileWal::read_around`] tells of it.
    pub fn open_around(disk: Arc<dyn Disk>, dir: &str, options: WalOptions) -> Result<Self> {
        Self::open_checked(disk, dir, options, true)
    }

    fn open_checked(disk: Arc<dyn Disk>, dir: &str, options: WalOptions, around: bool) -> Result<Self> {
        disk.create_dir_all(dir)?;
        let mut scans = open_files(&*disk, dir)?;
        let (files, durable) = chain(&mut scans, around)?;
        let next_number = scans.last().map_or(1, |(number, _)| number + 1);
        let end = files.last().map_or(0, |file| file.end);
        let tail = scans.pop().filter(|_| durable < end).map(|(_, scan)| (scan, durable));
        let wal = Self {
            disk,
            dir: dir.to_owned(),
            options,
            queue: Mutex::new(Queue::new(files, end)),
            wake: Condvar::new(),
            writer: Mutex::new(Writer::new(next_number, tail)),
        };
        wal.settle()?;
        Ok(wal)
    }

    /// Appends one record, given in parts, and returns its position once it is durable.
    pub fn append(&self, parts: Vec<Bytes>) -> Result<Position> {
        let ticket = self.enqueue(parts)?;
        self.wait(&ticket)?;
        Ok(ticket.position)
    }

    /// Visits all durable records from `position` on, in order, with the position of each. Damage is an error.
    pub fn read_from(
        &self,
        position: Position,
        visitor: &mut dyn FnMut(Position, &[u8]) -> Result<()>,
    ) -> Result<()> {
        self.read_around(position, visitor, &mut |hole| Err(hole.error))
    }

    /// The same; where a record's payload is damaged, `hole` is called instead and decides whether to go on.
    pub fn read_around(
        &self,
        position: Position,
        visitor: &mut dyn FnMut(Position, &[u8]) -> Result<()>,
        hole: &mut dyn FnMut(Hole) -> Result<()>,
    ) -> Result<()> {
        let (files, begin) = {
            let queue = self.queue.lock();
            (queue.files.clone(), queue.begin())
        };
        if position < begin {
            let dir = &self.dir;
            let message =
                format!("the log {dir} begins at position {begin}, records from {position} are gone");
            return Err(Error::damaged(message));
        }
        for file in files.iter().filter(|file| !file.truncated && file.end > position.max(file.first)) {
            let mut scan = Scan::open(&*self.disk, &self.dir, &file_name(file.number))?;
            scan.visit(position.max(file.first), file.end, visitor, hole)?;
        }
        Ok(())
    }

    /// Just after the newest durable record.
    pub fn end(&self) -> Position {
        self.queue.lock().durable
    }

    /// The oldest position that [`FileWal::read_from`] can start at.
    pub fn begin(&self) -> Position {
        self.queue.lock().begin()
    }

    /// Bytes of all files of the log.
    pub fn size_bytes(&self) -> u64 {
        self.queue.lock().files.iter().map(|file| file.bytes).sum()
    }
}

impl fmt::Debug for FileWal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileWal").field("dir", &self.dir).field("end", &self.end()).finish_non_exhaustive()
    }
}

/// Opens all files of a log in the order of their numbers; what a crash left half made goes away.
fn open_files(disk: &dyn Disk, dir: &str) -> Result<Vec<(u64, Scan)>> {
    let mut scans = Vec::new();
    for name in disk.list(dir)? {
        match file_number(&name) {
            Some(number) => scans.push((number, Scan::open(disk, dir, &name)?)),
            None if name.ends_with(".tmp") => disk.remove(&join(dir, &name))?,
            None => return Err(Error::damaged(format!("{} does not belong in a log", join(dir, &name)))),
        }
    }
    scans.sort_by_key(|(number, _)| *number);
    Ok(scans)
}

fn too_large(len: usize) -> Error {
    let message = format!("a log record of {len} bytes is too large, the limit is {}", layout::MAX_PAYLOAD);
    Error::new(ErrorKind::ParameterTooLarge, message)
}
