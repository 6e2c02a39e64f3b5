//! The deletes of one segment: an append-only list of (row, timestamp) and the bitmap derived from it.

use elanus_kernels::Bitmap;
use elanus_types::Timestamp;
use parking_lot::RwLock;

/// Deleted rows with the timestamps of their deletes. A row is deleted at most once.
#[derive(Debug, Default)]
pub struct DeleteList {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<(u32, Timestamp)>,
    /// Every row of `entries`; grows as far as the last deleted row.
    rows: Bitmap,
    newest: Timestamp,
    /// Whether timestamps never went down along `entries`; then an older read needs only its end.
    unordered: bool,
}

impl DeleteList {
    /// A list with these entries; repeated rows count once.
    pub fn from_entries(entries: &[(u32, Timestamp)]) -> Self {
        let list = Self::default();
        entries.iter().for_each(|&(row, at)| {
            list.push(row, at);
        });
        list
    }

    /// Number of deleted rows.
    pub fn len(&self) -> usize {
        self.state.read().entries.len()
    }

    /// True when nothing is deleted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row is deleted in the newest state.
    pub fn contains(&self, row: u32) -> bool {
        self.state.read().rows.get(row as usize)
    }

    /// Adds a delete; false when the row is deleted already.
    pub fn push(&self, row: u32, at: Timestamp) -> bool {
        let state = &mut *self.state.write();
        if state.rows.get(row as usize) {
            return false;
        }
        state.unordered |= at < state.newest;
        state.newest = state.newest.max(at);
        state.rows.set(row as usize);
        state.entries.push((row, at));
        true
    }

    /// The entries from number `n` on.
    pub fn since(&self, n: usize) -> Vec<(u32, Timestamp)> {
        self.state.read().entries.get(n..).unwrap_or_default().to_vec()
    }

    /// Rows deleted at or before `read`; the map reaches only to the last one. `None` = no rows.
    pub fn at(&self, read: Timestamp) -> Option<Bitmap> {
        let state = &*self.state.read();
        if state.entries.is_empty() {
            return None;
        }
        let mut rows = state.rows.clone();
        if read < state.newest {
            for &(row, at) in state.entries.iter().rev() {
                if at > read {
                    rows.clear(row as usize);
                } else if !state.unordered {
                    break;
                }
            }
        }
        Some(rows)
    }

    /// Bytes on the heap.
    pub fn memory_bytes(&self) -> usize {
        let state = self.state.read();
        state.entries.capacity() * size_of::<(u32, Timestamp)>() + state.rows.words().len() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_plain_list(pushes in prop::collection::vec((0u32..50, 0u64..30), 0..60), sorted: bool, read in 0u64..35) {
            let mut pushes = pushes;
            if sorted {
                pushes.sort_by_key(|(_, at)| *at);
            }
            let (list, mut reference) = (DeleteList::default(), Vec::<(u32, u64)>::new());
            for &(row, at) in &pushes {
                let fresh = reference.iter().all(|(other, _)| *other != row);
                prop_assert_eq!(list.push(row, Timestamp(at)), fresh);
                if fresh {
                    reference.push((row, at));
                }
            }
            let deleted = list.at(Timestamp(read)).unwrap_or_default();
            for row in 0..50u32 {
                let expected = reference.iter().any(|(other, at)| *other == row && *at <= read);
                prop_assert_eq!(deleted.get(row as usize), expected);
                prop_assert_eq!(list.contains(row), reference.iter().any(|(other, _)| *other == row));
            }
            prop_assert_eq!(list.since(2).len(), reference.len().saturating_sub(2));
        }
    }
}
