//! Where the primary keys of a request come from.

use super::fields::Sent;
use crate::validate::{Limits, invalid, properties};
use elanus_types::write::InsertRequest;
use elanus_types::{CollectionMeta, Column, ColumnData, DataType, Error, FieldSchema, Result};

/// Where the primary keys of a request come from.
#[derive(Clone, Debug, PartialEq)]
pub enum KeySource {
    /// The request brings them and they are stored: rows of the same keys may exist.
    Sent,
    /// The database assigns them: no row of these keys exists.
    Assigned,
    /// An upsert on an auto-id collection: rows get new keys, and the rows of the keys sent (these) go.
    Reassigned(Column),
}

/// Says where the keys of a request come from, or why they cannot come from there.
pub fn key_source(meta: &CollectionMeta, request: &InsertRequest) -> Result<KeySource> {
    let sent = Sent::of(meta, request)?;
    if !assigned(meta, &sent)? {
        return Ok(KeySource::Sent);
    }
    match sent.column(primary(meta)?, &Limits::default())? {
        Some(keys) => Ok(KeySource::Reassigned(keys)),
        None => Ok(KeySource::Assigned),
    }
}

/// Whether the database assigns the keys.
pub(crate) fn assigned(meta: &CollectionMeta, sent: &Sent<'_>) -> Result<bool> {
    let primary = primary(meta)?;
    let brings = sent.input(primary).is_some();
    let own = properties::is_on(&meta.properties, properties::ALLOW_INSERT_AUTO_ID);
    match (primary.auto_id, sent.upsert, brings) {
        (_, true, false) => {
            Err(invalid(format!("must assign pk when upsert, primary field: {}", primary.name)))
        }
        (true, false, true) if !own => Err(invalid(format!(
            "can not assign primary field data when auto id enabled and allow_insert_auto_id is false {}",
            primary.name
        ))),
        (auto_id, _, brings) => Ok(auto_id && !(own && brings)),
    }
}

/// The primary key field.
pub(crate) fn primary(meta: &CollectionMeta) -> Result<&FieldSchema> {
    meta.schema
        .primary()
        .ok_or_else(|| Error::internal(format!("collection {} has no primary key", meta.name)))
}

/// `rows` consecutive keys from `first` on; VARCHAR keys are their decimal texts.
pub(crate) fn numbered(primary: &FieldSchema, first: i64, rows: usize) -> Column {
    let keys = (0..rows as i64).map(|i| first.saturating_add(i));
    match primary.data_type {
        DataType::VarChar => Column::from_bytes(keys.map(|key| key.to_string())),
        _ => Column::new(ColumnData::Int64(keys.collect())),
    }
}
