//! The rules of one field of a new schema.

use crate::validate::{Limits, invalid, names};
use elanus_geotime::time::Zone;
use elanus_types::{DataType, Error, ErrorKind, FieldSchema, Result, Value};

/// Checks a declared field: name, type parameters, role, nullability, default.
pub fn check(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    names::field(&field.name, limits)?;
    description(field, limits)?;
    if field.dynamic {
        return Err(invalid(format!(
            "cannot explicitly set a field as a dynamic field, field name = {}; switch dynamic fields on for the collection instead",
            field.name
        )));
    }
    if field.auto_id && !field.primary_key {
        let name = &field.name;
        return Err(invalid(format!("only primary field can speficy AutoID with true, field name = {name}")));
    }
    type_params(field, collection, limits)?;
    if field.primary_key {
        primary_key(field)?;
    }
    if field.partition_key {
        partition_key(field)?;
    }
    if field.clustering_key {
        clustering_key(field)?;
    }
    field.default.as_ref().map_or(Ok(()), |value| default(field, value))
}

fn description(field: &FieldSchema, limits: &Limits) -> Result<()> {
    let (length, longest) = (field.description.len(), limits.description_length);
    if length <= longest {
        return Ok(());
    }
    let name = &field.name;
    Err(invalid(format!("the description of field {name} has {length} bytes, at most {longest} are allowed")))
}

fn primary_key(field: &FieldSchema) -> Result<()> {
    if !matches!(field.data_type, DataType::Int64 | DataType::VarChar) {
        return Err(invalid("the data type of primary key should be Int64 or VarChar"));
    }
    if field.nullable {
        return Err(invalid(format!("primary field not support null, field name = {}", field.name)));
    }
    if field.default.is_some() {
        return Err(invalid(format!("primary field not support default_value, field name = {}", field.name)));
    }
    Ok(())
}

fn partition_key(field: &FieldSchema) -> Result<()> {
    if field.primary_key {
        return Err(invalid(format!(
            "the partition key field must not be primary field, field name = {}",
            field.name
        )));
    }
    if !matches!(field.data_type, DataType::Int64 | DataType::VarChar) {
        return Err(invalid("the data type of partition key should be Int64 or VarChar"));
    }
    if field.nullable {
        return Err(invalid(format!(
            "partition key field not support nullable, field name = {}",
            field.name
        )));
    }
    Ok(())
}

fn clustering_key(field: &FieldSchema) -> Result<()> {
    let name = &field.name;
    if field.data_type.is_vector() {
        let message = format!("vector clustering key not allowed[field={name}]");
        return Err(Error::new(ErrorKind::VectorClusteringKey, message));
    }
    if !field.data_type.is_number() && field.data_type != DataType::VarChar {
        return Err(invalid(format!(
            "the data type of clustering key should be a number or VarChar, but field {name} is {}",
            field.data_type
        )));
    }
    Ok(())
}

fn type_params(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    match field.data_type {
        DataType::VarChar => max_length(field, collection, limits),
        DataType::Array => array(field, collection, limits),
        DataType::ArrayOfVector => vectors(field, collection, limits),
        DataType::SparseFloatVector if given(field, "dim").is_some() => {
            Err(invalid(format!("dim should not be specified for sparse vector field {}", field.name)))
        }
        data_type if data_type.is_dense_vector() => dimensions(field, limits),
        _ => Ok(()),
    }
}

/// A type parameter as the client wrote it.
fn given<'a>(field: &'a FieldSchema, key: &str) -> Option<&'a str> {
    field.type_params.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

fn dimensions(field: &FieldSchema, limits: &Limits) -> Result<()> {
    let (name, dim, most) = (&field.name, field.dim, limits.dimensions);
    if dim == 0 && given(field, "dim").is_none() {
        return Err(invalid(format!(
            "dimension is not defined in field type params of field {name}, check type param `dim` for vector field"
        )));
    }
    let text = if field.vector_type() != DataType::BinaryVector {
        if (2..=most).contains(&dim) {
            return Ok(());
        }
        format!("float vector dimension should be in range 2 ~ {most}")
    } else if !(8..=most * 8).contains(&dim) {
        format!("binary vector dimension should be in range 8 ~ {}", most * 8)
    } else if !dim.is_multiple_of(8) {
        "binary vector dimension should be multiple of 8. ".to_owned()
    } else {
        return Ok(());
    };
    let dim = given(field, "dim").map_or_else(|| dim.to_string(), str::to_owned);
    Err(invalid(format!("invalid dimension: {dim} of field {name}. {text}")))
}

fn max_length(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    let (name, length, most) = (&field.name, field.max_length, limits.varchar_length);
    let sent = given(field, "max_length");
    if length == 0 && sent.is_none() {
        return Err(Error::new(
            ErrorKind::MissingParameter,
            format!(
                "type param(max_length) should be specified for the field({name}) of collection {collection}"
            ),
        ));
    }
    if (1..=most).contains(&length) {
        return Ok(());
    }
    let got = sent.map_or_else(|| length.to_string(), str::to_owned);
    Err(invalid(format!(
        "the maximum length specified for the field({name}) should be in (0, {most}], but got {got} instead"
    )))
}

fn array(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    let name = &field.name;
    let Some(element) = field.element_type else {
        return Err(invalid(format!("element data type is not specified for the array field {name}")));
    };
    let listed = element == DataType::Bool || element.is_number() || element == DataType::VarChar;
    if !listed {
        return Err(invalid(format!("element data type {element} is not valid, array field: {name}")));
    }
    capacity(field, collection, limits)?;
    if element == DataType::VarChar { max_length(field, collection, limits) } else { Ok(()) }
}

/// A list of vectors, which only a struct array may hold.
fn vectors(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    let name = &field.name;
    match field.element_type {
        Some(element) if element.is_dense_vector() => {}
        Some(element) => {
            return Err(invalid(format!(
                "element data type {element} is not valid, array of vector field: {name}"
            )));
        }
        None => {
            return Err(invalid(format!(
                "element data type is not specified for the array of vector field {name}"
            )));
        }
    }
    capacity(field, collection, limits)?;
    dimensions(field, limits)
}

fn capacity(field: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    let (name, most) = (&field.name, limits.array_capacity);
    if field.max_capacity == 0 && given(field, "max_capacity").is_none() {
        return Err(Error::new(
            ErrorKind::MissingParameter,
            format!(
                "type param(max_capacity) should be specified for array field {name} of collection {collection}"
            ),
        ));
    }
    if !(1..=most).contains(&field.max_capacity) {
        return Err(invalid(format!(
            "the maximum capacity specified for a Array should be in (0, {most}], field name = {name}"
        )));
    }
    Ok(())
}

/// Whether a default has the field's type and lies in its range.
fn default(field: &FieldSchema, value: &Value) -> Result<()> {
    let (name, data_type) = (&field.name, field.data_type);
    let out_of_range = |value: &Value| {
        invalid(format!("[{value}] is out of range for the default of {data_type} field {name}"))
    };
    match (data_type, value) {
        (DataType::Json | DataType::Array, _) => {
            Err(invalid(format!("type not support default_value, type:{data_type}, name:{name}")))
        }
        (vector, _) if vector.is_vector() => {
            Err(invalid(format!("type not support default_value, type:{data_type}, name:{name}")))
        }
        (DataType::Bool, Value::Bool(_)) => Ok(()),
        (integer, Value::Int(number)) if integer.is_integer() => {
            let (low, high) = integer_range(integer);
            if (low..=high).contains(number) { Ok(()) } else { Err(out_of_range(value)) }
        }
        (DataType::Float, Value::Float(number)) if (*number as f32).is_finite() => Ok(()),
        (DataType::Double, Value::Float(number)) if number.is_finite() => Ok(()),
        (DataType::Float | DataType::Double, Value::Float(_)) => Err(out_of_range(value)),
        (DataType::Timestamptz | DataType::Geometry, Value::Str(_)) => {
            super::defaults::stored(field, value, &Zone::UTC).map(drop)
        }
        (DataType::VarChar, Value::Str(text)) if text.len() <= field.max_length => Ok(()),
        (DataType::VarChar, Value::Str(text)) => Err(invalid(format!(
            "the length ({}) of string exceeds max length ({}), default of field {name}",
            text.len(),
            field.max_length
        ))),
        (_, value) => Err(invalid(format!(
            "type ({data_type}) of field ({name}) is not equal to the type({}) of default_value",
            value.kind()
        ))),
    }
}

/// The smallest and the largest value of an integer type; of INT64 for any other type.
pub(crate) fn integer_range(data_type: DataType) -> (i64, i64) {
    match data_type {
        DataType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}
