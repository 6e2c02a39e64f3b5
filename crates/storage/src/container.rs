//! A few byte strings in one file of our own layout.
//!
//! Magic, format version, then for every part its place, length and checksum, then a checksum over all that; the
//! parts follow, each beginning at a multiple of 64.

use crate::{BlockWriter, Disk, FinishedFile, Mapped};
use elanus_types::{Error, Result};

/// The version of the layout.
const FORMAT: u32 = 0;
const ALIGNMENT: usize = 64;
/// Magic, version, number of parts.
const HEAD: usize = 16;
/// Place, length, checksum, four zeros.
const ENTRY: usize = 24;

/// Writes `parts` to a new file and syncs it; its name lasts once the folder is synced.
pub fn write_container(
    disk: &dyn Disk,
    path: &str,
    magic: &[u8; 8],
    parts: &[&[u8]],
) -> Result<FinishedFile> {
    let mut head = magic.to_vec();
    head.extend_from_slice(&FORMAT.to_le_bytes());
    head.extend_from_slice(&(parts.len() as u32).to_le_bytes());
    let mut place = (HEAD + parts.len() * ENTRY + 4).next_multiple_of(ALIGNMENT);
    for part in parts {
        head.extend_from_slice(&(place as u64).to_le_bytes());
        head.extend_from_slice(&(part.len() as u64).to_le_bytes());
        head.extend_from_slice(&crc32c::crc32c(part).to_le_bytes());
        head.extend_from_slice(&[0; 4]);
        place = (place + part.len()).next_multiple_of(ALIGNMENT);
    }
    head.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
    let mut file = BlockWriter::create(disk, path)?;
    file.append(&[&head])?;
    for part in parts {
        file.align(ALIGNMENT)?;
        file.append(&[part])?;
    }
    file.finish()
}

/// An open container.
#[derive(Clone, Debug)]
pub struct Container {
    path: String,
    parts: Vec<(Mapped, u32)>,
}

impl Container {
    /// Maps a file of `bytes` bytes and checks its head. The parts themselves are not read.
    pub fn open(disk: &dyn Disk, path: &str, magic: &[u8; 8], bytes: u64) -> Result<Self> {
        let map = disk.map(path)?;
        if map.len() as u64 != bytes {
            let found = map.len();
            return Err(Error::damaged(format!(
                "{path} has {found} bytes, not the {bytes} it was written with"
            )));
        }
        if !map.starts_with(magic) {
            let magic = String::from_utf8_lossy(magic);
            return Err(Error::damaged(format!("{path} does not begin with {magic}")));
        }
        match number(&map, 8) {
            Some(FORMAT) => {}
            other => {
                let other =
                    other.map_or_else(|| "no format version".to_owned(), |other| format!("format {other}"));
                return Err(Error::damaged(format!(
                    "{path} has {other}, this version reads {FORMAT}: use the version that wrote it"
                )));
            }
        }
        let parts = parts(&map).ok_or_else(|| Error::damaged(format!("{path} is damaged in its head")))?;
        Ok(Self { path: path.to_owned(), parts })
    }

    /// The parts; an error unless there are exactly `N`.
    pub fn parts<const N: usize>(&self) -> Result<[Mapped; N]> {
        let parts: Vec<Mapped> = self.parts.iter().map(|(part, _)| part.clone()).collect();
        let count = parts.len();
        parts
            .try_into()
            .map_err(|_| Error::damaged(format!("{} has {count} parts in place of {N}", self.path)))
    }

    /// Reads every part and compares it with its checksum.
    pub fn check(&self) -> Result<()> {
        match self.parts.iter().position(|(part, crc)| crc32c::crc32c(part) != *crc) {
            None => Ok(()),
            Some(part) => Err(Error::damaged(format!("{} is damaged in part {part}", self.path))),
        }
    }
}

fn parts(map: &Mapped) -> Option<Vec<(Mapped, u32)>> {
    let count = number(map, 12)? as usize;
    let end = HEAD.checked_add(count.checked_mul(ENTRY)?)?;
    (number(map, end)? == crc32c::crc32c(map.get(..end)?)).then_some(())?;
    let entry = |i: usize| {
        let at = HEAD + i * ENTRY;
        let place = usize::try_from(long(map, at)?).ok()?;
        let len = usize::try_from(long(map, at + 8)?).ok()?;
        Some((map.slice(place..place.checked_add(len)?)?, number(map, at + 16)?))
    };
    (0..count).map(entry).collect()
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalDisk;
    use crate::testing::TempDir;

    const MAGIC: &[u8; 8] = b"ELANUSTT";

    #[test]
    fn parts_come_back_aligned() {
        let dir = TempDir::new();
        let disk = LocalDisk::open(dir.path()).unwrap();
        let long = vec![7; 1000];
        let file = write_container(&disk, "file", MAGIC, &[b"a", b"", &long]).unwrap();
        let container = Container::open(&disk, "file", MAGIC, file.bytes).unwrap();
        container.check().unwrap();
        let [a, b, c] = container.parts().unwrap();
        assert_eq!((&a[..], &b[..], &c[..]), (&b"a"[..], &b""[..], &long[..]));
        assert!(c.as_ptr().addr().is_multiple_of(64));
        assert!(container.parts::<2>().is_err());
        assert!(Container::open(&disk, "file", b"ELANUSXX", file.bytes).is_err());
        assert!(Container::open(&disk, "file", MAGIC, file.bytes + 1).is_err());
    }

    #[test]
    fn every_flip_is_found() {
        let dir = TempDir::new();
        let disk = LocalDisk::open(dir.path()).unwrap();
        let file = write_container(&disk, "file", MAGIC, &[&[1; 70], &[2; 9]]).unwrap();
        let good = disk.read("file").unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 4;
            let name = format!("flip{at}");
            disk.create(&name).unwrap().append(&[&bad]).unwrap();
            let found =
                Container::open(&disk, &name, MAGIC, file.bytes).and_then(|container| container.check());
            // Padding carries nothing.
            let padding = (68..128).contains(&at) || (198..256).contains(&at);
            assert_eq!(found.is_err(), !padding, "byte {at}");
            assert!(crate::check_blocks(&name, &bad, &file.checksums).is_err());
        }
        for len in 0..good.len() {
            let name = format!("cut{len}");
            disk.create(&name).unwrap().append(&[&good[..len]]).unwrap();
            assert!(
                Container::open(&disk, &name, MAGIC, len as u64)
                    .and_then(|container| container.check())
                    .is_err()
            );
        }
    }
}
