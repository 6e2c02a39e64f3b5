//! Single values: defaults of fields, template parameters of filters.

use super::payload;
use elanus_geotime::geometry;
use elanus_geotime::time::{self, Zone};
use elanus_proto::schema::template_array_value::Data as List;
use elanus_proto::schema::template_value::Val;
use elanus_proto::schema::value_field::Data as Default;
use elanus_proto::schema::{TemplateArrayValue, TemplateValue, ValueField};
use elanus_types::input::FilterText;
use elanus_types::{DataType, Error, Result, Value};
use std::collections::HashMap;

/// How deep lists in lists may go; the decoder of the messages stops at the same depth.
const DEEPEST_LIST: usize = 100;

/// A field's default as sent, with the types its slot may fill; `None` when none is set.
pub(crate) fn default_in(value: &ValueField) -> Result<Option<(Value, &'static [DataType])>> {
    use DataType as T;
    Ok(Some(match &value.data {
        None => return Ok(None),
        Some(Default::BoolData(v)) => (Value::Bool(*v), &[T::Bool][..]),
        Some(Default::IntData(v)) => (Value::Int(i64::from(*v)), &[T::Int8, T::Int16, T::Int32]),
        // pymilvus sends a default of any integer field as a long; the range is the engine's to judge.
        Some(Default::LongData(v)) => (Value::Int(*v), &[T::Int64, T::Int8, T::Int16, T::Int32]),
        Some(Default::FloatData(v)) => (Value::Float(f64::from(*v)), &[T::Float]),
        Some(Default::DoubleData(v)) => (Value::Float(*v), &[T::Double]),
        Some(Default::StringData(v)) => (Value::Str(v.clone()), &[T::VarChar, T::Timestamptz, T::Geometry]),
        Some(Default::BytesData(v)) => (Value::Json(json(v)?), &[T::Json]),
        Some(other) => return Err(Error::invalid(format!("default value {other:?} is not supported"))),
    }))
}

/// A field's default as described; moments are local times of `zone`.
pub(crate) fn default_out(value: &Value, data_type: DataType, zone: &Zone) -> Option<ValueField> {
    let data = match value {
        Value::Int(v) if data_type == DataType::Timestamptz => Default::StringData(time::format(*v, zone)),
        Value::Bytes(v) if data_type == DataType::Geometry => Default::StringData(geometry::to_wkt(v)?),
        Value::Bool(v) => Default::BoolData(*v),
        Value::Int(v) if data_type == DataType::Int64 => Default::LongData(*v),
        Value::Int(v) => Default::IntData(i32::try_from(*v).ok()?),
        Value::Float(v) if data_type == DataType::Float => Default::FloatData(*v as f32),
        Value::Float(v) => Default::DoubleData(*v),
        Value::Str(v) => Default::StringData(v.clone()),
        Value::Json(v) => Default::BytesData(v.to_string().into()),
        Value::Null | Value::Array(_) | Value::Bytes(_) => return None,
    };
    Some(ValueField { data: Some(data) })
}

/// A filter with its template values.
pub(crate) fn filter(expression: String, templates: &HashMap<String, TemplateValue>) -> Result<FilterText> {
    let templates = templates.iter().map(|(name, value)| {
        let value = template(value).map_err(|error| error.context(format!("template value {name}")))?;
        Ok((name.clone(), value))
    });
    Ok(FilterText { templates: templates.collect::<Result<_>>()?, ..FilterText::new(expression) })
}

fn template(value: &TemplateValue) -> Result<Value> {
    Ok(match &value.val {
        None => return Err(Error::invalid("no value is set")),
        Some(Val::BoolVal(v)) => Value::Bool(*v),
        Some(Val::Int64Val(v)) => Value::Int(*v),
        Some(Val::FloatVal(v)) => Value::Float(*v),
        Some(Val::StringVal(v)) => Value::Str(v.clone()),
        Some(Val::ArrayVal(v)) => list(v, DEEPEST_LIST)?,
        Some(Val::BytesVal(v)) => json(v).map_or_else(|_| Value::Bytes(v.to_vec()), plain),
    })
}

fn list(value: &TemplateArrayValue, depth: usize) -> Result<Value> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::invalid(format!("lists lie more than {DEEPEST_LIST} deep in one another")));
    };
    let items = match &value.data {
        None => Vec::new(),
        Some(List::BoolData(v)) => v.data.iter().map(|v| Value::Bool(*v)).collect(),
        Some(List::LongData(v)) => v.data.iter().map(|v| Value::Int(*v)).collect(),
        Some(List::DoubleData(v)) => v.data.iter().map(|v| Value::Float(*v)).collect(),
        Some(List::StringData(v)) => v
            .data
            .iter()
            .map(|v| payload::text(v).map(|v| Value::Str(v.to_owned())))
            .collect::<Result<_>>()?,
        Some(List::ArrayData(v)) => v.data.iter().map(|v| list(v, depth)).collect::<Result<_>>()?,
        Some(List::JsonData(v)) => v.data.iter().map(|v| json(v).map(plain)).collect::<Result<_>>()?,
    };
    Ok(Value::Array(items))
}

/// A JSON value as the value it would be as a literal: clients send lists of mixed types as JSON.
fn plain(value: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match value {
        Json::Bool(v) => Value::Bool(v),
        Json::String(v) => Value::Str(v),
        Json::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Json::Number(v) => match (v.as_i64(), v.as_f64()) {
            (Some(int), _) => Value::Int(int),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Json(Json::Number(v)),
        },
        other @ (Json::Null | Json::Object(_)) => Value::Json(other),
    }
}

fn json(text: &[u8]) -> Result<serde_json::Value> {
    serde_json::from_slice(text).map_err(|error| Error::invalid(format!("not a JSON text: {error}")))
}

#[cfg(test)]
mod tests;
