//! Rows of other segments as the columns of a new one.

use crate::{Segment, absent};
use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{
    Column, ColumnBuilder, ColumnData, ColumnRef, ColumnView, DataType, Error, FieldId, FieldSchema, Result,
};
use std::cell::Cell;
use std::sync::Arc;

/// Bytes of vectors copied at once.
const PIECE_BYTES: usize = 4 << 20;

/// Segments and the rows of each, in the order they get in the new segment.
pub(super) type Source = (Arc<dyn Segment>, Vec<u32>);

/// All values of a field.
pub(super) fn column(sources: &[Source], field: &FieldSchema) -> Result<Column> {
    if let [(segment, rows)] = sources {
        return part(segment.as_ref(), rows, field);
    }
    let mut bytes = 0;
    let mut column = ColumnBuilder::for_field(field);
    for (segment, rows) in sources {
        let part = part(segment.as_ref(), rows, field)?;
        bytes += part.view().byte_size();
        if bytes > i32::MAX as usize
            && matches!(part.data, ColumnData::Bytes { .. } | ColumnData::Array { .. })
        {
            let name = &field.name;
            return Err(Error::internal(format!(
                "field {name} has over {bytes} bytes, too many for one segment: make segments smaller"
            )));
        }
        column.append(&part.view());
    }
    Ok(column.finish())
}

/// Which rows of a vector field have a value; `None` = all.
pub(super) fn validity(sources: &[Source], field: &FieldSchema) -> Result<Option<Bitmap>> {
    if !field.nullable {
        return Ok(None);
    }
    let (mut valid, mut nulls) = (Bitmap::default(), false);
    each_piece(sources, field, |segment, rows| {
        let column = part(segment, rows, field)?;
        nulls |= column.valid.is_some();
        let view: ColumnView<'_> = column.view();
        (0..rows.len()).for_each(|row| valid.push(view.is_valid(row)));
        Ok(())
    })?;
    Ok(nulls.then_some(valid))
}

/// Which rows of a field of lists of vectors have a value, as in [`validity`], and where the lists begin and end among all
/// their vectors.
pub(super) fn lists(sources: &[Source], field: &FieldSchema) -> Result<(Option<Bitmap>, Vec<i32>)> {
    let (mut valid, mut nulls, mut offsets) = (Bitmap::default(), false, vec![0]);
    let mut end = 0_i32;
    each_piece(sources, field, |segment, rows| {
        let column = part(segment, rows, field)?;
        nulls |= column.valid.is_some();
        let view = column.view();
        (0..rows.len()).for_each(|row| valid.push(view.is_valid(row)));
        let ColumnRef::Array { offsets: theirs, .. } = view.data else { return Err(other_shape(field)) };
        for pair in theirs.windows(2) {
            end = end.checked_add(pair[1] - pair[0]).ok_or_else(|| {
                let name = &field.name;
                Error::internal(format!(
                    "field {name} has too many vectors for one segment: make segments smaller"
                ))
            })?;
            offsets.push(end);
        }
        Ok(())
    })?;
    Ok((nulls.then_some(valid), offsets))
}

fn other_shape(field: &FieldSchema) -> Error {
    Error::internal(format!("field {} is not stored as vectors", field.name))
}

/// The pieces of a dense vector field, or of the vectors in its lists, for [`elanus_storage::Values::Pieces`] and
/// [`elanus_storage::Values::Lists`].
pub(super) fn pieces<'a>(
    sources: &'a [Source],
    field: &'a FieldSchema,
) -> impl Fn(usize) -> Result<Bytes> + 'a {
    let mut plan: Vec<(&dyn Segment, &[u32])> = Vec::new();
    for (segment, rows) in sources {
        plan.extend(rows.chunks(piece_rows(field)).map(|rows| (segment.as_ref(), rows)));
    }
    // Where no row of a piece has a vector there are no bytes, which would end the column.
    let next = Cell::new(0);
    move |_| {
        while let Some((segment, rows)) = plan.get(next.get()) {
            next.set(next.get() + 1);
            let data = vectors(part(*segment, rows, field)?.data).ok_or_else(|| other_shape(field))?;
            if !data.is_empty() {
                return Ok(data);
            }
        }
        Ok(Bytes::new())
    }
}

/// The bytes of all vectors of a column.
fn vectors(data: ColumnData) -> Option<Bytes> {
    match data {
        ColumnData::Fixed { data, .. } => Some(data),
        ColumnData::Array { items, .. } => vectors(*items),
        _ => None,
    }
}

fn each_piece(
    sources: &[Source],
    field: &FieldSchema,
    mut visit: impl FnMut(&dyn Segment, &[u32]) -> Result<()>,
) -> Result<()> {
    let visit = &mut visit;
    sources.iter().try_for_each(|(segment, rows)| {
        rows.chunks(piece_rows(field)).try_for_each(|rows| visit(segment.as_ref(), rows))
    })
}

fn piece_rows(field: &FieldSchema) -> usize {
    // Lists are taken for half full.
    let list = if field.max_capacity > 0 { field.max_capacity.div_ceil(2) } else { 1 };
    (PIECE_BYTES / field.element_width().unwrap_or(1).saturating_mul(list).max(1)).max(1)
}

/// A field of some rows; its default or null where the segment is older than the field.
fn part(segment: &dyn Segment, rows: &[u32], field: &FieldSchema) -> Result<Column> {
    if field.id != TIMESTAMP_FIELD && segment.schema().field_by_id(field.id).is_none() {
        let mut column = ColumnBuilder::for_field(field);
        absent::fill(&mut column, field, rows.len());
        return Ok(column.finish());
    }
    let fields: [FieldId; 1] = [field.id];
    let column = segment.take(rows, &fields)?.pop();
    column.ok_or_else(|| Error::internal(format!("no column of field {} came back", field.name)))
}

/// The hidden column of commit timestamps.
pub(super) fn timestamp_field() -> FieldSchema {
    FieldSchema::new(TIMESTAMP_FIELD, "$timestamp", DataType::Int64)
}
