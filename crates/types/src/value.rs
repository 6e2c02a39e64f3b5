//! One value outside a column: literals, defaults, template parameters, group keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A single scalar, list or JSON value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Absent.
    Null,
    /// A BOOL.
    Bool(bool),
    /// Any integer type, and a moment in microseconds.
    Int(i64),
    /// FLOAT or DOUBLE.
    Float(f64),
    /// A VARCHAR.
    Str(String),
    /// A list.
    Array(Vec<Value>),
    /// A JSON document.
    Json(serde_json::Value),
    /// Raw bytes of a vector or a shape.
    Bytes(Vec<u8>),
}

impl Value {
    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The kind of value in a word, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "Bool",
            Value::Int(_) => "Int64",
            Value::Float(_) => "Double",
            Value::Str(_) => "VarChar",
            Value::Array(_) => "Array",
            Value::Json(_) => "JSON",
            Value::Bytes(_) => "bytes",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(v) => v.fmt(f),
            Value::Int(v) => v.fmt(f),
            Value::Float(v) => v.fmt(f),
            Value::Str(v) => write!(f, "{v:?}"),
            Value::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Value::Json(v) => v.fmt(f),
            Value::Bytes(v) => write!(f, "{} bytes", v.len()),
        }
    }
}
