//! From a key to its rows, in a mapped file.
//!
//! Key codes in ascending order, their rows beside them (equal codes by row), and a bloom filter in front.
//! Nothing is read before it is needed and nothing is kept on the heap.

use super::bloom;
use crate::key::code_at;
use elanus_storage::{Container, Disk, FinishedFile, Mapped, write_container};
use elanus_types::{ColumnView, Error, Result};

/// What key files begin with.
const MAGIC: &[u8; 8] = b"ELANUSPK";

/// The look-up's three parts, as they lie in the file.
struct KeyParts {
    codes: Vec<u8>,
    rows: Vec<u8>,
    filter: Vec<u8>,
}

/// Writes the look-up of a key column to a new file.
pub(super) fn write(disk: &dyn Disk, path: &str, keys: &ColumnView<'_>) -> Result<FinishedFile> {
    let parts = build(keys);
    write_container(disk, path, MAGIC, &[&parts.codes, &parts.rows, &parts.filter])
}

/// Sorts a key column for look-up.
fn build(keys: &ColumnView<'_>) -> KeyParts {
    let mut entries: Vec<(i64, u32)> =
        (0..keys.len()).map(|row| (code_at(&keys.data, row), row as u32)).collect();
    entries.sort_unstable();
    KeyParts {
        codes: entries.iter().flat_map(|(code, _)| code.to_le_bytes()).collect(),
        rows: entries.iter().flat_map(|(_, row)| row.to_le_bytes()).collect(),
        filter: bloom::build(entries.iter().map(|(code, _)| *code)),
    }
}

/// The look-up of one segment.
#[derive(Debug)]
pub(super) struct KeyLookup {
    codes: Mapped,
    rows: Mapped,
    filter: Mapped,
}

impl KeyLookup {
    /// Maps a file with the look-up of `count` rows.
    pub fn open(disk: &dyn Disk, path: &str, bytes: u64, count: usize) -> Result<Self> {
        let [codes, rows, filter] = Container::open(disk, path, MAGIC, bytes)?.parts()?;
        Self::of(codes, rows, filter, count)
            .ok_or_else(|| Error::damaged(format!("{path} does not hold the keys of {count} rows")))
    }

    fn of(codes: Mapped, rows: Mapped, filter: Mapped, count: usize) -> Option<Self> {
        (codes.len() == count * 8 && rows.len() == count * 4).then_some(Self { codes, rows, filter })
    }

    /// Rows whose key has this code, in order. The caller compares keys: texts may share a code.
    pub fn rows(&self, code: i64) -> impl Iterator<Item = u32> + '_ {
        let (codes, _) = self.codes.as_chunks::<8>();
        let (rows, _) = self.rows.as_chunks::<4>();
        let known = bloom::may_contain(&self.filter, code);
        let first =
            if known { codes.partition_point(|at| i64::from_le_bytes(*at) < code) } else { codes.len() };
        let same =
            codes.iter().zip(rows).skip(first).take_while(move |(at, _)| i64::from_le_bytes(**at) == code);
        same.map(|(_, row)| u32::from_le_bytes(*row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::{Column, ColumnData};

    fn lookup(column: &Column) -> KeyLookup {
        let parts = build(&column.view());
        let mapped = |bytes: &[u8]| Mapped::copy_of(bytes);
        let (codes, rows) = (mapped(&parts.codes), mapped(&parts.rows));
        KeyLookup::of(codes, rows, mapped(&parts.filter), column.len()).unwrap()
    }

    #[test]
    fn finds_every_row_of_a_key() {
        let keys = lookup(&Column::new(ColumnData::Int64(vec![5, -3, 5, i64::MAX, 0, 5, i64::MIN])));
        let rows = |code| keys.rows(code).collect::<Vec<_>>();
        assert_eq!(rows(5), [0, 2, 5]);
        assert_eq!((rows(-3), rows(i64::MAX), rows(i64::MIN)), (vec![1], vec![3], vec![6]));
        assert_eq!(rows(4), [0u32; 0]);
        assert!(KeyLookup::of(keys.codes.clone(), keys.rows.clone(), keys.filter.clone(), 8).is_none());
    }

    #[test]
    fn texts_go_by_their_hash() {
        let keys = lookup(&Column::from_bytes(["b", "a", "", "b"]));
        let rows = |text: &str| keys.rows(crate::PrimaryKey::Text(text.into()).code()).collect::<Vec<_>>();
        assert_eq!((rows("b"), rows("a"), rows(""), rows("c")), (vec![0, 3], vec![1], vec![2], vec![]));
    }
}
