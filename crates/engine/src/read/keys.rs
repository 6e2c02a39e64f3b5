//! Primary keys in a column, compared where they lie.

use elanus_segment::PrimaryKey;
use elanus_types::{Column, ColumnRef, Error, Result};
use std::cmp::Ordering;

/// The keys of some rows.
pub enum Keys<'a> {
    /// INT64.
    Ints(&'a [i64]),
    /// VARCHAR.
    Texts(ColumnRef<'a>),
}

impl<'a> Keys<'a> {
    /// The keys in a column that was taken from a segment.
    pub fn of(column: Option<&'a Column>) -> Result<Self> {
        let view = column.map(Column::view);
        match view.map(|view| view.data) {
            Some(ColumnRef::Int64(values)) => Ok(Keys::Ints(values)),
            Some(data @ ColumnRef::Bytes { .. }) => Ok(Keys::Texts(data)),
            _ => Err(Error::internal("a segment without primary keys")),
        }
    }

    /// The order of a row's key and another.
    #[inline]
    pub fn order(&self, row: usize, other: &PrimaryKey) -> Ordering {
        match (self, other) {
            (Keys::Ints(values), PrimaryKey::Int(other)) => values.get(row).cmp(&Some(other)),
            (Keys::Texts(values), PrimaryKey::Text(other)) => values.bytes(row).cmp(&Some(other.as_bytes())),
            (Keys::Ints(_), PrimaryKey::Text(_)) => Ordering::Less,
            (Keys::Texts(_), PrimaryKey::Int(_)) => Ordering::Greater,
        }
    }

    /// The first row from `from` on whose key does not come after `last`; anything will do without one.
    pub fn next_within(&self, from: usize, last: Option<&PrimaryKey>) -> Option<usize> {
        let rows = from..self.len();
        match (self, last) {
            (_, None) => Some(from).filter(|from| rows.contains(from)),
            // Nearly all keys of a large segment are passed over here.
            (Keys::Ints(values), Some(PrimaryKey::Int(last))) => {
                values.get(from..)?.iter().position(|key| key <= last).map(|ahead| from + ahead)
            }
            (_, Some(last)) => rows.into_iter().find(|row| self.order(*row, last).is_le()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Keys::Ints(values) => values.len(),
            Keys::Texts(values) => values.len(),
        }
    }

    /// A row's key.
    pub fn get(&self, row: usize) -> Result<PrimaryKey> {
        let key = match self {
            Keys::Ints(values) => values.get(row).map(|value| PrimaryKey::Int(*value)),
            Keys::Texts(values) => {
                let text = values.bytes(row).map(String::from_utf8_lossy);
                text.map(|text| PrimaryKey::Text(text.into_owned()))
            }
        };
        key.ok_or_else(|| Error::internal("a row without primary key"))
    }
}
