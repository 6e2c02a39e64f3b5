//! Files that are written once and never change, with a checksum for every block.

use crate::{AppendFile, Disk};
use elanus_types::{Error, Result};

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
            let start = number * BLOCK_BYTES;
            let end = start + block.len();
            return Err(Error::damaged(format!("{path} is damaged between bytes {start} and {end}")));
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
        assert!(check_blocks("file", &back[..BLOCK_BYTES], &file.checksums).is_err());
        back[BLOCK_BYTES + 5] ^= 1;
        let error = check_blocks("file", &back, &file.checksums).unwrap_err();
        assert!(error.message().contains("between bytes 1048576 and 2097152"), "{error}");
    }
}
