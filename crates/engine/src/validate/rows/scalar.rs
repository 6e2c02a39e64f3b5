//! Booleans and numbers.

use super::presence::Presence;
use crate::validate::field::integer_range;
use crate::validate::invalid;
use elanus_types::input::InputData;
use elanus_types::{ColumnData, DataType, Error, FieldSchema, Result};

/// Whether a payload of one scalar per row can carry values of `data_type`.
pub(super) fn carries(data: &InputData, data_type: DataType) -> bool {
    match data {
        InputData::Bool(_) => data_type == DataType::Bool,
        InputData::Int(_) => matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32),
        InputData::Long(_) => data_type == DataType::Int64,
        InputData::Float(_) => data_type == DataType::Float,
        InputData::Double(_) => data_type == DataType::Double,
        InputData::Text(_) => matches!(data_type, DataType::VarChar | DataType::Timestamptz),
        InputData::Wkt(_) => data_type == DataType::Geometry,
        _ => false,
    }
}

/// Values in a payload of scalars; 0 for other payloads.
pub(super) fn len(data: &InputData) -> usize {
    match data {
        InputData::Bool(v) => v.len(),
        InputData::Int(v) => v.len(),
        InputData::Long(v) => v.len(),
        InputData::Float(v) => v.len(),
        InputData::Double(v) => v.len(),
        InputData::Text(v) | InputData::Wkt(v) => v.len(),
        _ => 0,
    }
}

/// The values of a payload whose kind fits the field, as stored.
pub(super) fn column(field: &FieldSchema, data: &InputData, presence: &Presence<'_>) -> Result<ColumnData> {
    match data {
        InputData::Int(values) => {
            check_range(
                field.data_type,
                presence.present().filter_map(|(row, at)| Some((row, *values.get(at)?))),
            )?;
        }
        InputData::Float(values) => {
            let values = presence.present().filter_map(|(_, at)| values.get(at));
            check_finite(values.map(|value| f64::from(*value)))?;
        }
        InputData::Double(values) => {
            check_finite(presence.present().filter_map(|(_, at)| values.get(at).copied()))?
        }
        _ => {}
    }
    stored(data, field.data_type)
        .ok_or_else(|| super::fields::type_mismatch(&field.name, field.data_type, data))
}

/// Numbers as stored; integers must be in range already.
pub(super) fn stored(data: &InputData, data_type: DataType) -> Option<ColumnData> {
    Some(match (data, data_type) {
        (InputData::Bool(v), DataType::Bool) => ColumnData::Bool(v.clone()),
        (InputData::Int(v), DataType::Int8) => ColumnData::Int8(v.iter().map(|value| *value as i8).collect()),
        (InputData::Int(v), DataType::Int16) => {
            ColumnData::Int16(v.iter().map(|value| *value as i16).collect())
        }
        (InputData::Int(v), DataType::Int32) => ColumnData::Int32(v.clone()),
        (InputData::Long(v), DataType::Int64) => ColumnData::Int64(v.clone()),
        (InputData::Float(v), DataType::Float) => ColumnData::Float(v.clone()),
        (InputData::Double(v), DataType::Double) => ColumnData::Double(v.clone()),
        _ => return None,
    })
}

/// Checks numbered integers against the range of their type.
pub(super) fn check_range(data_type: DataType, values: impl IntoIterator<Item = (usize, i32)>) -> Result<()> {
    let (low, high) = integer_range(data_type);
    match values.into_iter().find(|(_, value)| !(low..=high).contains(&i64::from(*value))) {
        None => Ok(()),
        Some((row, value)) => Err(Error::expected(
            format!("the {row}th element ({value}) out of range: [{low}, {high}]"),
            "integer doesn't overflow",
            "out of range",
        )),
    }
}

/// Refuses NaN and infinities.
pub(super) fn check_finite(values: impl IntoIterator<Item = f64>) -> Result<()> {
    match values.into_iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(not_finite(value)),
    }
}

/// The error of a component that is NaN or infinite.
pub(super) fn not_finite(value: f64) -> Error {
    let text = match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "+Inf",
        _ => "-Inf",
    };
    invalid(format!("value '{text}' is not a number or infinity"))
}
