//! Values of the reference as the engine takes and gives them.

use crate::reference::{Cells, Fault, Key, Rows};
use crate::shape::{DIM, Shape};
use elanus_types::input::{InputData, InputField};
use elanus_types::{Column, DataType, Value};
use half::{bf16, f16};

/// The columns of a request.
pub fn fields(shape: &Shape, rows: &Rows) -> Vec<InputField> {
    let keys = rows.keys.iter().map(|keys| plain("key", self::keys(keys)));
    let columns = rows.columns.iter().map(|column| {
        let values: Vec<&Value> = rows.rows.iter().map(|cells| &cells[column]).collect();
        self::column(shape, column, &values, rows.compact)
    });
    let unknown = (rows.fault == Some(Fault::UnknownField))
        .then(|| plain("nobody", InputData::Long(vec![1; rows.rows.len()])));
    keys.chain(columns).chain(unknown).collect()
}

fn plain(name: &str, data: InputData) -> InputField {
    InputField { name: name.into(), dynamic: false, data, valid: Vec::new() }
}

fn keys(keys: &[Key]) -> InputData {
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            Key::Int(number) => numbers.push(*number),
            Key::Text(text) => texts.push(text.clone().into()),
            Key::Unknown(_) => panic!("an unknown key is sent"),
        }
    }
    if texts.is_empty() { InputData::Long(numbers) } else { InputData::Text(texts) }
}

fn column(shape: &Shape, name: &str, values: &[&Value], compact: bool) -> InputField {
    let flags: Vec<bool> = values.iter().map(|value| !value.is_null()).collect();
    let all = flags.iter().all(|flag| *flag);
    let kept: Vec<&Value> = values.iter().copied().filter(|value| !(compact && value.is_null())).collect();
    let data = match name {
        "level" => InputData::Int(kept.iter().map(|value| int(value) as i32).collect()),
        "label" => InputData::Text(kept.iter().map(|value| text(value).into()).collect()),
        "group" if shape.text_groups => {
            InputData::Text(kept.iter().map(|value| text(value).into()).collect())
        }
        "real" => InputData::Double(kept.iter().map(|value| real(value)).collect()),
        "flag" => InputData::Bool(kept.iter().map(|value| **value == Value::Bool(true)).collect()),
        "list" => InputData::Array(kept.iter().map(|value| InputData::Long(items(value))).collect()),
        "vector" => vectors(shape, &kept, compact),
        "$meta" => InputData::Json(kept.iter().map(|value| value.to_string().into()).collect()),
        _ => InputData::Long(kept.iter().map(|value| int(value)).collect()),
    };
    InputField {
        name: name.into(),
        dynamic: name == "$meta",
        data,
        valid: if all { Vec::new() } else { flags },
    }
}

fn int(value: &Value) -> i64 {
    if let Value::Int(number) = value { *number } else { 0 }
}

fn real(value: &Value) -> f64 {
    if let Value::Float(number) = value { *number } else { 0.0 }
}

fn text(value: &Value) -> String {
    if let Value::Str(text) = value { text.clone() } else { String::new() }
}

fn items(value: &Value) -> Vec<i64> {
    if let Value::Array(items) = value { items.iter().map(int).collect() } else { Vec::new() }
}

/// Vectors as sent; half ones travel as floats now and then.
fn vectors(shape: &Shape, values: &[&Value], widened: bool) -> InputData {
    if shape.vector == DataType::SparseFloatVector {
        return InputData::Sparse(values.iter().map(|value| vector(shape.vector, value).into()).collect());
    }
    let half = matches!(shape.vector, DataType::Float16Vector | DataType::BFloat16Vector);
    let data_type = if half && widened { DataType::FloatVector } else { shape.vector };
    let data: Vec<u8> = values.iter().flat_map(|value| vector(data_type, value)).collect();
    InputData::Vector { data_type, dim: shape.dim() as i64, data: data.into() }
}

/// A vector of the reference in an element type.
pub fn vector(data_type: DataType, value: &Value) -> Vec<u8> {
    let nothing = vec![0; DIM];
    let elements = if let Value::Bytes(elements) = value { elements } else { &nothing };
    let floats = elements.iter().map(|element| f32::from(*element as i8));
    match data_type {
        DataType::Float16Vector => floats.flat_map(|float| f16::from_f32(float).to_le_bytes()).collect(),
        DataType::BFloat16Vector => floats.flat_map(|float| bf16::from_f32(float).to_le_bytes()).collect(),
        DataType::FloatVector => floats.flat_map(f32::to_le_bytes).collect(),
        DataType::SparseFloatVector => {
            let pairs = (0_u32..).zip(floats).filter(|(_, value)| *value != 0.0);
            pairs.flat_map(|(index, value)| [index.to_le_bytes(), value.to_le_bytes()].concat()).collect()
        }
        _ => elements.clone(),
    }
}

/// The way back.
fn elements(data_type: DataType, bytes: &[u8]) -> Vec<u8> {
    let byte = |float: f32| float as i8 as u8;
    match data_type {
        DataType::Float16Vector => {
            bytes.as_chunks().0.iter().map(|two| byte(f16::from_le_bytes(*two).to_f32())).collect()
        }
        DataType::BFloat16Vector => {
            bytes.as_chunks().0.iter().map(|two| byte(bf16::from_le_bytes(*two).to_f32())).collect()
        }
        DataType::FloatVector => {
            bytes.as_chunks().0.iter().map(|four| byte(f32::from_le_bytes(*four))).collect()
        }
        DataType::SparseFloatVector => {
            let mut elements = vec![0; DIM];
            for [a, b, c, d, value @ ..] in bytes.as_chunks::<8>().0 {
                elements[u32::from_le_bytes([*a, *b, *c, *d]) as usize] = byte(f32::from_le_bytes(*value));
            }
            elements
        }
        _ => bytes.to_vec(),
    }
}

pub fn read_keys(column: &Column) -> Vec<Key> {
    let view = column.view();
    let key = |row| match view.value(row) {
        Value::Int(number) => Key::Int(number),
        Value::Str(text) => Key::Text(text),
        other => panic!("a key is {other}"),
    };
    (0..column.len()).map(key).collect()
}

/// Values of some rows, from their output columns.
pub fn read_rows(shape: &Shape, rows: usize, columns: &[(&str, &Column)]) -> Vec<Cells> {
    let mut all = vec![Cells::new(); rows];
    for name in shape.columns() {
        let Some((_, column)) = columns.iter().find(|(other, _)| *other == name) else { continue };
        assert_eq!(column.len(), rows, "column {name}");
        for (row, cells) in all.iter_mut().enumerate() {
            let view = column.view();
            let value = match (name, view.value(row)) {
                ("vector", stored) if !stored.is_null() => {
                    let bytes = view.data.bytes(row).expect("vectors are bytes");
                    Value::Bytes(elements(shape.vector, bytes))
                }
                ("$meta", Value::Str(text)) => {
                    Value::Json(serde_json::from_str(&text).expect("stored keys are json"))
                }
                (_, value) => value,
            };
            cells.insert(name, value);
        }
    }
    all
}
