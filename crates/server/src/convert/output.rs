//! Columns of an answer.
//!
//! Nulls go out in two ways: scalars full length with placeholders, vectors compact, both beside `valid_data`.
//! Clients break, or shift vectors silently, when the two are mixed up. A column's bytes move into the message:
//! texts and vectors are slices of the buffer that the engine filled.

mod rendered;

use super::payload::{floats_out, rows, span};
use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{
    self as wire, ArrayArray, BoolArray, DoubleArray, FieldData, FloatArray, IntArray, JsonArray, LongArray,
    ScalarField, SparseFloatArray, StringArray, StructArrayField, VectorArray, VectorField,
};
use elanus_types::query::OutputField;
use elanus_types::{Column, ColumnData, DataType, FieldSchema};

/// The type of a struct array, which is no column of its own.
const ARRAY_OF_STRUCT: i32 = wire::DataType::ArrayOfStruct as i32;

/// Columns of an answer, with moments as local times of the zone that is named so; the parts of a struct array become one.
pub(crate) fn fields(outputs: Vec<OutputField>, timezone: &str) -> Vec<FieldData> {
    let mut fields: Vec<FieldData> = Vec::with_capacity(outputs.len());
    for output in outputs {
        let Some((structure, name)) = output.field.part() else {
            fields.push(field(output, timezone));
            continue;
        };
        let (structure, name) = (structure.to_owned(), name.to_owned());
        let part = FieldData { field_name: name, ..field(output, timezone) };
        let known =
            fields.iter_mut().find(|field| field.r#type == ARRAY_OF_STRUCT && field.field_name == structure);
        match known.and_then(|known| known.field.as_mut()) {
            Some(Field::StructArrays(parts)) => parts.fields.push(part),
            _ => fields.push(whole(structure, part)),
        }
    }
    fields
}

/// A struct array of which one part is there.
fn whole(name: String, part: FieldData) -> FieldData {
    FieldData {
        r#type: ARRAY_OF_STRUCT,
        field_name: name,
        field: Some(Field::StructArrays(StructArrayField { fields: vec![part] })),
        ..Default::default()
    }
}

/// One column of an answer.
pub(crate) fn field(output: OutputField, timezone: &str) -> FieldData {
    let OutputField { field: schema, column } = output;
    let valid_data = if schema.nullable && !schema.dynamic { flags(&column) } else { Vec::new() };
    FieldData {
        r#type: schema.data_type.number(),
        field_id: schema.id,
        is_dynamic: schema.dynamic,
        valid_data,
        field: Some(if schema.data_type.is_vector() {
            Field::Vectors(vectors(&schema, column))
        } else {
            Field::Scalars(ScalarField { data: Some(scalars(&schema, column, timezone)) })
        }),
        field_name: schema.name,
    }
}

/// About how many values or bytes converting these columns touches; dense vectors count nothing, they only move.
pub(crate) fn weight(outputs: &[OutputField]) -> usize {
    let of_column = |column: &Column| match &column.data {
        ColumnData::Fixed { .. } if column.valid.is_none() => 0,
        ColumnData::Bytes { offsets, .. } => offsets.len() * 8,
        ColumnData::Array { offsets, items } => offsets.len() * 16 + items.as_ref().as_ref().byte_size(),
        _ => column.view().byte_size(),
    };
    outputs.iter().map(|output| of_column(&output.column)).sum()
}

fn flags(column: &Column) -> Vec<bool> {
    match &column.valid {
        None => vec![true; column.len()],
        Some(valid) => (0..valid.len()).map(|row| valid.get(row)).collect(),
    }
}

fn scalars(schema: &FieldSchema, column: Column, timezone: &str) -> Scalar {
    match schema.data_type {
        DataType::Timestamptz => return Scalar::StringData(rendered::moments(&column, timezone)),
        DataType::Geometry => return Scalar::GeometryWktData(rendered::shapes(&column)),
        _ => {}
    }
    match column.data {
        ColumnData::Bytes { offsets, data } => {
            let mut data = rows(&offsets, data);
            if schema.dynamic {
                // Clients parse every row's dynamic keys, also where a row has none.
                data.iter_mut().filter(|row| row.is_empty()).for_each(|row| *row = Bytes::from_static(b"{}"));
            }
            if schema.data_type == DataType::Json {
                Scalar::JsonData(JsonArray { data })
            } else {
                Scalar::StringData(StringArray { data })
            }
        }
        ColumnData::Array { offsets, items } => Scalar::ArrayData(arrays(schema, &offsets, *items)),
        data => numbers(data),
    }
}

fn numbers(data: ColumnData) -> Scalar {
    match data {
        ColumnData::Bool(data) => Scalar::BoolData(BoolArray { data }),
        ColumnData::Int8(v) => ints(v),
        ColumnData::Int16(v) => ints(v),
        ColumnData::Int32(data) => Scalar::IntData(IntArray { data }),
        ColumnData::Int64(data) => Scalar::LongData(LongArray { data }),
        ColumnData::Float(v) => Scalar::FloatData(FloatArray { data: floats_out(&v) }),
        ColumnData::Double(data) => Scalar::DoubleData(DoubleArray { data }),
        ColumnData::Bytes { .. } | ColumnData::Array { .. } | ColumnData::Fixed { .. } => {
            debug_assert!(false, "a scalar field with a column of another shape");
            Scalar::StringData(StringArray::default())
        }
    }
}

fn ints<T: Into<i32>>(values: Vec<T>) -> Scalar {
    Scalar::IntData(IntArray { data: values.into_iter().map(Into::into).collect() })
}

fn arrays(schema: &FieldSchema, offsets: &[i32], items: ColumnData) -> ArrayArray {
    let element_type = schema.element_type.map_or(0, DataType::number);
    let data = match items {
        ColumnData::Bool(v) => lists(offsets, &v, |row| numbers(ColumnData::Bool(row.to_vec()))),
        ColumnData::Int8(v) => lists(offsets, &v, |row| numbers(ColumnData::Int8(row.to_vec()))),
        ColumnData::Int16(v) => lists(offsets, &v, |row| numbers(ColumnData::Int16(row.to_vec()))),
        ColumnData::Int32(v) => lists(offsets, &v, |row| numbers(ColumnData::Int32(row.to_vec()))),
        ColumnData::Int64(v) => lists(offsets, &v, |row| numbers(ColumnData::Int64(row.to_vec()))),
        ColumnData::Float(v) => {
            lists(offsets, &v, |row| Scalar::FloatData(FloatArray { data: floats_out(row) }))
        }
        ColumnData::Double(v) => lists(offsets, &v, |row| numbers(ColumnData::Double(row.to_vec()))),
        ColumnData::Bytes { offsets: text_offsets, data } => {
            let texts = rows(&text_offsets, data);
            lists(offsets, &texts, |row| Scalar::StringData(StringArray { data: row.to_vec() }))
        }
        ColumnData::Array { .. } | ColumnData::Fixed { .. } => {
            debug_assert!(false, "an array field with elements of another shape");
            Vec::new()
        }
    };
    ArrayArray { data, element_type }
}

/// One list per row, from all elements and where each row's begin and end.
fn lists<T>(offsets: &[i32], items: &[T], list: impl Fn(&[T]) -> Scalar) -> Vec<ScalarField> {
    let row = |range: &[i32]| items.get(span(range, items.len())).unwrap_or_default();
    offsets.windows(2).map(|range| ScalarField { data: Some(list(row(range))) }).collect()
}

fn vectors(schema: &FieldSchema, column: Column) -> VectorField {
    let valid = column.valid.as_ref();
    match column.data {
        ColumnData::Array { offsets, items } => vector_lists(schema, &offsets, *items),
        ColumnData::Fixed { width, data } => {
            let data = compact(width, data, valid);
            VectorField { dim: schema.dim as i64, data: Some(dense(schema.data_type, data)) }
        }
        ColumnData::Bytes { offsets, data } => {
            let all = rows(&offsets, data).into_iter().enumerate();
            let contents: Vec<Bytes> = all.filter(|(i, _)| is_valid(valid, *i)).map(|(_, row)| row).collect();
            let dim = contents.iter().map(|row| sparse_dim(row)).max().unwrap_or(0);
            VectorField { dim, data: Some(Vector::SparseFloatVector(SparseFloatArray { contents, dim })) }
        }
        _ => {
            debug_assert!(false, "a vector field with a column of another shape");
            VectorField::default()
        }
    }
}

/// One list per row, nulls empty: lists are full length where vectors are compact.
fn vector_lists(schema: &FieldSchema, offsets: &[i32], items: ColumnData) -> VectorField {
    let (dim, element) = (schema.dim as i64, schema.vector_type());
    let ColumnData::Fixed { width, data } = items else {
        debug_assert!(false, "lists of vectors with elements of another shape");
        return VectorField::default();
    };
    let count = data.len().checked_div(width).unwrap_or(0);
    let list = |range: &[i32]| {
        let range = span(range, count);
        let data = data.slice(range.start * width..range.end * width);
        VectorField { dim, data: Some(dense(element, data)) }
    };
    let data = offsets.windows(2).map(list).collect();
    let lists = VectorArray { dim, data, element_type: element.number() };
    VectorField { dim, data: Some(Vector::VectorArray(lists)) }
}

fn dense(data_type: DataType, data: Bytes) -> Vector {
    match data_type {
        DataType::BinaryVector => Vector::BinaryVector(data),
        DataType::Float16Vector => Vector::Float16Vector(data),
        DataType::BFloat16Vector => Vector::Bfloat16Vector(data),
        DataType::Int8Vector => Vector::Int8Vector(data),
        _ => Vector::FloatVector(FloatArray { data }),
    }
}

fn is_valid(valid: Option<&Bitmap>, row: usize) -> bool {
    valid.is_none_or(|valid| valid.get(row))
}

/// The rows that are not null; without nulls the very buffer.
fn compact(width: usize, data: Bytes, valid: Option<&Bitmap>) -> Bytes {
    let Some(valid) = valid else { return data };
    let count = valid.count();
    if count == valid.len() {
        return data;
    }
    let mut kept = Vec::with_capacity(count * width);
    let rows = valid.iter().filter_map(|row| data.get(row * width..(row + 1) * width));
    rows.for_each(|row| kept.extend_from_slice(row));
    kept.into()
}

/// One more than the largest index of a sparse row.
fn sparse_dim(row: &[u8]) -> i64 {
    let (pairs, _) = row.as_chunks::<8>();
    pairs.last().map_or(0, |[a, b, c, d, ..]| i64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 1)
}

#[cfg(test)]
mod tests;
