//! ARRAY: one list of scalars per row.

use super::presence::Presence;
use super::{fields, scalar, text};
use elanus_types::input::InputData;
use elanus_types::{ColumnData, DataType, Error, FieldSchema, Result};

/// The lists as stored. A list without payload is an empty one.
pub(super) fn column(
    field: &FieldSchema,
    lists: &[InputData],
    presence: &Presence<'_>,
) -> Result<ColumnData> {
    let element = field.element_type.unwrap_or(DataType::Int64);
    for (row, at) in presence.present() {
        check(field, element, row, lists.get(at).unwrap_or(&InputData::Empty))?;
    }
    let mut offsets = Vec::with_capacity(lists.len() + 1);
    offsets.push(0);
    let mut total = 0;
    for list in lists {
        total += if scalar::carries(list, element) { scalar::len(list) } else { 0 };
        offsets.push(text::offset(field, total)?);
    }
    Ok(ColumnData::Array { offsets, items: Box::new(items(field, element, lists)?) })
}

fn check(field: &FieldSchema, element: DataType, row: usize, list: &InputData) -> Result<()> {
    if !matches!(list, InputData::Empty) && !scalar::carries(list, element) {
        let mismatch = fields::type_mismatch(&field.name, element, list);
        return Err(mismatch.context("insert data does not match"));
    }
    check_capacity(field, row, scalar::len(list))?;
    match list {
        InputData::Int(values) => scalar::check_range(element, values.iter().copied().enumerate()),
        InputData::Float(values) => scalar::check_finite(values.iter().map(|value| f64::from(*value))),
        InputData::Double(values) => scalar::check_finite(values.iter().copied()),
        InputData::Text(texts) => text::check_elements(field, row, texts),
        _ => Ok(()),
    }
}

/// The limit of elements of one row.
pub(crate) fn check_capacity(field: &FieldSchema, row: usize, length: usize) -> Result<()> {
    let most = field.max_capacity;
    if length <= most {
        return Ok(());
    }
    let message = format!("the length ({length}) of {row}th array exceeds max capacity ({most})");
    Err(Error::expected(message, "valid length array", "array length exceeds max capacity"))
}

/// All elements end to end. Lists of another type can only stand at rows without a value and count as empty.
fn items(field: &FieldSchema, element: DataType, lists: &[InputData]) -> Result<ColumnData> {
    macro_rules! all {
        ($variant:ident, $convert:expr) => {
            lists
                .iter()
                .flat_map(|list| match list {
                    InputData::$variant(values) => values.as_slice(),
                    _ => &[],
                })
                .map($convert)
                .collect()
        };
    }
    Ok(match element {
        DataType::Bool => ColumnData::Bool(all!(Bool, |value| *value)),
        DataType::Int8 => ColumnData::Int8(all!(Int, |value| *value as i8)),
        DataType::Int16 => ColumnData::Int16(all!(Int, |value| *value as i16)),
        DataType::Int32 => ColumnData::Int32(all!(Int, |value| *value)),
        DataType::Float => ColumnData::Float(all!(Float, |value| *value)),
        DataType::Double => ColumnData::Double(all!(Double, |value| *value)),
        DataType::VarChar => {
            let texts: Vec<&[u8]> = all!(Text, |text| text.as_ref());
            text::joined(field, &texts)?
        }
        _ => ColumnData::Int64(all!(Long, |value| *value)),
    })
}
