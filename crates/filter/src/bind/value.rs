//! Constants: literals, lists, template values, and their casts to a field's type.

use super::{Binder, Bound, Constant};
use crate::ast::{Kind, Literal, Node};
use crate::error::{Outcome, invalid};
use crate::literal::Quoted;
use elanus_types::{DataType, Value};

impl Binder<'_> {
    /// A literal, a list or a template.
    pub(super) fn literal(&self, node: &Node) -> Outcome<Constant> {
        let value = match &node.kind {
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Str(literal) => Value::Str(text(literal)?),
            Kind::List(items) => return self.list(items),
            Kind::Template(name) => return Ok(Constant { value: self.template(name)?, template: true }),
            _ => return invalid(format!("{} is not a constant", self.shown(node))),
        };
        Ok(Constant { value, template: false })
    }

    fn list(&self, items: &[Node]) -> Outcome<Constant> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match self.bound(item)? {
                Bound::Constant(constant) => values.push(constant.value),
                _ => {
                    return invalid(format!(
                        "value '{}' in list cannot be a non-const expression",
                        self.shown(item)
                    ));
                }
            }
        }
        Ok(Constant { value: Value::Array(values), template: false })
    }

    fn template(&self, name: &str) -> Outcome<Value> {
        match self.templates.get(name) {
            Some(value) => Ok(plain(value.clone())),
            None => {
                invalid(format!("the value of expression template variable name {{{name}}} is not found"))
            }
        }
    }
}

/// JSON templates as plain values; an object stays what it is, and nothing can be compared with it.
fn plain(value: Value) -> Value {
    match value {
        Value::Json(json) => from_json(json),
        Value::Array(values) => Value::Array(values.into_iter().map(plain).collect()),
        other => other,
    }
}

fn from_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => number.as_f64().map_or(Value::Null, Value::Float),
        },
        serde_json::Value::String(value) => Value::Str(value),
        serde_json::Value::Array(values) => Value::Array(values.into_iter().map(from_json).collect()),
        object @ serde_json::Value::Object(_) => Value::Json(object),
    }
}

/// The string a literal means.
pub(super) fn text(literal: &Literal) -> Outcome<String> {
    Quoted { raw: &literal.raw, verbatim: literal.verbatim }.unescape()
}

/// `value` as a column of `data_type` holds it; `None` when it cannot be cast. FLOAT narrows to 32 bits.
pub(super) fn cast(value: &Value, data_type: DataType) -> Option<Value> {
    match (data_type, value) {
        (DataType::Bool, Value::Bool(_)) | (DataType::VarChar, Value::Str(_)) => Some(value.clone()),
        (DataType::Json, value) => is_comparable(value).then(|| value.clone()),
        (_, Value::Int(_)) if data_type.is_integer() => Some(value.clone()),
        (DataType::Float, Value::Float(value)) => Some(Value::Float(f64::from(*value as f32))),
        (DataType::Float, Value::Int(value)) => Some(Value::Float(f64::from(*value as f64 as f32))),
        (DataType::Double, Value::Float(_)) => Some(value.clone()),
        (DataType::Double, Value::Int(value)) => Some(Value::Float(*value as f64)),
        _ => None,
    }
}

/// Whether JSON can be compared with the value: objects and null have no literal.
fn is_comparable(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => true,
        Value::Array(values) => values.iter().all(is_comparable),
        Value::Null | Value::Json(_) | Value::Bytes(_) => false,
    }
}

/// Two numbers as doubles.
pub(super) fn numbers(left: &Value, right: &Value) -> Option<(f64, f64)> {
    let number = |value: &Value| match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    Some((number(left)?, number(right)?))
}

/// A value as Milvus prints it in messages.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Bool(value) => format!("bool_val:{value}"),
        Value::Int(value) => format!("int64_val:{value}"),
        Value::Float(value) => format!("float_val:{value}"),
        Value::Str(value) => format!("string_val:{value:?}"),
        other => other.to_string(),
    }
}
