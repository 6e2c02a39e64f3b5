//! Lists of vectors: one list per row.

use super::array::check_capacity;
use super::presence::Presence;
use super::{check_dense, fields, text, vector};
use bytes::Bytes;
use elanus_types::input::InputData;
use elanus_types::{ColumnData, Error, FieldSchema, Result};

/// The lists as stored. A list without payload is an empty one.
pub(super) fn column(
    field: &FieldSchema,
    lists: &[InputData],
    presence: &Presence<'_>,
) -> Result<ColumnData> {
    let width = field.element_width().unwrap_or(0);
    let one = FieldSchema::new(field.id, field.name.clone(), field.vector_type());
    let one = FieldSchema { dim: field.dim, ..one };
    // What stands at a row without a value counts as empty.
    let mut stored = vec![Bytes::new(); lists.len()];
    for (row, at) in presence.present() {
        if let Some((list, stored)) = lists.get(at).zip(stored.get_mut(at)) {
            *stored = checked(&one, field, row, list)?;
        }
    }
    let mut data = Vec::with_capacity(stored.iter().map(Bytes::len).sum());
    let mut offsets = Vec::with_capacity(lists.len() + 1);
    offsets.push(0);
    for list in stored {
        data.extend_from_slice(&list);
        offsets.push(text::offset(field, data.len() / width.max(1))?);
    }
    Ok(ColumnData::Array { offsets, items: Box::new(ColumnData::Fixed { width, data: data.into() }) })
}

/// The vectors of one list, after a check of type, dimensions, length and components. `one` describes each of them.
fn checked(one: &FieldSchema, field: &FieldSchema, row: usize, list: &InputData) -> Result<Bytes> {
    match list {
        InputData::Empty => Ok(Bytes::new()),
        InputData::Vector { data_type, dim, data } if vector::carries(one.data_type, *data_type) => {
            check_capacity(field, row, vector::rows(one, *data_type, *dim, data)?)?;
            let stored = vector::stored(one, *data_type, data)?;
            check_dense(one.data_type, &stored)?;
            Ok(stored)
        }
        other => {
            let mismatch: Error = fields::type_mismatch(&field.name, one.data_type, other);
            Err(mismatch.context("insert data does not match"))
        }
    }
}
