//! An object in numbered versions, each written whole and only once.
//!
//! A version is one file. It is written under another name, synced, and then given its name only if that is
//! free: two writers can never both believe that they made version N. Byte layout: docs/formats/versioned.md.

use crate::disk::{Disk, Published, join};
use elanus_types::{Error, Result};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;

const FORMAT: u32 = 0;
const HEADER: usize = 40;
/// The name of the version being written.
const TEMPORARY: &str = "next.tmp";

/// The versions of one object in a folder of its own.
pub struct Versioned {
    disk: Arc<dyn Disk>,
    dir: String,
    magic: [u8; 8],
    /// One commit at a time: they share the temporary name.
    commit: Mutex<()>,
}

impl Versioned {
    /// Opens the object kept in `dir`, making the folder; `magic` says what kind of object it is.
    pub fn open(disk: Arc<dyn Disk>, dir: &str, magic: [u8; 8]) -> Result<Self> {
        disk.create_dir_all(dir)?;
        // A version that an earlier process published just before it died may not be on the disk yet. It will
        // be read and acted upon now, so a power loss must not take it back.
        disk.sync_dir(dir)?;
        Ok(Self { disk, dir: dir.to_owned(), magic, commit: Mutex::new(()) })
    }

    /// The newest version and its number; `None` before the first. A newest version that is damaged is an
    /// error: an older one may be wrong to use, which only the caller can tell.
    pub fn load_newest(&self) -> Result<Option<(u64, Vec<u8>)>> {
        match self.versions()?.last() {
            Some(&newest) => Ok(Some((newest, self.load(newest)?))),
            None => Ok(None),
        }
    }

    /// One version.
    pub fn load(&self, version: u64) -> Result<Vec<u8>> {
        let path = self.path(version);
        decode(self.disk.read(&path)?, self.magic, version).map_err(|reason| reason.context(path))
    }

    /// Numbers of the versions there are, ascending.
    pub fn versions(&self) -> Result<Vec<u64>> {
        Ok(self.disk.list(&self.dir)?.iter().filter_map(|name| number(name)).collect())
    }

    /// Writes `version`, which must be above all others; when this returns it lasts and is the newest.
    ///
    /// After an error the version may or may not exist: read the newest again before going on, and do not
    /// remove what either version names until then.
    pub fn commit(&self, version: u64, bytes: &[u8]) -> Result<()> {
        let _one_at_a_time = self.commit.lock();
        if let Some(newest) = self.versions()?.last().filter(|newest| **newest >= version) {
            return Err(self.overtaken(version, *newest));
        }
        let temporary = join(&self.dir, TEMPORARY);
        self.disk.remove(&temporary)?;
        let published = self.write(&temporary, version, bytes);
        if let Err(error) = self.disk.remove(&temporary) {
            tracing::debug!(%error, "a temporary file stays until the next commit");
        }
        if published? == Published::Exists {
            return Err(self.overtaken(version, version));
        }
        self.disk.sync_dir(&self.dir)?;
        match self.versions()?.last() {
            Some(&newest) if newest == version => Ok(()),
            newest => Err(self.overtaken(version, newest.copied().unwrap_or(0))),
        }
    }

    /// Removes all but the newest `keep` versions; the newest always stays.
    pub fn prune(&self, keep: usize) -> Result<()> {
        let versions = self.versions()?;
        let old = versions.len().saturating_sub(keep.max(1));
        for version in versions.iter().take(old) {
            self.disk.remove(&self.path(*version))?;
        }
        if old > 0 { self.disk.sync_dir(&self.dir) } else { Ok(()) }
    }

    fn write(&self, temporary: &str, version: u64, bytes: &[u8]) -> Result<Published> {
        let mut file = self.disk.create(temporary)?;
        file.append(&[&header(self.magic, version, bytes), bytes])?;
        file.sync()?;
        self.disk.publish(temporary, &self.path(version))
    }

    fn path(&self, version: u64) -> String {
        join(&self.dir, &format!("{version:020}"))
    }

    fn overtaken(&self, version: u64, newest: u64) -> Error {
        let dir = &self.dir;
        Error::internal(format!("cannot commit version {version} of {dir}: version {newest} exists already"))
    }
}

impl fmt::Debug for Versioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned").field("dir", &self.dir).finish_non_exhaustive()
    }
}

fn number(name: &str) -> Option<u64> {
    (name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.parse().ok())?
}

fn header(magic: [u8; 8], version: u64, bytes: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&magic);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    header[12..16].copy_from_slice(&crc32c::crc32c(bytes).to_le_bytes());
    header[16..24].copy_from_slice(&version.to_le_bytes());
    header[24..32].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    let crc = crc32c::crc32c(&header[..32]);
    header[32..36].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The object inside a version's file.
fn decode(mut file: Vec<u8>, magic: [u8; 8], version: u64) -> Result<Vec<u8>> {
    let Some((found, bytes)) = file.split_at_checked(HEADER) else {
        return Err(Error::damaged(format!("is cut off: {} bytes, not even its header", file.len())));
    };
    if found[..8] != magic {
        let expected = String::from_utf8_lossy(&magic).into_owned();
        return Err(Error::damaged(format!("does not begin with {expected}")));
    }
    let format = found[8..12].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
    if format != FORMAT {
        return Err(Error::damaged(format!("has format {format}, this build reads format {FORMAT}")));
    }
    if found != header(magic, version, bytes) {
        return Err(Error::damaged("is damaged: its checksum does not match".to_owned()));
    }
    file.drain(..HEADER);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalDisk;
    use crate::testing::TempDir;
    use elanus_types::ErrorKind;

    fn store(root: &TempDir) -> Versioned {
        let disk = Arc::new(LocalDisk::open(root.path()).expect("folder"));
        Versioned::open(disk, "catalog", *b"TESTTEST").expect("store")
    }

    #[test]
    fn newest_version_wins_and_none_is_written_twice() {
        let root = TempDir::new();
        let store = store(&root);
        assert_eq!(store.load_newest(), Ok(None));
        assert_eq!(store.commit(1, b"one"), Ok(()));
        assert_eq!(store.commit(2, b""), Ok(()));
        assert_eq!(store.load_newest(), Ok(Some((2, Vec::new()))));
        assert_eq!(store.load(1), Ok(b"one".to_vec()));
        let twice = store.commit(2, b"other").expect_err("taken");
        assert!(twice.message().contains("version 2 exists already"), "{twice}");
        assert_eq!(store.commit(7, b"seven"), Ok(()));
        assert_eq!(store.prune(2), Ok(()));
        assert_eq!(store.versions(), Ok(vec![2, 7]));
        assert_eq!(store.prune(0), Ok(()));
        assert_eq!(store.versions(), Ok(vec![7]), "the newest is never pruned");
    }

    #[test]
    fn damage_is_named_and_never_hidden_by_an_older_version() {
        let root = TempDir::new();
        let store = store(&root);
        store.commit(1, b"one").expect("commit");
        store.commit(2, b"two").expect("commit");
        let path = root.path().join("catalog/00000000000000000002");
        let whole = std::fs::read(&path).expect("file");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            std::fs::write(&path, &bytes).expect("write");
            let error = store.load_newest().expect_err("damaged");
            assert_eq!(error.kind(), ErrorKind::Damaged, "byte {at}");
            assert!(error.message().starts_with("catalog/00000000000000000002: "), "{error}");
        }
        for len in 0..whole.len() {
            std::fs::write(&path, &whole[..len]).expect("write");
            assert_eq!(store.load_newest().map_err(|error| error.kind()), Err(ErrorKind::Damaged));
        }
    }
}
