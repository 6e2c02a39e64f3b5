//! Rows to columns, as a client sends them.

use crate::schema::data_type;
use crate::structs::{struct_column, vector_lists};
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{self as wire, CollectionSchema, DataType, FieldData, FieldSchema, ScalarField};
use half::{bf16, f16};
use serde_json::{Map, Value};

/// The field of keys that are no fields.
const META: &str = "$meta";

/// The columns of rows; `types` overrides how single ones are sent.
pub fn columns(
    rows: &[Map<String, Value>],
    schema: &CollectionSchema,
    types: &Map<String, Value>,
) -> Result<Vec<FieldData>, String> {
    let mut names: Vec<&String> = Vec::new();
    for name in rows.iter().flat_map(Map::keys) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let dynamic = |name: &str| {
        schema.enable_dynamic_field
            && !types.contains_key(name)
            && schema.fields.iter().all(|f| f.name != name)
            && schema.struct_array_fields.iter().all(|it| it.name != name)
    };
    let fields = names.iter().filter(|name| !dynamic(name)).map(|name| {
        let cells: Vec<&Value> =
            rows.iter().map(|row| row.get(name.as_str()).unwrap_or(&Value::Null)).collect();
        if let Some(structure) = schema.struct_array_fields.iter().find(|it| it.name == **name) {
            return struct_column(structure, &cells).map_err(|error| format!("column {name}: {error}"));
        }
        let field = schema.fields.iter().find(|field| field.name == **name);
        column(name, &cells, field, types.get(name.as_str()))
            .map_err(|error| format!("column {name}: {error}"))
    });
    let mut columns = fields.collect::<Result<Vec<_>, _>>()?;
    if schema.enable_dynamic_field && !types.contains_key(META) {
        columns.push(dynamic_column(rows, dynamic));
    }
    Ok(columns)
}

fn dynamic_column(rows: &[Map<String, Value>], dynamic: impl Fn(&str) -> bool) -> FieldData {
    let data = rows.iter().map(|row| {
        let keys =
            row.iter().filter(|(name, _)| dynamic(name)).map(|(name, cell)| (name.clone(), cell.clone()));
        Value::Object(keys.collect()).to_string().into()
    });
    FieldData {
        r#type: DataType::Json.into(),
        field_name: META.to_owned(),
        is_dynamic: true,
        field: scalars(Scalar::JsonData(wire::JsonArray { data: data.collect() })),
        ..FieldData::default()
    }
}

/// One column as it travels.
pub fn column(
    name: &str,
    cells: &[&Value],
    field: Option<&FieldSchema>,
    sent_as: Option<&Value>,
) -> Result<FieldData, String> {
    let (kind, element) = kind(cells, field, sent_as)?;
    let filled: Vec<&Value> = cells.iter().copied().filter(|cell| !cell.is_null()).collect();
    let may_miss = field.is_some_and(|field| field.nullable || field.default_value.is_some());
    let valid_data = match may_miss || filled.len() < cells.len() {
        true => cells.iter().map(|cell| !cell.is_null()).collect(),
        false => Vec::new(),
    };
    let dim = field.and_then(|field| field.type_params.iter().find(|pair| pair.key == "dim"));
    let dim = dim.and_then(|pair| pair.value.parse().ok()).unwrap_or(0);
    let data = match kind as i32 {
        100..=105 => Some(Field::Vectors(vectors(kind, &filled, dim)?)),
        106 => Some(Field::Vectors(vector_lists(element, &filled, dim)?)),
        _ => scalars(scalar(kind, element, &filled)?),
    };
    Ok(FieldData {
        r#type: kind.into(),
        field_name: name.to_owned(),
        is_dynamic: name == META,
        field: data,
        valid_data,
        ..FieldData::default()
    })
}

/// How to send a column: as told, else by its field, else by what the values look like.
fn kind(
    cells: &[&Value],
    field: Option<&FieldSchema>,
    sent_as: Option<&Value>,
) -> Result<(DataType, DataType), String> {
    if let Some(name) = sent_as.and_then(Value::as_str) {
        let (name, element) = match name.strip_suffix('>').and_then(|name| name.split_once('<')) {
            Some((name, element)) => (name, data_type(element)?),
            None => (name, DataType::None),
        };
        return Ok((data_type(name)?, element));
    }
    if let Some(field) = field {
        return Ok((field.data_type(), field.element_type()));
    }
    let kind = match cells.iter().find(|cell| !cell.is_null()) {
        Some(Value::Bool(_)) => DataType::Bool,
        Some(Value::Number(number)) if number.is_f64() => DataType::Double,
        Some(Value::Number(_)) | None => DataType::Int64,
        Some(Value::Array(_)) => DataType::FloatVector,
        Some(Value::Object(_)) => DataType::Json,
        Some(_) => DataType::VarChar,
    };
    Ok((kind, DataType::None))
}

fn scalars(data: Scalar) -> Option<Field> {
    Some(Field::Scalars(ScalarField { data: Some(data) }))
}

fn scalar(kind: DataType, element: DataType, cells: &[&Value]) -> Result<Scalar, String> {
    Ok(match kind {
        DataType::Bool => Scalar::BoolData(wire::BoolArray { data: all(cells, Value::as_bool)? }),
        DataType::Int8 | DataType::Int16 | DataType::Int32 => {
            let int = |value: &Value| value.as_i64().and_then(|int| i32::try_from(int).ok());
            Scalar::IntData(wire::IntArray { data: all(cells, int)? })
        }
        DataType::Int64 => Scalar::LongData(wire::LongArray { data: all(cells, Value::as_i64)? }),
        DataType::Float => Scalar::FloatData(wire::FloatArray { data: floats(&all(cells, float)?).into() }),
        DataType::Double => Scalar::DoubleData(wire::DoubleArray { data: all(cells, float)? }),
        DataType::Json => {
            let json = |value: &Value| Some(value.to_string().into());
            Scalar::JsonData(wire::JsonArray { data: all(cells, json)? })
        }
        // A text that claims to be JSON.
        DataType::Text => {
            let text = |value: &Value| Some(value.as_str()?.to_owned().into());
            Scalar::JsonData(wire::JsonArray { data: all(cells, text)? })
        }
        DataType::Array => {
            let rows = cells.iter().map(|cell| {
                let items = cell.as_array().ok_or_else(|| format!("{cell} is not a list"))?;
                let items: Vec<&Value> = items.iter().collect();
                Ok(ScalarField { data: Some(scalar(element, DataType::None, &items)?) })
            });
            let data = rows.collect::<Result<_, String>>()?;
            Scalar::ArrayData(wire::ArrayArray { data, element_type: element.into() })
        }
        DataType::Geometry => {
            let text = |value: &Value| Some(value.as_str()?.to_owned().into());
            Scalar::GeometryWktData(wire::GeometryWktArray { data: all(cells, text)? })
        }
        _ => {
            let text = |value: &Value| Some(value.as_str()?.to_owned().into());
            Scalar::StringData(wire::StringArray { data: all(cells, text)? })
        }
    })
}

fn all<T>(cells: &[&Value], read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, String> {
    let read =
        |cell: &&Value| read(cell).ok_or_else(|| format!("{cell} cannot be sent as this type, see `types`"));
    cells.iter().map(read).collect()
}

/// A number, or one of the words for what is none.
fn float(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str().filter(|text| ["NaN", "inf", "-inf"].contains(text))?.parse().ok())
}

fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()
}

/// Vectors one after the other.
pub fn vectors(kind: DataType, cells: &[&Value], dim: i64) -> Result<wire::VectorField, String> {
    let rows = cells.iter().map(|cell| vector_bytes(kind, cell)).collect::<Result<Vec<_>, _>>()?;
    if kind == DataType::SparseFloatVector {
        let contents = rows.into_iter().map(Into::into).collect();
        let data = Vector::SparseFloatVector(wire::SparseFloatArray { contents, dim: 0 });
        return Ok(wire::VectorField { dim: 0, data: Some(data) });
    }
    let dim = cells.first().map_or(dim, |cell| dimensions(cell));
    let flat: Vec<u8> = rows.concat();
    let data = match kind {
        DataType::BinaryVector => Vector::BinaryVector(flat.into()),
        DataType::Float16Vector => Vector::Float16Vector(flat.into()),
        DataType::BFloat16Vector => Vector::Bfloat16Vector(flat.into()),
        DataType::Int8Vector => Vector::Int8Vector(flat.into()),
        _ => Vector::FloatVector(wire::FloatArray { data: flat.into() }),
    };
    Ok(wire::VectorField { dim, data: Some(data) })
}

fn dimensions(cell: &Value) -> i64 {
    let length = cell.as_array().map(Vec::len).or_else(|| cell.as_str().map(str::len));
    length.unwrap_or(0) as i64
}

/// One vector as it travels: a list of numbers, a text of 0 and 1 for a binary one, `{index: value}` for a sparse one.
pub fn vector_bytes(kind: DataType, cell: &Value) -> Result<Vec<u8>, String> {
    let wrong = || format!("{cell} cannot be sent as {kind:?}");
    match cell {
        Value::String(bits) if kind == DataType::BinaryVector => Ok(bytes_of_bits(bits)),
        Value::Object(map) => sparse(map).ok_or_else(wrong),
        Value::Array(items) => {
            let items: Vec<&Value> = items.iter().collect();
            let numbers = all(&items, float)?;
            let bytes = |of: fn(f64) -> [u8; 2]| numbers.iter().flat_map(|number| of(*number)).collect();
            match kind {
                DataType::FloatVector => Ok(floats(&numbers)),
                DataType::Float16Vector => Ok(bytes(|number| f16::from_f64(number).to_le_bytes())),
                DataType::BFloat16Vector => Ok(bytes(|number| bf16::from_f64(number).to_le_bytes())),
                DataType::Int8Vector => {
                    Ok(numbers.iter().map(|number| (*number as i8).cast_unsigned()).collect())
                }
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

/// The first bit is the lowest of the first byte.
fn bytes_of_bits(bits: &str) -> Vec<u8> {
    let byte = |bits: &[u8]| {
        bits.iter().enumerate().fold(0, |byte, (place, bit)| byte | (u8::from(*bit == b'1') << place))
    };
    bits.as_bytes().chunks(8).map(byte).collect()
}

fn sparse(map: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (index, value) in map {
        bytes.extend(index.parse::<u32>().ok()?.to_le_bytes());
        bytes.extend((float(value)? as f32).to_le_bytes());
    }
    Some(bytes)
}
