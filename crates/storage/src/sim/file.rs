//! The bytes of one file, and what a crash makes of them.

use super::random::Random;
use super::wrong;
use elanus_types::Result;
use parking_lot::{Mutex, MutexGuard};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file; its names are in folders.
pub(super) struct File {
    content: Mutex<Content>,
    used: Arc<AtomicU64>,
}

#[derive(Default)]
pub(super) struct Content {
    pub bytes: Vec<u8>,
    /// A sync was tried up to here. What lies behind is surely not on the disk for good.
    tried: usize,
    /// The length that lasts: that of the last sync that succeeded.
    length: usize,
    /// What failed syncs covered: the system believes it clean, so no later sync writes it.
    lost: Vec<Range<usize>>,
}

impl File {
    pub fn new(bytes: Vec<u8>, used: &Arc<AtomicU64>) -> Arc<Self> {
        used.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let (tried, length) = (bytes.len(), bytes.len());
        let content = Mutex::new(Content { bytes, tried, length, lost: Vec::new() });
        Arc::new(Self { content, used: used.clone() })
    }

    pub fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock()
    }

    pub fn len(&self) -> u64 {
        self.content().bytes.len() as u64
    }

    pub fn append(&self, bytes: &[u8]) {
        self.content().bytes.extend_from_slice(bytes);
        self.used.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    pub fn sync(&self) {
        let mut content = self.content();
        content.tried = content.bytes.len();
        content.length = content.tried;
    }

    /// The sync that fails: nobody will try these bytes again.
    pub fn lose(&self) {
        let mut content = self.content();
        let unsynced = content.tried..content.bytes.len();
        content.tried = unsynced.end;
        content.lost.push(unsynced);
    }

    pub fn flip(&self, offset: u64, mask: u8, path: &str) -> Result<()> {
        let mut content = self.content();
        let byte = usize::try_from(offset).ok().and_then(|at| content.bytes.get_mut(at));
        *byte.ok_or_else(|| wrong("flip a byte of", path, "it ends before"))? ^= mask;
        Ok(())
    }

    /// The bytes after power loss.
    pub fn survivor(&self, random: &mut Random) -> Vec<u8> {
        let content = self.content();
        let mut bytes = content.bytes.clone();
        let block = if random.coin() { 512 } else { 4096 };
        let untried = content.tried..bytes.len();
        for lost in content.lost.iter().chain(std::iter::once(&untried)) {
            scar(&mut bytes, lost, block, random);
        }
        bytes.truncate(cut(content.length, bytes.len(), block, random));
        bytes
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.used.fetch_sub(self.len(), Ordering::Relaxed);
    }
}

/// A length between `from` and `to`: one of them, a border between blocks, or anything.
fn cut(from: usize, to: usize, block: usize, random: &mut Random) -> usize {
    let any = from + random.below(to - from + 1);
    match random.below(5) {
        0 => from,
        1 | 2 => to,
        3 => (any / block * block).max(from),
        _ => any,
    }
}

/// Writes to the disk what it wants of a range: all, nothing, the first blocks, or some.
fn scar(bytes: &mut [u8], range: &Range<usize>, block: usize, random: &mut Random) {
    let fate = random.below(4);
    let until = cut(range.start, range.end, block, random);
    let mut at = range.start;
    while at < range.end {
        let end = ((at / block + 1) * block).min(range.end);
        let kept = match fate {
            0 => true,
            1 => false,
            2 => end <= until,
            _ => random.coin(),
        };
        if let Some(part) = bytes.get_mut(at..end).filter(|_| !kept) {
            let rubbish = random.below(4) == 0;
            part.fill_with(|| if rubbish { random.next() as u8 } else { 0 });
        }
        at = end;
    }
}
