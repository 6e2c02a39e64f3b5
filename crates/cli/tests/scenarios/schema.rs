//! Fields as scenarios write them: `name type flag…`, one on a line.

use crate::structs;
use crate::value::{show, values};
use elanus_proto::common::KeyValuePair;
use elanus_proto::schema::value_field::Data as Default;
use elanus_proto::schema::{CollectionSchema, DataType, FieldSchema, ValueField};
use serde_json::Value;

const TYPES: &[(&str, DataType)] = &[
    ("bool", DataType::Bool),
    ("int8", DataType::Int8),
    ("int16", DataType::Int16),
    ("int32", DataType::Int32),
    ("int64", DataType::Int64),
    ("float", DataType::Float),
    ("double", DataType::Double),
    ("varchar", DataType::VarChar),
    ("json", DataType::Json),
    ("array", DataType::Array),
    ("geometry", DataType::Geometry),
    ("text", DataType::Text),
    ("timestamptz", DataType::Timestamptz),
    ("float_vector", DataType::FloatVector),
    ("float16_vector", DataType::Float16Vector),
    ("bfloat16_vector", DataType::BFloat16Vector),
    ("int8_vector", DataType::Int8Vector),
    ("binary_vector", DataType::BinaryVector),
    ("sparse_vector", DataType::SparseFloatVector),
];

/// Key and value.
pub fn pair(key: &str, value: impl Into<String>) -> KeyValuePair {
    KeyValuePair { key: key.to_owned(), value: value.into() }
}

/// A type without its size.
pub fn data_type(name: &str) -> Result<DataType, String> {
    let found = TYPES.iter().find(|(known, _)| *known == name);
    found.map(|(_, data_type)| *data_type).ok_or_else(|| format!("{name} is no type"))
}

/// Reads the fields of a schema; the line `dynamic` allows keys that are no fields.
pub fn read(text: &str) -> Result<CollectionSchema, String> {
    let mut schema = CollectionSchema::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "dynamic" {
            schema.enable_dynamic_field = true;
        } else if let Some(declared) = structs::declare(&mut schema, &values(line)?) {
            declared.map_err(|error| format!("{error} in {line:?}"))?;
        } else {
            let field = field(line).map_err(|error| format!("{error} in {line:?}"))?;
            let field = structs::adopt(&mut schema, field);
            schema.fields.extend(field);
        }
    }
    Ok(schema)
}

fn field(line: &str) -> Result<FieldSchema, String> {
    let words = values(line)?;
    let [name, kind, flags @ ..] = words.as_slice() else { return Err("expected `name type`".to_owned()) };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut field = FieldSchema { name: text(name), ..FieldSchema::default() };
    set_type(&mut field, &text(kind))?;
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let mut argument = || flags.next().ok_or_else(|| format!("nothing follows {flag}"));
        match text(flag).as_str() {
            "primary" => field.is_primary_key = true,
            "auto_id" => field.auto_id = true,
            "nullable" => field.nullable = true,
            "partition_key" => field.is_partition_key = true,
            "clustering_key" => field.is_clustering_key = true,
            "description" => field.description = text(argument()?),
            "default" => field.default_value = Some(default(argument()?, field.data_type())?),
            "param" => field.type_params.push(pair(&text(argument()?), text(argument()?))),
            other => return Err(format!("{other} is not known")),
        }
    }
    Ok(field)
}

/// `varchar(20)`, `float_vector(4)`, `array<int64>(8)`.
fn set_type(field: &mut FieldSchema, text: &str) -> Result<(), String> {
    let (name, size) = sized(text);
    let (name, element) = match name.strip_suffix('>').and_then(|name| name.split_once('<')) {
        Some((name, element)) => (name, Some(element)),
        None => (name, None),
    };
    let kind = data_type(name)?;
    field.data_type = kind.into();
    let key = match kind {
        DataType::Array => "max_capacity",
        DataType::VarChar => "max_length",
        _ => "dim",
    };
    field.type_params.extend(size.map(|size| pair(key, size)));
    if let Some((name, length)) = element.map(sized) {
        field.element_type = data_type(name)?.into();
        field.type_params.extend(length.map(|length| pair("max_length", length)));
    }
    Ok(())
}

fn sized(text: &str) -> (&str, Option<&str>) {
    match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((name, size)) => (name, Some(size)),
        None => (text, None),
    }
}

fn default(value: &Value, kind: DataType) -> Result<ValueField, String> {
    let int = || value.as_i64().ok_or_else(|| format!("{value} is not a whole number"));
    let float = || value.as_f64().ok_or_else(|| format!("{value} is not a number"));
    let data = match (kind, value) {
        (DataType::Float, Value::Number(_)) => Default::FloatData(float()? as f32),
        (DataType::Double, Value::Number(_)) => Default::DoubleData(float()?),
        (DataType::Int64, Value::Number(_)) => Default::LongData(int()?),
        (_, Value::Number(_)) => Default::IntData(i32::try_from(int()?).map_err(|error| error.to_string())?),
        (_, Value::Bool(flag)) => Default::BoolData(*flag),
        (_, Value::String(text)) => Default::StringData(text.clone()),
        _ => return Err(format!("{value} cannot be a default")),
    };
    Ok(ValueField { data: Some(data) })
}

/// Fields as they would stand in a scenario, each a line of words.
pub fn lines(schema: &CollectionSchema) -> Vec<Vec<Value>> {
    let mut lines: Vec<Vec<Value>> = schema.fields.iter().map(line).collect();
    for (structure, parts) in structs::declared(schema) {
        lines.push(structure);
        lines.extend(parts.iter().map(line));
    }
    if schema.enable_dynamic_field {
        lines.push(vec!["dynamic".into()]);
    }
    lines
}

fn line(field: &FieldSchema) -> Vec<Value> {
    let mut line: Vec<Value> = vec![field.name.as_str().into(), type_text(field).into()];
    let flags = [
        ("primary", field.is_primary_key),
        ("auto_id", field.auto_id),
        ("nullable", field.nullable),
        ("partition_key", field.is_partition_key),
        ("clustering_key", field.is_clustering_key),
    ];
    line.extend(flags.iter().filter(|(_, on)| *on).map(|(name, _)| Value::from(*name)));
    if let Some(data) = field.default_value.as_ref().and_then(|value| value.data.as_ref()) {
        line.extend(["default".into(), default_value(data)]);
    }
    if !field.description.is_empty() {
        line.extend(["description".into(), field.description.as_str().into()]);
    }
    line
}

fn type_text(field: &FieldSchema) -> String {
    let name = |number: i32| {
        let found = TYPES.iter().find(|(_, kind)| *kind as i32 == number);
        found.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
    };
    let size = |key: &str| {
        let found = field.type_params.iter().find(|pair| pair.key == key);
        found.map(|pair| format!("({})", pair.value)).unwrap_or_default()
    };
    let element = name(field.element_type);
    match field.data_type() {
        DataType::Array => format!("array<{element}{}>{}", size("max_length"), size("max_capacity")),
        DataType::VarChar => format!("varchar{}", size("max_length")),
        _ => format!("{}{}", name(field.data_type), size("dim")),
    }
}

fn default_value(data: &Default) -> Value {
    match data {
        Default::BoolData(v) => (*v).into(),
        Default::IntData(v) => (*v).into(),
        Default::LongData(v) => (*v).into(),
        Default::FloatData(v) => crate::rows::number(*v),
        Default::DoubleData(v) => (*v).into(),
        Default::StringData(v) => v.as_str().into(),
        other => format!("{other:?}").into(),
    }
}

#[test]
fn fields_read_back() -> Result<(), String> {
    let text = "id int64 primary auto_id\nt varchar(20) nullable default \"a b\" description \"what it is\"\n\
                tags array<varchar(5)>(8)\nprice float default 0.1\nv float16_vector(4)\ndynamic";
    let shown: Vec<String> = lines(&read(text)?).iter().map(|line| show(line)).collect();
    assert_eq!(shown.join("\n"), text);
    for wrong in ["id", "id int65", "id int64 primery", "id int64 default", "a float_vector(2"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    Ok(())
}
