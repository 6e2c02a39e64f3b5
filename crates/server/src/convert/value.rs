//! Single values: defaults of fields, template parameters of filters.

use super::payload;
use elanus_proto::schema::template_array_value::Data as List;
use elanus_proto::schema::template_value::Val;
use elanus_proto::schema::value_field::Data as Default;
use elanus_proto::schema::{TemplateArrayValue, TemplateValue, ValueField};
use elanus_types::input::FilterText;
use elanus_types::{DataType, Error, Result, Value};
use std::collections::HashMap;

/// A field's default as sent, with the type its slot belongs to; `None` when none is set.
pub(crate) fn default_in(value: &ValueField) -> Result<Option<(Value, &'static [DataType])>> {
    use DataType as T;
    Ok(Some(match &value.data {
        None => return Ok(None),
        Some(Default::BoolData(v)) => (Value::Bool(*v), &[T::Bool][..]),
        Some(Default::IntData(v)) => (Value::Int(i64::from(*v)), &[T::Int8, T::Int16, T::Int32]),
        Some(Default::LongData(v)) => (Value::Int(*v), &[T::Int64]),
        Some(Default::FloatData(v)) => (Value::Float(f64::from(*v)), &[T::Float]),
        Some(Default::DoubleData(v)) => (Value::Float(*v), &[T::Double]),
        Some(Default::StringData(v)) => (Value::Str(v.clone()), &[T::VarChar]),
        Some(Default::BytesData(v)) => (Value::Json(json(v)?), &[T::Json]),
        Some(other) => return Err(Error::invalid(format!("default value {other:?} is not supported"))),
    }))
}

/// A field's default as described.
pub(crate) fn default_out(value: &Value, data_type: DataType) -> Option<ValueField> {
    let data = match value {
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
    Ok(FilterText { expression, templates: templates.collect::<Result<_>>()? })
}

fn template(value: &TemplateValue) -> Result<Value> {
    Ok(match &value.val {
        None => return Err(Error::invalid("no value is set")),
        Some(Val::BoolVal(v)) => Value::Bool(*v),
        Some(Val::Int64Val(v)) => Value::Int(*v),
        Some(Val::FloatVal(v)) => Value::Float(*v),
        Some(Val::StringVal(v)) => Value::Str(v.clone()),
        Some(Val::ArrayVal(v)) => list(v)?,
        Some(Val::BytesVal(v)) => Value::Json(json(v)?),
    })
}

fn list(value: &TemplateArrayValue) -> Result<Value> {
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
        Some(List::ArrayData(v)) => v.data.iter().map(list).collect::<Result<_>>()?,
        Some(List::JsonData(v)) => v.data.iter().map(|v| json(v).map(Value::Json)).collect::<Result<_>>()?,
    };
    Ok(Value::Array(items))
}

fn json(text: &[u8]) -> Result<serde_json::Value> {
    serde_json::from_slice(text).map_err(|error| Error::invalid(format!("not a JSON text: {error}")))
}
