//! Dense vectors: raw little-endian rows, shared with the request wherever the layout is the stored one.

use super::presence::Presence;
use super::scalar;
use crate::validate::invalid;
use bytes::Bytes;
use elanus_kernels::{Element, convert};
use elanus_types::{ColumnData, DataType, Error, FieldSchema, Result};

/// Vectors in a payload, after a check of their dimensions.
pub(super) fn rows(field: &FieldSchema, sent: DataType, dim: i64, data: &Bytes) -> Result<usize> {
    if data.is_empty() {
        return Ok(0);
    }
    if usize::try_from(dim) != Ok(field.dim) {
        let message = format!(
            "the dim ({dim}) of field data({}) is not equal to schema dim ({})",
            field.name, field.dim
        );
        return Err(Error::expected(message, field.dim, dim));
    }
    match sent.vector_width(field.dim) {
        Some(width) if width > 0 && data.len().is_multiple_of(width) => Ok(data.len() / width),
        width => Err(invalid(format!(
            "the length({}) of vector data of field {} should divide the width({}) of its dim({dim})",
            data.len(),
            field.name,
            width.unwrap_or(0)
        ))),
    }
}

/// Vectors as stored.
pub(super) fn column(
    field: &FieldSchema,
    sent: DataType,
    data: &Bytes,
    presence: &Presence<'_>,
) -> Result<ColumnData> {
    let width = field.vector_width().unwrap_or(0);
    let data = stored(field, sent, data)?;
    // Rows without a value may hold anything: a full payload is checked row by row then.
    for (_, at) in presence.present() {
        check_dense(field.data_type, data.get(at * width..(at + 1) * width).unwrap_or_default())?;
    }
    Ok(ColumnData::Fixed { width, data })
}

/// Whether vectors of type `sent` can be stored as `data_type`: halves may come as floats.
pub(super) fn carries(data_type: DataType, sent: DataType) -> bool {
    let half = matches!(data_type, DataType::Float16Vector | DataType::BFloat16Vector);
    sent.is_dense_vector() && (sent == data_type || (half && sent == DataType::FloatVector))
}

/// Vectors one after the other in the field's element type.
pub(super) fn stored(field: &FieldSchema, sent: DataType, data: &Bytes) -> Result<Bytes> {
    let (Some(from), Some(to)) = (element(sent), element(field.data_type)) else {
        return Err(Error::internal(format!("field {} is no dense vector", field.name)));
    };
    Ok(if from == to { data.clone() } else { converted(from, to, data, field.dim) })
}

/// Checks dense vectors of the field's own type, stored or searched for: NaN and infinities have no distance.
pub fn check_dense(data_type: DataType, vector: &[u8]) -> Result<()> {
    element(data_type).map_or(Ok(()), |element| check_components(element, vector))
}

fn check_components(element: Element, vector: &[u8]) -> Result<()> {
    let Some(place) = convert::first_not_finite(element, vector) else { return Ok(()) };
    let mut floats = Vec::new();
    convert::decode(element, vector, &mut floats);
    Err(scalar::not_finite(floats.get(place).map_or(f64::NAN, |value| f64::from(*value))))
}

/// All rows in another element type, a row at a time so that no second copy of the payload is held.
fn converted(from: Element, to: Element, data: &Bytes, dim: usize) -> Bytes {
    let mut out = Vec::with_capacity(data.len() / from.width(dim).max(1) * to.width(dim));
    let mut floats = Vec::with_capacity(dim);
    for row in data.chunks(from.width(dim).max(1)) {
        floats.clear();
        convert::decode(from, row, &mut floats);
        convert::encode(to, &floats, &mut out);
    }
    out.into()
}

fn element(data_type: DataType) -> Option<Element> {
    match data_type {
        DataType::FloatVector => Some(Element::F32),
        DataType::Float16Vector => Some(Element::F16),
        DataType::BFloat16Vector => Some(Element::BF16),
        DataType::Int8Vector => Some(Element::I8),
        DataType::BinaryVector => Some(Element::Bit),
        _ => None,
    }
}
