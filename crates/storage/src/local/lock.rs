//! One process per folder.

use elanus_types::{Error, ErrorKind, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The name of the file that carries the lock.
const LOCK_FILE: &str = "LOCK";

/// Held by the one process that may write to a folder; dropping it, or dying, gives it back.
#[derive(Debug)]
pub struct FolderLock(File);

impl FolderLock {
    pub(super) fn acquire(root: &Path) -> Result<Self> {
        let path = root.join(LOCK_FILE);
        let named = |error: std::io::Error| Error::io(format!("open {}", path.display()), &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(named)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(root, &mut file)),
            Err(TryLockError::Error(error)) => return Err(named(error)),
        }
        // The number only helps a person who meets the lock; the lock does not depend on it.
        let note = format!("{}\n", std::process::id());
        let written = file.set_len(0).and_then(|()| file.write_all(note.as_bytes()));
        if let Err(error) = written {
            tracing::debug!(%error, "cannot note the process number in the lock file");
        }
        Ok(Self(file))
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "cannot unlock the data folder; it is free once the process ends");
        }
    }
}

fn in_use(root: &Path, file: &mut File) -> Error {
    let mut holder = String::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(20).read_to_string(&mut holder));
    let process = match (read, holder.trim()) {
        (Ok(_), number) if !number.is_empty() => format!(" (process {number})"),
        _ => String::new(),
    };
    let message = format!(
        "the data folder {} is in use by another elanus{process}; stop it or choose another folder",
        root.display()
    );
    Error::new(ErrorKind::Unavailable, message)
}
