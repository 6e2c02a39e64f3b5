//! Columns of an answer.
//!
//! Nulls go out in two ways: scalars full length with placeholders, vectors compact, both beside `valid_data`.
//! Clients break, or shift vectors silently, when the two are mixed up.

use super::payload::{floats_out, rows};
use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{
    ArrayArray, BoolArray, DoubleArray, FieldData, FloatArray, IntArray, JsonArray, LongArray, ScalarField,
    SparseFloatArray, StringArray, VectorField,
};
use elanus_types::query::OutputField;
use elanus_types::{Column, ColumnData, ColumnRef, DataType, FieldSchema};

/// One column of an answer.
pub(crate) fn field(output: OutputField) -> FieldData {
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
            Field::Scalars(ScalarField { data: Some(scalars(&schema, column)) })
        }),
        field_name: schema.name,
    }
}

fn flags(column: &Column) -> Vec<bool> {
    let view = column.view();
    (0..view.len()).map(|row| view.is_valid(row)).collect()
}

fn scalars(schema: &FieldSchema, column: Column) -> Scalar {
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
        ColumnData::Array { offsets, items } => Scalar::ArrayData(arrays(schema, &offsets, &items)),
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

fn arrays(schema: &FieldSchema, offsets: &[i32], items: &ColumnData) -> ArrayArray {
    let items = items.as_ref();
    let row =
        |range: &[i32]| ScalarField { data: Some(elements(&items, range[0] as usize..range[1] as usize)) };
    ArrayArray {
        data: offsets.windows(2).map(row).collect(),
        element_type: schema.element_type.map_or(0, DataType::number),
    }
}

/// The elements of one row of an ARRAY.
fn elements(items: &ColumnRef<'_>, range: std::ops::Range<usize>) -> Scalar {
    fn part<T: Copy>(values: &[T], range: std::ops::Range<usize>) -> Vec<T> {
        values.get(range).unwrap_or_default().to_vec()
    }
    match items {
        ColumnRef::Bool(v) => numbers(ColumnData::Bool(part(v, range))),
        ColumnRef::Int8(v) => numbers(ColumnData::Int8(part(v, range))),
        ColumnRef::Int16(v) => numbers(ColumnData::Int16(part(v, range))),
        ColumnRef::Int32(v) => numbers(ColumnData::Int32(part(v, range))),
        ColumnRef::Int64(v) => numbers(ColumnData::Int64(part(v, range))),
        ColumnRef::Float(v) => numbers(ColumnData::Float(part(v, range))),
        ColumnRef::Double(v) => numbers(ColumnData::Double(part(v, range))),
        _ => {
            let text = |row| Bytes::copy_from_slice(items.bytes(row).unwrap_or_default());
            Scalar::StringData(StringArray { data: range.map(text).collect() })
        }
    }
}

fn vectors(schema: &FieldSchema, column: Column) -> VectorField {
    let valid = column.valid.as_ref();
    match column.data {
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
    match valid {
        Some(valid) if valid.count() < valid.len() => {
            let mut kept = Vec::with_capacity(valid.count() * width);
            valid
                .iter()
                .filter_map(|row| data.get(row * width..(row + 1) * width))
                .for_each(|row| kept.extend_from_slice(row));
            kept.into()
        }
        _ => data,
    }
}

/// One more than the largest index of a sparse row.
fn sparse_dim(row: &[u8]) -> i64 {
    let (pairs, _) = row.as_chunks::<8>();
    pairs.last().map_or(0, |[a, b, c, d, ..]| i64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 1)
}
