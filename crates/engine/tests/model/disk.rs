//! A simulated disk that lets something else happen in the middle of an operation on a collection's files, as other
//! threads do.

use elanus_storage::disk::{AppendFile, Disk, Published, ReadFile};
use elanus_storage::{Mapped, SimDisk};
use elanus_types::Result;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Work = Box<dyn FnOnce() + Send>;

/// When something else happens, and what.
#[derive(Clone, Default)]
pub struct Interruption(Arc<Mutex<Option<Planned>>>);

struct Planned {
    /// After so many operations.
    after: u64,
    moment: Moment,
    work: Work,
}

/// Which operations count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// Any on a collection's files.
    Any,
    /// A new file of a segment.
    NewFile,
}

impl Interruption {
    pub fn plan(&self, after: u64, moment: Moment, work: Work) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Planned { after, moment, work });
    }

    /// Forgets what has not happened yet.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn passes(&self, path: &str, moment: Moment) {
        // Delete files are written under a lock that a change of the catalog takes, too.
        if !path.starts_with("collections/") || path.contains("/deletes-") {
            return;
        }
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match planned.as_mut() {
            Some(Planned { moment: Moment::NewFile, .. })
                if moment != Moment::NewFile || path.contains("/manifest/") => {}
            Some(Planned { after: after @ 1.., .. }) => *after -= 1,
            _ => {
                let due = planned.take();
                drop(planned);
                due.into_iter().for_each(|planned| (planned.work)());
            }
        }
    }
}

pub struct InterruptedDisk {
    pub disk: SimDisk,
    pub interruption: Interruption,
    /// Syncs take time, so that writers meet.
    pub slow: bool,
}

/// A file that is synced slowly.
struct SlowFile(Box<dyn AppendFile>);

impl AppendFile for SlowFile {
    fn append(&mut self, parts: &[&[u8]]) -> Result<()> {
        self.0.append(parts)
    }

    fn sync(&mut self) -> Result<()> {
        std::thread::sleep(Duration::from_micros(50));
        self.0.sync()
    }

    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl Disk for InterruptedDisk {
    fn create_dir_all(&self, dir: &str) -> Result<()> {
        self.disk.create_dir_all(dir)
    }

    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>> {
        self.interruption.passes(path, Moment::NewFile);
        let file = self.disk.create(path)?;
        Ok(if self.slow { Box::new(SlowFile(file)) } else { file })
    }

    fn open(&self, path: &str) -> Result<Arc<dyn ReadFile>> {
        self.disk.open(path)
    }

    fn map(&self, path: &str) -> Result<Mapped> {
        self.interruption.passes(path, Moment::Any);
        self.disk.map(path)
    }

    fn publish(&self, path: &str, name: &str) -> Result<Published> {
        self.interruption.passes(path, Moment::Any);
        self.disk.publish(path, name)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.interruption.passes(dir, Moment::Any);
        self.disk.list(dir)
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &str) -> Result<()> {
        self.disk.sync_dir(dir)
    }
}
