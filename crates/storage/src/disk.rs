//! The one door to local files.

use crate::Mapped;
use elanus_types::{Error, Result};
use std::sync::Arc;

/// What [`Disk::publish`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The name was free and now belongs to the file.
    Created,
    /// The name was taken; nothing changed.
    Exists,
}

/// A tree of files and folders.
///
/// Paths are relative, parts separated by `/`; the empty path is the root. Two things decide what survives a
/// crash: the bytes of a file last after [`AppendFile::sync`], its *name* lasts after [`Disk::sync_dir`] of the
/// folder it is in. The same holds for a removed name. Errors carry the path; a full disk has the kind
/// `DiskFull`.
pub trait Disk: Send + Sync {
    /// Makes the folder and those above it. When this returns, they last.
    fn create_dir_all(&self, dir: &str) -> Result<()>;

    /// Makes a new, empty file; an error when the name is taken.
    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>>;

    /// Opens a file for reading.
    fn open(&self, path: &str) -> Result<Arc<dyn ReadFile>>;

    /// Maps a whole file that nobody writes any more.
    fn map(&self, path: &str) -> Result<Mapped>;

    /// Gives the file `path` a second name, unless that name is taken. Both names are then the same file.
    fn publish(&self, path: &str, name: &str) -> Result<Published>;

    /// Names in a folder, sorted; those of folders end in `/`. A missing folder is an error.
    fn list(&self, dir: &str) -> Result<Vec<String>>;

    /// Removes a file's name or an empty folder; fine when there is none. Open and mapped files stay readable.
    fn remove(&self, path: &str) -> Result<()>;

    /// Makes the names in a folder last as they are now.
    fn sync_dir(&self, dir: &str) -> Result<()>;

    /// Reads a whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>> {
        let file = self.open(path)?;
        file.read_at(0, to_usize(file.len(), path)?)
    }

    /// Whether a file or a folder has this name.
    fn exists(&self, path: &str) -> Result<bool> {
        let (dir, name) = split(path);
        Ok(self.list(dir)?.iter().any(|entry| entry.strip_suffix('/').unwrap_or(entry) == name))
    }

    /// Removes a folder and all it holds; fine when there is none.
    fn remove_dir_all(&self, dir: &str) -> Result<()> {
        let (parent, _) = split(dir);
        if !self.exists(dir)? {
            return Ok(());
        }
        for entry in self.list(dir)? {
            match entry.strip_suffix('/') {
                Some(folder) => self.remove_dir_all(&join(dir, folder))?,
                None => self.remove(&join(dir, &entry))?,
            }
        }
        self.remove(dir)?;
        self.sync_dir(parent)
    }
}

/// A file being written, always at its end.
pub trait AppendFile: Send {
    /// Appends the parts one after the other. After an error an unknown beginning of them may be in the file.
    fn append(&mut self, parts: &[&[u8]]) -> Result<()>;

    /// Makes all appended bytes last. After an error nobody knows which did, and a second call that succeeds
    /// proves nothing: the file must be given up.
    fn sync(&mut self) -> Result<()>;

    /// A hint that the synced bytes will not be read soon: the system need not keep them in memory.
    fn release(&mut self) {}

    /// Bytes appended so far.
    fn len(&self) -> u64;

    /// True before the first byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A file being read.
pub trait ReadFile: Send + Sync {
    /// Exactly `len` bytes from `offset`; an error when the file ends before.
    fn read_at(&self, offset: u64, len: usize) -> Result<Vec<u8>>;

    /// Length at the time of opening.
    fn len(&self) -> u64;

    /// True for an empty file.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `dir/name`, or `name` in the root.
pub fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// Folder and last part of a path.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Refuses paths that could leave the root or mean different things on different systems.
pub(crate) fn check_path(path: &str) -> Result<()> {
    let legal =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':']);
    match path.is_empty() || path.split('/').all(legal) {
        true => Ok(()),
        false => Err(Error::internal(format!("{path:?} is not a relative path of plain names"))),
    }
}

pub(crate) fn to_usize(len: u64, path: &str) -> Result<usize> {
    usize::try_from(len)
        .map_err(|_| Error::internal(format!("{path} is too large for this machine: {len} bytes")))
}
