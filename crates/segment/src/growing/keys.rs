//! From a key to its rows, in memory.

use std::collections::HashMap;
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

/// No earlier row.
const NONE: u32 = u32::MAX;

/// Rows by the code of their key; rows of one code are chained from the newest to the oldest.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    newest: HashMap<i64, u32, Xxh3DefaultBuilder>,
    /// Per row, the next older row of the same code.
    older: Vec<u32>,
}

impl KeyIndex {
    /// Adds the next row.
    pub fn push(&mut self, code: i64) {
        let row = self.older.len() as u32;
        self.older.push(self.newest.insert(code, row).unwrap_or(NONE));
    }

    /// Rows of a code, newest first. The caller compares keys: texts may share a code.
    pub fn rows(&self, code: i64) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.newest.get(&code).copied(), |&row| {
            self.older.get(row as usize).copied().filter(|&next| next != NONE)
        })
    }

    /// Bytes on the heap, about.
    pub fn memory_bytes(&self) -> usize {
        // A bucket is the pair and one control byte.
        self.newest.capacity() * 17 + self.older.capacity() * 4
    }
}
