//! Open files of a simulated disk.

use super::SimDisk;
use super::fault::Operation;
use super::file::File;
use super::operate::full;
use crate::disk::{AppendFile, ReadFile};
use elanus_types::{Error, Result};
use std::sync::Arc;

pub(super) struct SimAppend {
    disk: SimDisk,
    file: Arc<File>,
    path: String,
    len: u64,
}

impl SimAppend {
    pub fn new(disk: SimDisk, file: Arc<File>, path: &str) -> Self {
        Self { disk, file, path: path.to_owned(), len: 0 }
    }
}

impl AppendFile for SimAppend {
    fn append(&mut self, parts: &[&[u8]]) -> Result<()> {
        let bytes = parts.concat();
        let mut state = self.disk.0.lock();
        if let Some(failure) = state.plan.next(Operation::Append, &self.path)? {
            let some = state.random.below(bytes.len() + 1);
            self.file.append(bytes.get(..some).unwrap_or_default());
            return Err(failure);
        }
        let free = usize::try_from(state.free()).unwrap_or(usize::MAX);
        if let Some(begin) = bytes.get(..free).filter(|begin| begin.len() < bytes.len()) {
            self.file.append(begin);
            return Err(full("write", &self.path));
        }
        self.file.append(&bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        let mut state = self.disk.0.lock();
        match state.plan.next(Operation::Sync, &self.path)? {
            None => self.file.sync(),
            Some(failure) => {
                self.file.lose();
                return Err(failure);
            }
        }
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }
}

pub(super) struct SimRead {
    disk: SimDisk,
    file: Arc<File>,
    path: String,
    len: u64,
}

impl SimRead {
    pub fn new(disk: SimDisk, file: Arc<File>, path: &str) -> Self {
        let len = file.len();
        Self { disk, file, path: path.to_owned(), len }
    }
}

impl ReadFile for SimRead {
    fn read_at(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        if let Some(failure) = self.disk.0.lock().plan.next(Operation::Read, &self.path)? {
            return Err(failure);
        }
        let content = self.file.content();
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| content.bytes.get(start..start.checked_add(len)?))
            .filter(|_| offset + len as u64 <= self.len);
        bytes.map(<[u8]>::to_vec).ok_or_else(|| {
            Error::damaged(format!("{} ends at {}, not at {offset} + {len}", self.path, self.len))
        })
    }

    fn len(&self) -> u64 {
        self.len
    }
}
