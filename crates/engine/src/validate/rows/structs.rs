//! Struct arrays: the parts of a row's structs belong together.

use super::Sent;
use crate::validate::invalid;
use elanus_types::{CollectionSchema, Column, ColumnRef, ColumnView, Error, FieldId, Result};

/// A struct array is sent with all its parts or not at all.
pub(crate) fn check_whole(schema: &CollectionSchema, sent: &Sent<'_>) -> Result<()> {
    for structure in &schema.structs {
        let mut parts = schema.parts(structure);
        let given = schema.parts(structure).filter(|part| sent.input(part).is_some()).count();
        if given == 0 {
            continue;
        }
        if let Some(missing) = parts.find(|part| sent.input(part).is_none()) {
            let (name, all) = (&structure.name, structure.fields.len());
            let part = missing.part().map_or("", |(_, part)| part);
            return Err(Error::expected(
                format!("struct array field {name} was sent without its sub-field {part}, send it whole"),
                all,
                given,
            ));
        }
    }
    Ok(())
}

/// The parts of a row must be lists of one length, or null all of them.
pub(crate) fn check_equal_lengths(schema: &CollectionSchema, columns: &[(FieldId, Column)]) -> Result<()> {
    let column =
        |id: FieldId| columns.iter().find(|(field, _)| *field == id).map(|(_, column)| column.view());
    for structure in &schema.structs {
        let mut parts = structure.fields.iter().filter_map(|id| Some((*id, column(*id)?)));
        let Some((first, lengths)) = parts.next() else { continue };
        for (other, theirs) in parts {
            let Some(row) = (0..lengths.len()).find(|row| length(&lengths, *row) != length(&theirs, *row))
            else {
                continue;
            };
            let name = |id: FieldId| schema.field_by_id(id).map_or("", |field| field.name.as_str());
            return Err(invalid(format!(
                "the fields of a struct must have as many elements as each other, but in row {row} {} has {} and {} has {}",
                name(first),
                shown(length(&lengths, row)),
                name(other),
                shown(length(&theirs, row))
            )));
        }
    }
    Ok(())
}

/// Elements of a row; `None` = null.
fn length(column: &ColumnView<'_>, row: usize) -> Option<i32> {
    let ColumnRef::Array { offsets, .. } = &column.data else { return None };
    let ends = offsets.get(row).zip(offsets.get(row + 1)).filter(|_| column.is_valid(row));
    ends.map(|(start, end)| end - start)
}

fn shown(length: Option<i32>) -> String {
    length.map_or_else(|| "null".to_owned(), |length| length.to_string())
}
