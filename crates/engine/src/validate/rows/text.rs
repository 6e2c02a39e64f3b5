//! VARCHAR, and what texts, JSON and sparse vectors have in common: byte strings laid end to end.

use super::presence::Presence;
use crate::validate::invalid;
use bytes::Bytes;
use elanus_types::{ColumnData, Error, FieldSchema, Result};

/// VARCHAR values: UTF-8 of bounded length.
pub(super) fn varchar(field: &FieldSchema, texts: &[Bytes], presence: &Presence<'_>) -> Result<ColumnData> {
    for (row, at) in presence.present() {
        let text = texts.get(at).map_or(&[][..], |text| text);
        check_utf8(field, row, text)?;
        let (length, most) = (text.len(), field.max_length);
        if length > most {
            return Err(invalid(format!(
                "length of varchar field {} exceeds max length, row number: {row}, length: {length}, max length: {most}",
                field.name
            )));
        }
    }
    joined(field, texts)
}

/// Refuses bytes that are not UTF-8.
pub(super) fn check_utf8(field: &FieldSchema, row: usize, text: &[u8]) -> Result<()> {
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(invalid(format!("field {} is not valid utf-8, row number: {row}, {error}", field.name)))
        }
    }
}

/// The texts of one row of an ARRAY.
pub(super) fn check_elements(field: &FieldSchema, row: usize, texts: &[Bytes]) -> Result<()> {
    for (i, text) in texts.iter().enumerate() {
        check_utf8(field, row, text)?;
        let (length, most) = (text.len(), field.max_length);
        if length > most {
            let message = format!("the length ({length}) of {i}th string exceeds max length ({most})");
            return Err(Error::expected(message, "valid length string", "string length exceeds max length"));
        }
    }
    Ok(())
}

/// Byte strings end to end.
pub(super) fn joined<T: AsRef<[u8]>>(field: &FieldSchema, rows: &[T]) -> Result<ColumnData> {
    let total = rows.iter().map(|row| row.as_ref().len()).sum();
    offset(field, total)?;
    let (mut offsets, mut data) = (Vec::with_capacity(rows.len() + 1), Vec::with_capacity(total));
    offsets.push(0);
    for row in rows {
        data.extend_from_slice(row.as_ref());
        offsets.push(data.len() as i32);
    }
    Ok(ColumnData::Bytes { offsets, data })
}

/// A length as an offset of a column; columns of one request end at 2 GiB.
pub(super) fn offset(field: &FieldSchema, length: usize) -> Result<i32> {
    i32::try_from(length).map_err(|_| {
        let unit = if field.element_type.is_some() { "elements" } else { "bytes" };
        invalid(format!(
            "field {} brings {length} {unit}, at most {} fit one request, send fewer rows at once",
            field.name,
            i32::MAX
        ))
    })
}
