//! Columns of an insert or upsert. Vectors stay slices of the message that brought them.

use super::payload::{floats_in, text};
use bytes::Bytes;
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{FieldData, ScalarField, VectorField};
use elanus_types::input::{InputData, InputField};
use elanus_types::{DataType, Error, Result};

/// The columns of a request.
pub(crate) fn fields(fields: Vec<FieldData>) -> Result<Vec<InputField>> {
    let mut inputs = Vec::with_capacity(fields.len());
    for mut sent in fields {
        match sent.field.take() {
            Some(Field::StructArrays(parts)) => {
                for part in parts.fields {
                    inputs.push(self::part(&sent, part)?);
                }
            }
            data => inputs.push(field(FieldData { field: data, ..sent })?),
        }
    }
    Ok(inputs)
}

/// A part of a struct array, under the name it is stored by. Where it does not say which rows are null, the whole does.
fn part(whole: &FieldData, mut part: FieldData) -> Result<InputField> {
    let prefix = format!("{}[", whole.field_name);
    if !(part.field_name.starts_with(&prefix) && part.field_name.ends_with(']')) {
        part.field_name = format!("{prefix}{}]", part.field_name);
    }
    if part.valid_data.is_empty() {
        part.valid_data.clone_from(&whole.valid_data);
    }
    field(part)
}

fn field(field: FieldData) -> Result<InputField> {
    let data = match field.field {
        None => Ok(InputData::Empty),
        Some(Field::Scalars(scalars)) => scalar(scalars),
        Some(Field::Vectors(vectors)) => Ok(vector(vectors)),
        // Structs within structs.
        Some(Field::StructArrays(_)) => Ok(InputData::Unsupported("ArrayOfStruct")),
    };
    let data = data.map_err(|error: Error| error.context(format!("field ({})", field.field_name)))?;
    Ok(InputField { name: field.field_name, dynamic: field.is_dynamic, data, valid: field.valid_data })
}

fn scalar(field: ScalarField) -> Result<InputData> {
    Ok(match field.data {
        None => InputData::Empty,
        Some(Scalar::BoolData(v)) => InputData::Bool(v.data),
        Some(Scalar::IntData(v)) => InputData::Int(v.data),
        Some(Scalar::LongData(v)) => InputData::Long(v.data),
        Some(Scalar::FloatData(v)) => InputData::Float(floats_in(&v.data)?),
        Some(Scalar::DoubleData(v)) => InputData::Double(v.data),
        Some(Scalar::StringData(v)) => InputData::Text(texts(v.data)?),
        Some(Scalar::JsonData(v)) => InputData::Json(v.data),
        Some(Scalar::ArrayData(v)) => {
            InputData::Array(v.data.into_iter().map(scalar).collect::<Result<_>>()?)
        }
        Some(Scalar::BytesData(_)) => InputData::Unsupported("Bytes"),
        Some(Scalar::GeometryWktData(v)) => InputData::Wkt(texts(v.data)?),
        Some(Scalar::GeometryData(_)) => InputData::Unsupported("Geometry as WKB"),
        Some(Scalar::TimestamptzData(_)) => InputData::Unsupported("Timestamptz"),
        Some(Scalar::MolData(_) | Scalar::MolSmilesData(_)) => InputData::Unsupported("Mol"),
        Some(Scalar::DateData(_)) => InputData::Unsupported("Date"),
        Some(Scalar::TimeData(_)) => InputData::Unsupported("Time"),
    })
}

fn texts(rows: Vec<Bytes>) -> Result<Vec<Bytes>> {
    rows.iter().try_for_each(|row| text(row).map(drop))?;
    Ok(rows)
}

fn vector(field: VectorField) -> InputData {
    let dim = field.dim;
    let dense = |data_type, data| InputData::Vector { data_type, dim, data };
    match field.data {
        None => InputData::Empty,
        Some(Vector::FloatVector(v)) => dense(DataType::FloatVector, v.data),
        Some(Vector::BinaryVector(v)) => dense(DataType::BinaryVector, v),
        Some(Vector::Float16Vector(v)) => dense(DataType::Float16Vector, v),
        Some(Vector::Bfloat16Vector(v)) => dense(DataType::BFloat16Vector, v),
        Some(Vector::Int8Vector(v)) => dense(DataType::Int8Vector, v),
        Some(Vector::SparseFloatVector(v)) => InputData::Sparse(v.contents),
        Some(Vector::VectorArray(v)) => InputData::Vectors(v.data.into_iter().map(list).collect()),
    }
}

/// One list of vectors. Lists within lists are no such thing.
fn list(field: VectorField) -> InputData {
    match vector(field) {
        InputData::Vector { data, .. } if data.is_empty() => InputData::Empty,
        InputData::Vectors(_) => InputData::Unsupported("ArrayOfVector"),
        list => list,
    }
}

/// About how many values or bytes converting these columns touches; dense vectors count nothing, they only move.
pub(crate) fn weight(fields: &[FieldData]) -> usize {
    let of_field = |field: &FieldData| match &field.field {
        Some(Field::Scalars(scalars)) => scalar_weight(scalars),
        Some(Field::Vectors(VectorField { data: Some(Vector::VectorArray(lists)), .. })) => {
            lists.data.len() * 8
        }
        Some(Field::StructArrays(parts)) => weight(&parts.fields),
        Some(Field::Vectors(_)) | None => 0,
    };
    fields.iter().map(of_field).sum()
}

fn scalar_weight(field: &ScalarField) -> usize {
    match &field.data {
        Some(Scalar::FloatData(v)) => v.data.len(),
        Some(Scalar::StringData(v)) => v.data.iter().map(|row| row.len() + 1).sum(),
        Some(Scalar::GeometryWktData(v)) => v.data.iter().map(|row| row.len() + 1).sum(),
        Some(Scalar::ArrayData(v)) => v.data.iter().map(|row| scalar_weight(row) + 8).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
