//! From the columns of an insert or upsert as sent to a batch of rows as stored.
//!
//! Every stored field gets a column of full length: sent values checked against the schema, nulls and defaults
//! filled in, keys assigned. Dense vectors that already have the stored layout stay shared with the request.

mod array;
mod fields;
mod json;
mod keys;
mod moment;
mod presence;
mod scalar;
mod shape;
mod sparse;
mod structs;
mod text;
mod vector;
mod vectors;

pub use keys::{KeySource, key_source};
pub use sparse::check_sparse;
pub use vector::check_dense;

pub(crate) use array::check_capacity;
pub(crate) use fields::Sent;
pub(crate) use json::json_length;
pub(crate) use keys::{assigned, numbered};
pub(crate) use structs::{check_equal_lengths, check_whole};

use crate::validate::{Limits, invalid, names};
use elanus_types::write::InsertRequest;
use elanus_types::{
    CollectionMeta, Column, ColumnBuilder, Error, ErrorKind, FieldSchema, PartitionMeta, Result, RowBatch,
};

/// Judges the rows of a request and lays them out as stored, in schema order.
///
/// `new_keys` is asked for as many consecutive numbers as there are rows when the database assigns the keys; it
/// answers the first. It is called at most once, and only when everything else is right. For partial upserts see
/// [`crate::validate::merge::PartialRows`].
pub fn rows(
    meta: &CollectionMeta,
    request: &InsertRequest,
    new_keys: impl FnOnce(usize) -> i64,
) -> Result<RowBatch> {
    rows_within(meta, request, &Limits::default(), new_keys)
}

/// [`rows`] with limits other than the defaults.
pub fn rows_within(
    meta: &CollectionMeta,
    request: &InsertRequest,
    limits: &Limits,
    new_keys: impl FnOnce(usize) -> i64,
) -> Result<RowBatch> {
    let sent = Sent::of(meta, request)?;
    check_whole(&meta.schema, &sent)?;
    let assigned = keys::assigned(meta, &sent)?;
    let columns = meta.schema.fields.iter().filter(|field| !(assigned && field.primary_key));
    let mut columns = columns
        .map(|field| match sent.column(field, limits)? {
            Some(column) => Ok((field.id, column)),
            None => Ok((field.id, absent(field, sent.rows)?)),
        })
        .collect::<Result<Vec<_>>>()?;
    check_equal_lengths(&meta.schema, &columns)?;
    if assigned {
        let place = meta.schema.fields.iter().position(|field| field.primary_key).unwrap_or(0);
        let primary = keys::primary(meta)?;
        columns.insert(place, (primary.id, keys::numbered(primary, new_keys(sent.rows), sent.rows)));
    }
    Ok(RowBatch { rows: sent.rows, columns })
}

/// The column of a field that a request does not bring: its default, nulls, or Milvus's error.
pub(crate) fn absent(field: &FieldSchema, rows: usize) -> Result<Column> {
    if field.default.is_none() && !field.nullable {
        return Err(invalid(format!("fieldSchema({}) has no corresponding fieldData pass in", field.name)));
    }
    let mut column = ColumnBuilder::for_field(field);
    column.reserve(rows);
    for _ in 0..rows {
        push_default(&mut column, field)?;
    }
    Ok(column.finish())
}

/// Appends what a field stores where a row brings no value.
pub(crate) fn push_default(column: &mut ColumnBuilder, field: &FieldSchema) -> Result<()> {
    match &field.default {
        None => column.push_null(),
        Some(value) if column.push(value) => {}
        Some(value) => {
            let message =
                format!("the default {value} of field {} does not fit {}", field.name, field.data_type);
            return Err(Error::internal(message));
        }
    }
    Ok(())
}

/// The partition a write names, the default one when it names none, nothing when rows are spread by partition key.
pub fn partition(meta: &CollectionMeta, request: &InsertRequest) -> Result<Option<i64>> {
    let name = request.partition.as_deref().filter(|name| !name.is_empty());
    match (meta.schema.partition_key(), name) {
        (Some(_), None) => Ok(None),
        (None, None) => named_partition(meta, elanus_types::catalog::DEFAULT_PARTITION).map(|p| Some(p.id)),
        (_, Some(name)) => named_partition(meta, name).map(|p| Some(p.id)),
    }
}

/// The partition a write names: refused with a partition key, else it must exist.
pub fn named_partition<'a>(meta: &'a CollectionMeta, name: &str) -> Result<&'a PartitionMeta> {
    if meta.schema.partition_key().is_some() {
        return Err(invalid(
            "not support manually specifying the partition names if partition key mode is used",
        ));
    }
    if let Some(found) = meta.partition(name) {
        return Ok(found);
    }
    names::partition(name, &Limits::default())?;
    Err(Error::new(ErrorKind::PartitionNotFound, format!("partition not found[partition={name}]")))
}

#[cfg(test)]
pub(crate) mod tests;
