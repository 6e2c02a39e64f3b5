//! Columns of an answer to rows.

use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{FieldData, ScalarField, VectorField, i_ds::IdField};
use half::{bf16, f16};
use serde_json::{Map, Value};

/// The rows of columns. Keys of the dynamic field that were asked for by name stand beside the fields, all of them
/// when none was.
pub fn rows(
    columns: &[FieldData],
    asked: &[String],
    count: usize,
) -> Result<Vec<Map<String, Value>>, String> {
    let mut rows = vec![Map::new(); count];
    let names: Vec<&str> = columns.iter().map(|column| column.field_name.as_str()).collect();
    let keys: Vec<&String> = asked.iter().filter(|name| !names.contains(&name.as_str())).collect();
    for column in columns {
        let cells = cells(column)?;
        if cells.len() != count {
            let name = &column.field_name;
            return Err(format!("column {name} has {} rows, expected {count}", cells.len()));
        }
        for (row, cell) in rows.iter_mut().zip(cells) {
            match cell {
                Value::Object(map) if column.is_dynamic => {
                    row.extend(map.into_iter().filter(|(key, _)| keys.is_empty() || keys.contains(&key)));
                }
                cell => {
                    row.insert(column.field_name.clone(), cell);
                }
            }
        }
    }
    Ok(rows)
}

/// How many rows a column has.
pub fn count(column: &FieldData) -> Result<usize, String> {
    cells(column).map(|cells| cells.len())
}

/// The values of one column, null where it has none.
pub fn cells(column: &FieldData) -> Result<Vec<Value>, String> {
    match &column.field {
        None => Ok(vec![Value::Null; column.valid_data.len()]),
        Some(Field::Scalars(scalars)) => {
            let mut cells = scalar(scalars)?;
            for (cell, valid) in cells.iter_mut().zip(&column.valid_data) {
                if !valid {
                    *cell = Value::Null;
                }
            }
            Ok(cells)
        }
        Some(Field::Vectors(VectorField { data: Some(Vector::VectorArray(lists)), .. })) => {
            let mut cells: Vec<Value> = lists.data.iter().map(|row| Value::Array(vector(row))).collect();
            for (cell, valid) in cells.iter_mut().zip(&column.valid_data) {
                if !valid {
                    *cell = Value::Null;
                }
            }
            Ok(cells)
        }
        Some(Field::Vectors(vectors)) => {
            let mut filled = vector(vectors).into_iter();
            if column.valid_data.is_empty() {
                return Ok(filled.collect());
            }
            let next = |valid: &bool| if *valid { filled.next() } else { Some(Value::Null) };
            column.valid_data.iter().map(next).collect::<Option<_>>().ok_or("vectors are missing".to_owned())
        }
        Some(Field::StructArrays(parts)) => crate::structs::cells(&parts.fields),
    }
}

fn scalar(field: &ScalarField) -> Result<Vec<Value>, String> {
    let text =
        |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| error.to_string());
    match &field.data {
        None => Ok(Vec::new()),
        Some(Scalar::BoolData(v)) => Ok(v.data.iter().map(|v| Value::from(*v)).collect()),
        Some(Scalar::IntData(v)) => Ok(v.data.iter().map(|v| Value::from(*v)).collect()),
        Some(Scalar::LongData(v)) => Ok(v.data.iter().map(|v| Value::from(*v)).collect()),
        Some(Scalar::FloatData(v)) => Ok(floats(&v.data)),
        Some(Scalar::DoubleData(v)) => Ok(v.data.iter().map(|v| double(*v)).collect()),
        Some(Scalar::StringData(v)) => v.data.iter().map(|v| text(v).map(Value::from)).collect(),
        Some(Scalar::GeometryWktData(v)) => v.data.iter().map(|v| text(v).map(Value::from)).collect(),
        Some(Scalar::JsonData(v)) => {
            let json = |v: &[u8]| match v {
                // The filler of a null.
                b"" => Ok(Value::Null),
                v => serde_json::from_slice(v).map_err(|error| format!("{error} in {:?}", text(v))),
            };
            v.data.iter().map(|v| json(v)).collect()
        }
        Some(Scalar::ArrayData(v)) => v.data.iter().map(|row| scalar(row).map(Value::Array)).collect(),
        Some(other) => Err(format!("{other:?} came back")),
    }
}

/// A 32-bit number as it would be written.
pub fn number(value: f32) -> Value {
    double(value.to_string().parse().unwrap_or(f64::NAN))
}

fn double(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
}

fn floats(bytes: &[u8]) -> Vec<Value> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers.iter().map(|bytes| number(f32::from_le_bytes(*bytes))).collect()
}

fn halves(bytes: &[u8], read: fn([u8; 2]) -> f32) -> Vec<Value> {
    let (numbers, _) = bytes.as_chunks::<2>();
    numbers.iter().map(|bytes| number(read(*bytes))).collect()
}

fn vector(field: &VectorField) -> Vec<Value> {
    let dim = usize::try_from(field.dim).unwrap_or(0).max(1);
    let rows = |all: Vec<Value>| all.chunks(dim).map(|row| Value::Array(row.to_vec())).collect();
    match &field.data {
        None | Some(Vector::VectorArray(_)) => Vec::new(),
        Some(Vector::FloatVector(v)) => rows(floats(&v.data)),
        Some(Vector::Float16Vector(v)) => rows(halves(v, |bytes| f16::from_le_bytes(bytes).to_f32())),
        Some(Vector::Bfloat16Vector(v)) => rows(halves(v, |bytes| bf16::from_le_bytes(bytes).to_f32())),
        Some(Vector::Int8Vector(v)) => rows(v.iter().map(|byte| byte.cast_signed().into()).collect()),
        Some(Vector::BinaryVector(v)) => v.chunks(dim / 8).map(bits).collect(),
        Some(Vector::SparseFloatVector(v)) => v.contents.iter().map(|row| sparse(row)).collect(),
    }
}

fn bits(bytes: &[u8]) -> Value {
    let bits =
        bytes.iter().flat_map(|byte| (0..8).map(move |place| if byte >> place & 1 == 1 { '1' } else { '0' }));
    Value::String(bits.collect())
}

fn sparse(row: &[u8]) -> Value {
    let (words, _) = row.as_chunks::<4>();
    let pair = |pair: &[[u8; 4]]| {
        let [index, value] = pair else { return None };
        Some((u32::from_le_bytes(*index).to_string(), number(f32::from_le_bytes(*value))))
    };
    Value::Object(words.chunks(2).filter_map(pair).collect())
}

/// Primary keys.
pub fn keys(ids: Option<&IdField>) -> Vec<Value> {
    match ids {
        None => Vec::new(),
        Some(IdField::IntId(ids)) => ids.data.iter().map(|id| Value::from(*id)).collect(),
        Some(IdField::StrId(ids)) => {
            ids.data.iter().map(|id| String::from_utf8_lossy(id).into_owned().into()).collect()
        }
    }
}
