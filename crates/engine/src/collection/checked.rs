//! What the last check of a collection's files found, in a small file of its own. Losing it is no harm: then the files
//! are checked again.

use elanus_storage::{Disk, disk::join};
use elanus_types::Result;
use serde::{Deserialize, Serialize};

/// The file, in the collection's folder.
const NAME: &str = "checked";

/// Content of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// When every file had been compared with its checksums, in Unix milliseconds; 0 = never.
    pub finished: u64,
    /// Files whose rows were found damaged. Opening looks at them first.
    #[serde(default)]
    pub damaged: Vec<String>,
}

impl Checked {
    /// The file of a collection; as good as new when there is none or it is not readable.
    pub fn load(disk: &dyn Disk, dir: &str) -> Self {
        let path = join(dir, NAME);
        if !disk.exists(&path).unwrap_or(false) {
            return Self::default();
        }
        let bytes = disk.read(&path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes the file.
    pub(super) fn save(&self, disk: &dyn Disk, dir: &str) {
        if let Err(error) = self.write(disk, dir) {
            tracing::warn!(dir, %error, "cannot note what the check of files found");
        }
    }

    fn write(&self, disk: &dyn Disk, dir: &str) -> Result<()> {
        let path = join(dir, NAME);
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        disk.remove(&path)?;
        let mut file = disk.create(&path)?;
        file.append(&[&bytes])?;
        file.sync()?;
        disk.sync_dir(dir)
    }
}
