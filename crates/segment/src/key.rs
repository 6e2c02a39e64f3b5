//! Primary keys outside a column.

use elanus_types::{ColumnRef, ColumnView, Value};
use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// The key of one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrimaryKey {
    /// An INT64 key.
    Int(i64),
    /// A VARCHAR key.
    Text(String),
}

impl PrimaryKey {
    /// The key at `row` of a key column; `None` when the row is missing or the column cannot hold keys.
    pub fn at(column: &ColumnView<'_>, row: usize) -> Option<Self> {
        match &column.data {
            ColumnRef::Int64(values) => values.get(row).map(|value| PrimaryKey::Int(*value)),
            ColumnRef::Bytes { .. } => {
                let bytes = column.data.bytes(row)?;
                Some(PrimaryKey::Text(String::from_utf8_lossy(bytes).into_owned()))
            }
            _ => None,
        }
    }

    /// The key a literal stands for; `None` when it is neither an integer nor a text.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(PrimaryKey::Int(*value)),
            Value::Str(value) => Some(PrimaryKey::Text(value.clone())),
            _ => None,
        }
    }

    /// The key as a [`Value`].
    pub fn to_value(&self) -> Value {
        match self {
            PrimaryKey::Int(value) => Value::Int(*value),
            PrimaryKey::Text(value) => Value::Str(value.clone()),
        }
    }

    /// Whether row `row` of a key column holds this key.
    pub fn is_at(&self, column: &ColumnView<'_>, row: usize) -> bool {
        match (self, &column.data) {
            (PrimaryKey::Int(key), ColumnRef::Int64(values)) => values.get(row) == Some(key),
            (PrimaryKey::Text(key), ColumnRef::Bytes { .. }) => {
                column.data.bytes(row) == Some(key.as_bytes())
            }
            _ => false,
        }
    }

    /// What look-ups go by: an integer itself, the hash of a text (different texts may share one).
    pub(crate) fn code(&self) -> i64 {
        match self {
            PrimaryKey::Int(value) => *value,
            PrimaryKey::Text(value) => text_code(value.as_bytes()),
        }
    }
}

/// [`PrimaryKey::code`] of a row of a key column, without copying it.
pub(crate) fn code_at(column: &ColumnRef<'_>, row: usize) -> i64 {
    match column {
        ColumnRef::Int64(values) => values.get(row).copied().unwrap_or_default(),
        other => text_code(other.bytes(row).unwrap_or_default()),
    }
}

fn text_code(text: &[u8]) -> i64 {
    xxh3_64(text) as i64
}

impl fmt::Display for PrimaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrimaryKey::Int(value) => value.fmt(f),
            PrimaryKey::Text(value) => write!(f, "{value:?}"),
        }
    }
}
