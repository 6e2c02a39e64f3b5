//! Random valid requests against rows written one by one.

use super::*;
use crate::validate::rows::rows;
use elanus_geotime::geometry;
use elanus_geotime::time::{self, Zone};
use elanus_kernels::{convert, sparse};
use elanus_types::{Column, ColumnBuilder, Value};
use fastrand::Rng;

/// A field, its values as the reference keeps them, and the payload of the rows in `sent`.
struct Made {
    field: FieldSchema,
    values: Vec<Value>,
    valid: Vec<bool>,
}

const TYPES: &[DataType] = DataType::ALL;

fn text(rng: &mut Rng) -> String {
    (0..rng.usize(..5)).map(|_| ['a', 'é', '7'][rng.usize(..3)]).take(3).collect()
}

fn floats(rng: &mut Rng) -> Vec<f32> {
    (0..16).map(|_| rng.i8(..) as f32 / 8.0).collect()
}

fn scalar(rng: &mut Rng, data_type: DataType) -> Value {
    match data_type {
        DataType::Bool => Value::Bool(rng.bool()),
        DataType::Int8 => Value::Int(rng.i8(..).into()),
        DataType::Int16 => Value::Int(rng.i16(..).into()),
        DataType::Int32 => Value::Int(rng.i32(..).into()),
        DataType::Int64 => Value::Int(rng.i64(..)),
        DataType::Float => Value::Float(f64::from(rng.f32())),
        DataType::Double => Value::Float(rng.f64()),
        _ => Value::Str(text(rng)),
    }
}

/// One value as the column must hold it.
fn value(rng: &mut Rng, field: &FieldSchema) -> Value {
    let elements = |element, values: &[f32]| {
        let mut bytes = Vec::new();
        convert::encode(element, values, &mut bytes);
        Value::Bytes(bytes)
    };
    match field.data_type {
        DataType::Json => Value::Str(format!("{{\"k{}\":[{}, null]}}", rng.u8(..9), rng.i64(..))),
        DataType::Array => {
            let element = field.element_type.unwrap_or(DataType::Int64);
            Value::Array((0..rng.usize(..4)).map(|_| scalar(rng, element)).collect())
        }
        DataType::ArrayOfVector => {
            let one = one_vector(field);
            Value::Array((0..rng.usize(..4)).map(|_| value(rng, &one)).collect())
        }
        DataType::Timestamptz => Value::Int(rng.i64(-60_000_000_000_000_000..250_000_000_000_000_000)),
        DataType::Geometry => {
            let text = format!("LINESTRING ({} {}, 0.5 1)", rng.i8(..), rng.f64());
            Value::Bytes(geometry::from_wkt(&text).expect("WKT"))
        }
        DataType::FloatVector => Value::Bytes(convert::f32_bytes(&floats(rng))),
        DataType::Float16Vector => elements(elanus_kernels::Element::F16, &floats(rng)),
        DataType::BFloat16Vector => elements(elanus_kernels::Element::BF16, &floats(rng)),
        DataType::Int8Vector => Value::Bytes((0..16).map(|_| rng.u8(..)).collect()),
        DataType::BinaryVector => Value::Bytes((0..2).map(|_| rng.u8(..)).collect()),
        DataType::SparseFloatVector => {
            Value::Bytes(sparse::row((0..rng.u32(..4)).map(|i| (i * 3, rng.f32()))))
        }
        scalar_type => scalar(rng, scalar_type),
    }
}

/// A field of single vectors like those in the lists of a field.
fn one_vector(field: &FieldSchema) -> FieldSchema {
    FieldSchema { data_type: field.vector_type(), element_type: None, ..field.clone() }
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Str(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.clone(),
        _ => Vec::new(),
    }
}

fn int(value: &Value) -> i64 {
    if let Value::Int(value) = value { *value } else { 0 }
}

fn float(value: &Value) -> f64 {
    if let Value::Float(value) = value { *value } else { f64::NAN }
}

/// Values as they travel; nulls as junk, which a full payload may hold.
fn payload(rng: &mut Rng, field: &FieldSchema, data_type: DataType, values: &[Value]) -> InputData {
    match data_type {
        DataType::Bool => InputData::Bool(values.iter().map(|v| *v == Value::Bool(true)).collect()),
        DataType::Int8 | DataType::Int16 | DataType::Int32 => InputData::Int(
            values.iter().map(|v| if v.is_null() { i32::MAX } else { int(v) as i32 }).collect(),
        ),
        DataType::Int64 => InputData::Long(values.iter().map(int).collect()),
        DataType::Float => InputData::Float(values.iter().map(|v| float(v) as f32).collect()),
        DataType::Double => InputData::Double(values.iter().map(float).collect()),
        DataType::VarChar => InputData::Text(values.iter().map(|v| bytes(v).into()).collect()),
        DataType::Timestamptz => {
            let text =
                |v: &Value| if v.is_null() { "?".into() } else { time::format(int(v), &Zone::UTC).into() };
            InputData::Text(values.iter().map(text).collect())
        }
        DataType::Geometry => {
            let text = |v: &Value| geometry::to_wkt(&bytes(v)).unwrap_or_else(|| "?".to_owned()).into();
            InputData::Wkt(values.iter().map(text).collect())
        }
        DataType::Json => InputData::Json(values.iter().map(|v| bytes(v).into()).collect()),
        DataType::SparseFloatVector => InputData::Sparse(values.iter().map(|v| bytes(v).into()).collect()),
        DataType::Array => {
            let element = field.element_type.unwrap_or(DataType::Int64);
            let list = |rng: &mut Rng, v: &Value| match v {
                Value::Array(items) => payload(rng, field, element, items),
                _ => InputData::Empty,
            };
            InputData::Array(values.iter().map(|v| list(rng, v)).collect())
        }
        DataType::ArrayOfVector => {
            let one = one_vector(field);
            let list = |rng: &mut Rng, v: &Value| match v {
                Value::Array(items) => payload(rng, &one, one.data_type, items),
                _ if rng.bool() => InputData::Empty,
                _ => InputData::Vector { data_type: DataType::Int8Vector, dim: 3, data: vec![9; 5].into() },
            };
            InputData::Vectors(values.iter().map(|v| list(rng, v)).collect())
        }
        dense => {
            let width = field.vector_width().unwrap_or(0);
            let whole = |v: &Value| if v.is_null() { vec![0xff; width] } else { bytes(v) };
            let data: Vec<u8> = values.iter().flat_map(whole).collect();
            let half = match dense {
                DataType::Float16Vector => Some(elanus_kernels::Element::F16),
                DataType::BFloat16Vector => Some(elanus_kernels::Element::BF16),
                _ => None,
            };
            match half.filter(|_| rng.bool()) {
                Some(half) => {
                    let data = convert::convert(half, elanus_kernels::Element::F32, &data).into();
                    InputData::Vector { data_type: DataType::FloatVector, dim: 16, data }
                }
                None => InputData::Vector { data_type: dense, dim: 16, data: data.into() },
            }
        }
    }
}

fn make(rng: &mut Rng, id: i64, rows: usize) -> Made {
    let data_type = TYPES[rng.usize(..TYPES.len())];
    let mut field = super::field(id, &format!("f{id}"), data_type);
    if data_type == DataType::Array {
        let elements = [DataType::Bool, DataType::Int8, DataType::Int64, DataType::Float, DataType::VarChar];
        field.element_type = Some(elements[rng.usize(..5)]);
    }
    if data_type == DataType::ArrayOfVector {
        let elements = [DataType::FloatVector, DataType::Float16Vector, DataType::Int8Vector];
        (field.element_type, field.dim) = (Some(elements[rng.usize(..3)]), 16);
    }
    field.nullable = rng.bool();
    if rng.bool() && !data_type.is_vector() && !matches!(data_type, DataType::Json | DataType::Array) {
        field.default = Some(value(rng, &field));
    }
    let optional = field.nullable || field.default.is_some();
    let valid = (0..rows).map(|_| !optional || rng.u8(..4) > 0).collect();
    let values = (0..rows).map(|_| value(rng, &field)).collect();
    Made { field, values, valid }
}

/// How the made field travels: not at all, compact, full, without flags.
fn travels(rng: &mut Rng, made: &mut Made) -> Option<InputField> {
    let optional = made.field.nullable || made.field.default.is_some();
    if optional && rng.u8(..6) == 0 {
        made.valid.fill(false);
        return None;
    }
    let all = made.valid.iter().all(|valid| *valid);
    let compact = rng.bool();
    let pairs = made.values.iter().zip(&made.valid);
    let shown: Vec<Value> = pairs
        .filter(|(_, valid)| **valid || !compact)
        .map(|(value, valid)| if *valid { value.clone() } else { Value::Null })
        .collect();
    let data = payload(rng, &made.field, made.field.data_type, &shown);
    let valid = if all && (!optional || rng.bool()) { Vec::new() } else { made.valid.clone() };
    Some(flagged(&made.field.name, data, &valid))
}

/// The column that rows pushed one by one make.
fn reference(made: &Made) -> Column {
    let mut column = ColumnBuilder::for_field(&made.field);
    for (value, valid) in made.values.iter().zip(&made.valid) {
        let missing = made.field.default.clone().unwrap_or(Value::Null);
        assert!(column.push(if *valid { value } else { &missing }));
    }
    column.finish()
}

#[test]
fn batches_equal_rows_written_one_by_one() {
    for seed in 0..400 {
        let mut rng = Rng::with_seed(seed);
        let rows_sent = rng.usize(1..40);
        let count = rng.i64(1..7);
        let mut made: Vec<Made> = (101..101 + count).map(|id| make(&mut rng, id, rows_sent)).collect();
        let keys: Vec<i64> = (0..rows_sent as i64).map(|key| key * 3).collect();
        let mut fields = vec![sent("id", InputData::Long(keys.clone()))];
        fields.extend(made.iter_mut().filter_map(|made| travels(&mut rng, made)));
        rng.shuffle(&mut fields);
        let mut schema = vec![super::field(100, "id", DataType::Int64)];
        schema.extend(made.iter().map(|made| made.field.clone()));
        let batch = match rows(&meta(schema), &insert(rows_sent, fields), |_| 0) {
            Ok(batch) => batch,
            Err(error) => panic!("seed {seed}: {error}"),
        };
        assert_eq!(batch.rows, rows_sent);
        assert_eq!(batch.columns.len(), made.len() + 1, "seed {seed}");
        for made in &made {
            let column = batch.column(made.field.id).map(Column::view);
            let want = reference(made);
            for row in 0..rows_sent {
                let got = column.as_ref().map(|column| column.value(row));
                assert_eq!(
                    got,
                    Some(want.view().value(row)),
                    "seed {seed}, {}, row {row}",
                    made.field.data_type
                );
            }
        }
    }
}
