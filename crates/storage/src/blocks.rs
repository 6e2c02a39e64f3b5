//! Files that are written once and never change, with a checksum for every block.

use crate::{AppendFile, Disk, ReadFile};
use elanus_types::{Error, Result};
use std::sync::Arc;

/// Bytes under one checksum; the last block of a file is shorter.
pub const BLOCK_BYTES: usize = 1 << 20;

/// A finished file, as whoever names it (a manifest) should remember it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinishedFile {
    /// Exact length.
    pub bytes: u64,
    /// CRC-32C of every block.
    pub checksums: Vec<u32>,
}

/// Writes a new file from its beginning to its end.
pub struct BlockWriter {
    file: Box<dyn AppendFile>,
    checksums: Vec<u32>,
    crc: u32,
    filled: usize,
}

impl BlockWriter {
    /// Begins a file; an error when the name is taken.
    pub fn create(disk: &dyn Disk, path: &str) -> Result<Self> {
        Ok(Self { file: disk.create(path)?, checksums: Vec::new(), crc: 0, filled: 0 })
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        self.file.len()
    }

    /// True before the first byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the parts one after the other.
    pub fn append(&mut self, parts: &[&[u8]]) -> Result<()> {
        self.file.append(parts)?;
        parts.iter().for_each(|part| self.count(part));
        Ok(())
    }

    /// Appends zeros up to a multiple of `alignment`.
    pub fn align(&mut self, alignment: usize) -> Result<()> {
        let zeros = (self.len().next_multiple_of(alignment as u64) - self.len()) as usize;
        self.append(&[&vec![0; zeros]])
    }

    fn count(&mut self, mut part: &[u8]) {
        while !part.is_empty() {
            let (now, later) = part.split_at(part.len().min(BLOCK_BYTES - self.filled));
            self.crc = crc32c::crc32c_append(self.crc, now);
            self.filled += now.len();
            if self.filled == BLOCK_BYTES {
                self.checksums.push(std::mem::take(&mut self.crc));
                self.filled = 0;
            }
            part = later;
        }
    }

    /// Makes the bytes last. The name lasts once the folder is synced.
    pub fn finish(mut self) -> Result<FinishedFile> {
        self.file.sync()?;
        if self.filled > 0 {
            self.checksums.push(self.crc);
        }
        Ok(FinishedFile { bytes: self.file.len(), checksums: self.checksums })
    }
}

/// Reads a finished file from the disk again, block by block, and compares it with what it was.
pub struct BlockCheck<'a> {
    path: &'a str,
    file: Arc<dyn ReadFile>,
    checksums: &'a [u32],
    next: usize,
}

impl<'a> BlockCheck<'a> {
    /// Opens a file; one of another length is damaged.
    pub fn open(disk: &dyn Disk, path: &'a str, bytes: u64, checksums: &'a [u32]) -> Result<Self> {
        let file = disk.open(path)?;
        let found = file.len();
        if found != bytes || found.div_ceil(BLOCK_BYTES as u64) != checksums.len() as u64 {
            return Err(Error::damaged(format!(
                "{path} has {found} bytes, not the {bytes} it was written with"
            )));
        }
        Ok(Self { path, file, checksums, next: 0 })
    }

    /// Checks the next block; false when there is none.
    pub fn step(&mut self) -> Result<bool> {
        let Some(checksum) = self.checksums.get(self.next) else { return Ok(false) };
        let start = self.next as u64 * BLOCK_BYTES as u64;
        let len = (self.file.len() - start).min(BLOCK_BYTES as u64) as usize;
        let block = self.file.read_at(start, len)?;
        if crc32c::crc32c(&block) != *checksum {
            return Err(block_damage(self.path, self.next, len));
        }
        self.next += 1;
        Ok(true)
    }
}

fn block_damage(path: &str, number: usize, len: usize) -> Error {
    let start = number * BLOCK_BYTES;
    let end = start + len;
    Error::damaged(format!("{path} is damaged between bytes {start} and {end}"))
}

/// Compares every block with its checksum; the error names the first damaged one.
pub fn check_blocks(path: &str, bytes: &[u8], checksums: &[u32]) -> Result<()> {
    let blocks = bytes.len().div_ceil(BLOCK_BYTES);
    if blocks != checksums.len() {
        let known = checksums.len();
        return Err(Error::damaged(format!(
            "{path} has {blocks} blocks, not the {known} it was written with"
        )));
    }
    for (number, (block, checksum)) in bytes.chunks(BLOCK_BYTES).zip(checksums).enumerate() {
        if crc32c::crc32c(block) != *checksum {
            return Err(block_damage(path, number, block.len()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalDisk;
    use crate::testing::TempDir;

    #[test]
    fn blocks_are_checked_however_the_bytes_came() {
        let dir = TempDir::new();
        let disk = LocalDisk::open(dir.path()).unwrap();
        let bytes: Vec<u8> = (0..2 * BLOCK_BYTES + 77).map(|i| (i * 7 / 3) as u8).collect();
        let mut writer = BlockWriter::create(&disk, "file").unwrap();
        writer.append(&[&bytes[..10], &[], &bytes[10..BLOCK_BYTES + 1]]).unwrap();
        writer.append(&[&bytes[BLOCK_BYTES + 1..]]).unwrap();
        writer.align(64).unwrap();
        let file = writer.finish().unwrap();
        assert_eq!(file.bytes, 2 * BLOCK_BYTES as u64 + 128);
        let mut back = disk.read("file").unwrap();
        assert_eq!(back[..bytes.len()], bytes);
        check_blocks("file", &back, &file.checksums).unwrap();
        let mut again = BlockCheck::open(&disk, "file", file.bytes, &file.checksums).unwrap();
        assert_eq!(
            [again.step(), again.step(), again.step(), again.step()],
            [true, true, true, false].map(Ok)
        );
        assert!(BlockCheck::open(&disk, "file", file.bytes - 1, &file.checksums).is_err());
        let wrong = [file.checksums[0], file.checksums[1] ^ 1, file.checksums[2]];
        let mut again = BlockCheck::open(&disk, "file", file.bytes, &wrong).unwrap();
        assert_eq!(again.step(), Ok(true));
        assert!(again.step().unwrap_err().message().contains("between bytes 1048576 and 2097152"));
        assert!(check_blocks("file", &back[..BLOCK_BYTES], &file.checksums).is_err());
        back[BLOCK_BYTES + 5] ^= 1;
        let error = check_blocks("file", &back, &file.checksums).unwrap_err();
        assert!(error.message().contains("between bytes 1048576 and 2097152"), "{error}");
    }
}
