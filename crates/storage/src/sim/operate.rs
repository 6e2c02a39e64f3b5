//! The simulated disk as a [`Disk`].

use super::fault::Operation;
use super::file::File;
use super::handle::{SimAppend, SimRead};
use super::tree::{Folder, Node};
use super::{SimDisk, State, missing, wrong};
use crate::Mapped;
use crate::disk::{AppendFile, Disk, Published, ReadFile, check_path, split};
use elanus_types::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl SimDisk {
    /// Does `work`, unless the operation is to fail: then, by chance, does it all the same and says it failed.
    fn operate<T>(
        &self,
        operation: Operation,
        path: &str,
        work: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        check_path(path)?;
        let mut state = self.0.lock();
        match state.plan.next(operation, path)? {
            None => work(&mut state),
            Some(failure) => {
                if state.random.coin() {
                    // Its outcome would not reach the caller either.
                    let _ = work(&mut state);
                }
                Err(failure)
            }
        }
    }
}

impl State {
    /// Space for more bytes.
    pub fn free(&self) -> u64 {
        self.plan.capacity.saturating_sub(self.used.load(Ordering::Relaxed))
    }

    /// A full disk has no place for names either.
    fn room(&self, what: &str, path: &str) -> Result<()> {
        match self.free() {
            0 => Err(full(what, path)),
            _ => Ok(()),
        }
    }

    fn parent(&self, what: &str, path: &str) -> Result<(Arc<Folder>, String)> {
        let (parent, name) = split(path);
        let folder = self.root.subfolder(parent).filter(|_| !name.is_empty());
        Ok((folder.ok_or_else(|| missing(what, path))?, name.to_owned()))
    }

    fn file(&self, what: &str, path: &str) -> Result<Arc<File>> {
        match self.root.find(path) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(missing(what, path)),
        }
    }

    fn create_dir_all(&mut self, dir: &str) -> Result<()> {
        let mut folder = self.root.clone();
        for name in dir.split('/').filter(|name| !name.is_empty()) {
            let next = match folder.get(name) {
                Some(Node::Folder(next)) => next,
                Some(Node::File(_)) => return Err(wrong("create folder", dir, "a file has this name")),
                None => {
                    self.room("create folder", dir)?;
                    let next = Arc::<Folder>::default();
                    folder.set(name, Some(Node::Folder(next.clone())));
                    next
                }
            };
            folder.sync();
            folder = next;
        }
        Ok(())
    }

    fn create(&mut self, path: &str) -> Result<Arc<File>> {
        let (folder, name) = self.parent("create", path)?;
        if folder.get(&name).is_some() {
            return Err(wrong("create", path, "the name is taken"));
        }
        self.room("create", path)?;
        let file = File::new(Vec::new(), &self.used);
        folder.set(&name, Some(Node::File(file.clone())));
        Ok(file)
    }

    fn publish(&mut self, path: &str, name: &str) -> Result<Published> {
        let file = self.file("link", path)?;
        let (folder, last) = self.parent("link", name)?;
        if folder.get(&last).is_some() {
            return Ok(Published::Exists);
        }
        self.room("link", name)?;
        folder.set(&last, Some(Node::File(file)));
        Ok(Published::Created)
    }

    fn remove(&mut self, path: &str) -> Result<()> {
        let (parent, name) = split(path);
        let Some(folder) = self.root.subfolder(parent) else { return Ok(()) };
        match folder.get(name) {
            None => return Ok(()),
            Some(Node::Folder(inner)) if !inner.is_empty() => {
                return Err(wrong("remove", path, "the folder is not empty"));
            }
            Some(_) => folder.set(name, None),
        }
        Ok(())
    }
}

impl Disk for SimDisk {
    fn create_dir_all(&self, dir: &str) -> Result<()> {
        self.operate(Operation::CreateDir, dir, |state| state.create_dir_all(dir))
    }

    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>> {
        let file = self.operate(Operation::Create, path, |state| state.create(path))?;
        Ok(Box::new(SimAppend::new(self.clone(), file, path)))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn ReadFile>> {
        let file = self.operate(Operation::Open, path, |state| state.file("open", path))?;
        Ok(Arc::new(SimRead::new(self.clone(), file, path)))
    }

    fn map(&self, path: &str) -> Result<Mapped> {
        let file = self.operate(Operation::Map, path, |state| state.file("map", path))?;
        let content = file.content();
        Ok(Mapped::copy_of(&content.bytes))
    }

    fn publish(&self, path: &str, name: &str) -> Result<Published> {
        check_path(name)?;
        self.operate(Operation::Publish, path, |state| state.publish(path, name))
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.operate(Operation::List, dir, |state| {
            let folder = state.root.subfolder(dir).ok_or_else(|| missing("list folder", dir))?;
            Ok(folder.names())
        })
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.operate(Operation::Remove, path, |state| state.remove(path))
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.operate(Operation::SyncDir, dir, |state| {
            state.root.subfolder(dir).ok_or_else(|| missing("sync folder", dir))?.sync();
            Ok(())
        })
    }
}

pub(super) fn full(what: &str, path: &str) -> Error {
    Error::new(ErrorKind::DiskFull, format!("{what} {path:?}: no space left on the simulated disk"))
}
