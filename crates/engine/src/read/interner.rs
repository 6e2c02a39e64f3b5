//! Combinations of values, numbered as they are met.

use super::scalar::Scalar;
use elanus_types::{ColumnRef, ColumnView, Value};
use hashbrown::HashTable;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Sets of values (booleans, integers, texts, nulls) and a number for each. Values of one place have one type.
#[derive(Debug)]
pub struct Interner {
    table: HashTable<u32>,
    /// All sets one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Nobody outside can choose values that share their hashes.
    seed: u64,
    scratch: Vec<u8>,
}

impl Interner {
    /// Knows nothing yet.
    pub fn new() -> Self {
        let table = HashTable::new();
        Self { table, bytes: Vec::new(), ends: Vec::new(), seed: fastrand::u64(..), scratch: Vec::new() }
    }

    /// How many sets are known.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all sets.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    /// The number of a row's values, a new one if they were never met.
    pub fn number(&mut self, columns: &[ColumnView<'_>], row: usize) -> u32 {
        let mut scratch = std::mem::take(&mut self.scratch);
        encode(&mut scratch, columns, row);
        let number = self.number_of(&scratch);
        self.scratch = scratch;
        number
    }

    /// The number of a row's values; `None` = they were never met.
    pub fn find(&self, scratch: &mut Vec<u8>, columns: &[ColumnView<'_>], row: usize) -> Option<u32> {
        encode(scratch, columns, row);
        let hash = xxh3_64_with_seed(scratch, self.seed);
        self.table.find(hash, |known| self.get(*known) == scratch.as_slice()).copied()
    }

    /// The numbers here of all sets of another.
    pub fn absorb(&mut self, other: &Interner) -> Vec<u32> {
        (0..other.len() as u32).map(|number| self.number_of(other.get(number))).collect()
    }

    /// The values of a set.
    pub fn values(&self, number: u32) -> Vec<Scalar<'_>> {
        decode(self.get(number))
    }

    fn number_of(&mut self, set: &[u8]) -> u32 {
        let hash = xxh3_64_with_seed(set, self.seed);
        if let Some(known) = self.table.find(hash, |known| self.get(*known) == set) {
            return *known;
        }
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(set);
        self.ends.push(self.bytes.len());
        let (bytes, ends, seed) = (&self.bytes, &self.ends, self.seed);
        let rehash = |known: &u32| xxh3_64_with_seed(slice(bytes, ends, *known), seed);
        self.table.insert_unique(hash, number, rehash);
        number
    }

    fn get(&self, number: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, number)
    }
}

fn slice<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(number).and_then(|end| bytes.get(start..*end)).unwrap_or_default()
}

const NULL: u8 = 0;
const BOOL: u8 = 1;
const INT: u8 = 2;
const TEXT: u8 = 3;

fn encode(set: &mut Vec<u8>, columns: &[ColumnView<'_>], row: usize) {
    set.clear();
    for column in columns {
        if !column.is_valid(row) {
            set.push(NULL);
            continue;
        }
        let mut int = |value: i64| {
            set.push(INT);
            set.extend_from_slice(&value.to_le_bytes());
        };
        match &column.data {
            ColumnRef::Bool(v) => set.extend([BOOL, v.get(row).copied().unwrap_or_default().into()]),
            ColumnRef::Int8(v) => int(v.get(row).copied().unwrap_or_default().into()),
            ColumnRef::Int16(v) => int(v.get(row).copied().unwrap_or_default().into()),
            ColumnRef::Int32(v) => int(v.get(row).copied().unwrap_or_default().into()),
            ColumnRef::Int64(v) => int(v.get(row).copied().unwrap_or_default()),
            data => {
                let text = data.bytes(row).unwrap_or_default();
                set.push(TEXT);
                set.extend_from_slice(&(text.len() as u32).to_le_bytes());
                set.extend_from_slice(text);
            }
        }
    }
}

fn decode(mut set: &[u8]) -> Vec<Scalar<'_>> {
    let mut values = Vec::new();
    while let Some((value, rest)) = decode_one(set) {
        values.push(value);
        set = rest;
    }
    values
}

fn decode_one(set: &[u8]) -> Option<(Scalar<'_>, &[u8])> {
    let (kind, rest) = set.split_first()?;
    Some(match *kind {
        BOOL => rest.split_first().map(|(value, rest)| (Scalar::Bool(*value != 0), rest))?,
        INT => {
            rest.split_first_chunk().map(|(value, rest)| (Scalar::Int(i64::from_le_bytes(*value)), rest))?
        }
        TEXT => {
            let (length, rest) = rest.split_first_chunk()?;
            let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            (Scalar::Text(Cow::Borrowed(text)), rest)
        }
        _ => (Scalar::Null, rest),
    })
}

/// A set's value for a column.
pub fn to_value(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(v) => Value::Bool(*v),
        Scalar::Int(v) => Value::Int(*v),
        Scalar::Float(v) => Value::Float(*v),
        Scalar::Text(v) | Scalar::Document(v) => Value::Bytes(v.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::{Column, ColumnBuilder, ColumnData, DataType};

    fn columns() -> Vec<Column> {
        let mut texts = ColumnBuilder::for_type(DataType::VarChar);
        for text in [Some("a"), None, Some(""), Some("a"), None, Some("\0")] {
            match text {
                Some(text) => texts.push_bytes(text.as_bytes()),
                None => texts.push_null(),
            }
        }
        vec![Column::new(ColumnData::Int16(vec![1, 1, 1, 1, 1, -1])), texts.finish()]
    }

    #[test]
    fn equal_sets_share_a_number() {
        let columns = columns();
        let views: Vec<_> = columns.iter().map(Column::view).collect();
        let mut known = Interner::new();
        let numbers: Vec<u32> = (0..6).map(|row| known.number(&views, row)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1, 3]);
        assert_eq!(known.values(0), [Scalar::Int(1), Scalar::Text(b"a"[..].into())]);
        assert_eq!(known.values(1), [Scalar::Int(1), Scalar::Null]);
        assert_eq!(known.values(3), [Scalar::Int(-1), Scalar::Text(b"\0"[..].into())]);
        let mut other = Interner::new();
        assert_eq!(other.number(&views, 5), 0);
        assert_eq!(other.find(&mut Vec::new(), &views, 0), None);
        assert_eq!(other.absorb(&known), [1, 2, 3, 0]);
        assert_eq!(other.find(&mut Vec::new(), &views, 2), Some(3));
    }

    #[test]
    fn texts_and_borders_do_not_mix() {
        let columns = [Column::from_bytes(["ab", "a"]), Column::from_bytes(["c", "bc"])];
        let views: Vec<_> = columns.iter().map(Column::view).collect();
        let mut known = Interner::new();
        assert_ne!(known.number(&views, 0), known.number(&views, 1));
    }
}
