//! A folder of the local file system.

mod lock;
#[cfg(test)]
mod tests;

pub use lock::FolderLock;

use crate::Mapped;
use crate::disk::{AppendFile, Disk, Published, ReadFile, check_path, split};
use elanus_types::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fewer bytes are not worth a hint.
const RELEASE_BYTES: u64 = 1 << 20;

/// Files below one folder.
#[derive(Clone, Debug)]
pub struct LocalDisk {
    root: PathBuf,
}

impl LocalDisk {
    /// Opens the folder, making it when it does not exist.
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        let named = |error| Error::io(format!("create the data folder {}", root.display()), &error);
        fs::create_dir_all(root).map_err(named)?;
        let root = fs::canonicalize(root).map_err(named)?;
        let disk = Self { root };
        if let Some(parent) = disk.root.parent() {
            // Its own name in the folder above should last too; where that folder is not ours to open, it
            // was there before us.
            let _ = File::open(parent).and_then(|dir| dir.sync_all());
        }
        Ok(disk)
    }

    /// Takes the folder for this process; an error that says who has it otherwise.
    pub fn lock(&self) -> Result<FolderLock> {
        FolderLock::acquire(&self.root)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn full(&self, path: &str) -> Result<PathBuf> {
        check_path(path)?;
        Ok(self.root.join(path))
    }

    fn sync_one(&self, dir: &str) -> Result<()> {
        let full = self.full(dir)?;
        let synced = File::open(&full).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Error::io(format!("sync folder {}", full.display()), &error))
    }
}

impl Disk for LocalDisk {
    fn create_dir_all(&self, dir: &str) -> Result<()> {
        let full = self.full(dir)?;
        let (parent, _) = split(dir);
        if dir.is_empty() {
            return Ok(());
        }
        self.create_dir_all(parent)?;
        match fs::create_dir(&full) {
            // A name that an earlier process made just before it died may not be on the disk yet.
            Ok(()) => self.sync_one(parent),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && full.is_dir() => {
                self.sync_one(parent)
            }
            Err(error) => Err(Error::io(format!("create folder {}", full.display()), &error)),
        }
    }

    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>> {
        let full = self.full(path)?;
        let file = OpenOptions::new().create_new(true).append(true).open(&full);
        let file = file.map_err(|error| Error::io(format!("create {}", full.display()), &error))?;
        Ok(Box::new(LocalAppend { file, path: full, len: 0, released: 0 }))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn ReadFile>> {
        let full = self.full(path)?;
        let opened = File::open(&full).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (len, file) = opened.map_err(|error| Error::io(format!("open {}", full.display()), &error))?;
        Ok(Arc::new(LocalRead { file, path: full, len }))
    }

    fn map(&self, path: &str) -> Result<Mapped> {
        let full = self.full(path)?;
        let mapped = File::open(&full).and_then(|file| Mapped::map(&file));
        mapped.map_err(|error| Error::io(format!("map {}", full.display()), &error))
    }

    fn publish(&self, path: &str, name: &str) -> Result<Published> {
        let (from, to) = (self.full(path)?, self.full(name)?);
        match fs::hard_link(&from, &to) {
            Ok(()) => Ok(Published::Created),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Published::Exists),
            Err(error) => Err(Error::io(format!("link {} to {}", from.display(), to.display()), &error)),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let full = self.full(dir)?;
        let named = |error| Error::io(format!("list folder {}", full.display()), &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&full).map_err(named)? {
            let entry = entry.map_err(named)?;
            // Names that are no text were not made by us.
            let Ok(mut name) = entry.file_name().into_string() else { continue };
            if entry.file_type().map_err(named)?.is_dir() {
                name.push('/');
            }
            names.push(name);
        }
        names.sort_unstable();
        Ok(names)
    }

    fn remove(&self, path: &str) -> Result<()> {
        let full = self.full(path)?;
        let folder = fs::symlink_metadata(&full).is_ok_and(|entry| entry.is_dir());
        match if folder { fs::remove_dir(&full) } else { fs::remove_file(&full) } {
            Ok(()) => Ok(()),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(()),
                _ => Err(Error::io(format!("remove {}", full.display()), &error)),
            },
        }
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.sync_one(dir)
    }
}

struct LocalAppend {
    file: File,
    path: PathBuf,
    len: u64,
    /// Bytes that the system was told it need not keep in memory.
    released: u64,
}

impl AppendFile for LocalAppend {
    fn append(&mut self, parts: &[&[u8]]) -> Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let written = write_all(&mut self.file, &mut slices);
        written.map_err(|error| Error::io(format!("write {}", self.path.display()), &error))?;
        self.len += parts.iter().map(|part| part.len() as u64).sum::<u64>();
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.file.sync_data().map_err(|error| Error::io(format!("sync {}", self.path.display()), &error))
    }

    fn release(&mut self) {
        if self.len - self.released >= RELEASE_BYTES {
            drop_from_cache(&self.file, self.released, self.len);
            self.released = self.len;
        }
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Pages of a file that is only written are worth less than what they displace, and taking used pages again is
/// faster than taking fresh ones.
#[cfg(target_os = "linux")]
fn drop_from_cache(file: &File, from: u64, to: u64) {
    let len = std::num::NonZeroU64::new(to - from);
    // Only a hint: nothing depends on it.
    let _ = rustix::fs::fadvise(file, from, len, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn drop_from_cache(_: &File, _: u64, _: u64) {}

fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

struct LocalRead {
    file: File,
    path: PathBuf,
    len: u64,
}

impl ReadFile for LocalRead {
    fn read_at(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        if offset.checked_add(len as u64).is_none_or(|end| end > self.len) {
            let path = self.path.display();
            return Err(Error::damaged(format!("{path} ends at {}, not at {offset} + {len}", self.len)));
        }
        let mut bytes = vec![0; len];
        let read = read_exact_at(&self.file, &mut bytes, offset);
        read.map_err(|error| {
            Error::io(format!("read {len} bytes at {offset} of {}", self.path.display()), &error)
        })?;
        Ok(bytes)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
