//! A disk with one folder that can be closed: calls on it wait, or fail.

use elanus_storage::disk::{AppendFile, Disk, Published, ReadFile};
use elanus_storage::{Mapped, SimDisk};
use elanus_types::{Error, ErrorKind, Result};
use std::sync::{Arc, Condvar, Mutex};

#[derive(Clone)]
enum Gate {
    Open,
    /// Calls below this folder wait.
    Waits(String),
    /// Calls below this folder fail.
    Fails(String, ErrorKind),
}

pub struct GateDisk {
    inner: SimDisk,
    gate: Mutex<Gate>,
    opened: Condvar,
}

impl GateDisk {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { inner: SimDisk::new(1), gate: Mutex::new(Gate::Open), opened: Condvar::new() })
    }

    pub fn wait_below(&self, folder: &str) {
        *self.gate.lock().expect("no panic") = Gate::Waits(folder.to_owned());
    }

    pub fn fail_below(&self, folder: &str, kind: ErrorKind) {
        *self.gate.lock().expect("no panic") = Gate::Fails(folder.to_owned(), kind);
    }

    pub fn open_gate(&self) {
        *self.gate.lock().expect("no panic") = Gate::Open;
        self.opened.notify_all();
    }

    fn pass(&self, path: &str) -> Result<()> {
        let mut gate = self.gate.lock().expect("no panic");
        loop {
            match &*gate {
                Gate::Waits(folder) if path.starts_with(folder) => {
                    gate = self.opened.wait(gate).expect("no panic");
                }
                Gate::Fails(folder, kind) if path.starts_with(folder) => {
                    return Err(Error::new(*kind, format!("{path}: on purpose")));
                }
                _ => return Ok(()),
            }
        }
    }
}

impl Disk for GateDisk {
    fn create_dir_all(&self, dir: &str) -> Result<()> {
        self.pass(dir)?;
        self.inner.create_dir_all(dir)
    }

    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>> {
        self.pass(path)?;
        self.inner.create(path)
    }

    fn open(&self, path: &str) -> Result<Arc<dyn ReadFile>> {
        self.pass(path)?;
        self.inner.open(path)
    }

    fn map(&self, path: &str) -> Result<Mapped> {
        self.pass(path)?;
        self.inner.map(path)
    }

    fn publish(&self, path: &str, name: &str) -> Result<Published> {
        self.pass(path)?;
        self.inner.publish(path, name)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.pass(dir)?;
        self.inner.list(dir)
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.pass(path)?;
        self.inner.remove(path)
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.pass(dir)?;
        self.inner.sync_dir(dir)
    }
}
