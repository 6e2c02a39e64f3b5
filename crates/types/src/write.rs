//! Inserts, upserts and deletes.

use crate::input::{FilterText, InputField};
use crate::{CollectionRef, Column, Timestamp};

/// What an insert does with rows that exist.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertMode {
    /// Insert.
    Insert,
    /// Replace rows of the same key.
    Upsert {
        /// Fields not sent keep their value.
        partial: bool,
        /// How sent values combine with old ones.
        field_ops: Vec<(String, FieldOp)>,
    },
}

/// How a partial upsert combines an array field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldOp {
    /// Takes the new value.
    Replace,
    /// Appends the new elements.
    ArrayAppend,
    /// Removes every occurrence of the given elements.
    ArrayRemove,
}

/// Rows to write.
#[derive(Clone, Debug)]
pub struct InsertRequest {
    /// Where to.
    pub target: CollectionRef,
    /// Partition; `None` = default, or by partition key.
    pub partition: Option<String>,
    /// Number of rows, as stated by the client.
    pub rows: usize,
    /// The values.
    pub fields: Vec<InputField>,
    /// The `updated` timestamp of the schema the client built this from; 0 = not stated.
    pub schema_timestamp: u64,
    /// Insert or upsert.
    pub mode: InsertMode,
}

/// Rows to delete.
#[derive(Clone, Debug)]
pub struct DeleteRequest {
    /// Where from.
    pub target: CollectionRef,
    /// Partition; `None` = all.
    pub partition: Option<String>,
    /// Which rows; must not be blank.
    pub filter: FilterText,
}

/// A change of rows.
#[derive(Clone, Debug)]
pub enum Write {
    /// Insert or upsert.
    Insert(InsertRequest),
    /// Delete.
    Delete(DeleteRequest),
}

/// What a write did, after it became durable and visible.
#[derive(Clone, Debug)]
pub struct WriteOutcome {
    /// Primary keys in the order sent (INT64 or VARCHAR column); `None` for deletes.
    pub ids: Option<Column>,
    /// Rows inserted or upserted, or keys deleted.
    pub count: usize,
    /// The commit timestamp.
    pub timestamp: Timestamp,
}
