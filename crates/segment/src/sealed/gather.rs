//! Rows of other segments as the columns of a new one.

use crate::{Segment, absent};
use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{
    Column, ColumnBuilder, ColumnData, ColumnView, DataType, Error, FieldId, FieldSchema, Result,
};
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

/// The pieces of a dense vector field, for [`elanus_storage::Values::Pieces`].
pub(super) fn pieces<'a>(
    sources: &'a [Source],
    field: &'a FieldSchema,
) -> impl Fn(usize) -> Result<Bytes> + 'a {
    let mut plan: Vec<(&dyn Segment, &[u32])> = Vec::new();
    for (segment, rows) in sources {
        plan.extend(rows.chunks(piece_rows(field)).map(|rows| (segment.as_ref(), rows)));
    }
    move |number| match plan.get(number) {
        None => Ok(Bytes::new()),
        Some((segment, rows)) => match part(*segment, rows, field)?.data {
            ColumnData::Fixed { data, .. } => Ok(data),
            _ => Err(Error::internal(format!("field {} is not stored as vectors", field.name))),
        },
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
    (PIECE_BYTES / field.vector_width().unwrap_or(1).max(1)).max(1)
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
