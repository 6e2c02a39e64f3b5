//! Constants: literals, lists, template values, and their casts to a field's type.

use super::{Binder, Constant};
use crate::ast::{Kind, Literal, Node};
use crate::error::{Outcome, invalid};
use crate::literal::Quoted;
use elanus_types::{DataType, Value};

impl Binder<'_> {
    /// A node that must be a constant.
    pub(super) fn constant(&self, node: &Node) -> Outcome<Constant> {
        let value = match &node.kind {
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Str(literal) => Value::Str(text(literal)?),
            Kind::List(items) => return self.list(items),
            Kind::Template(name) => return Ok(Constant { value: self.template(name)?, template: true }),
            Kind::Unary("-", operand) => match self.constant(operand)?.value {
                Value::Int(value) => Value::Int(value.wrapping_neg()),
                Value::Float(value) => Value::Float(-value),
                _ => return invalid("unary minus can only be applied on numbers"),
            },
            _ => return invalid(format!("{} is not a constant", self.shown(node))),
        };
        Ok(Constant { value, template: false })
    }

    fn list(&self, items: &[Node]) -> Outcome<Constant> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.constant(item)?.value);
        }
        Ok(Constant { value: Value::Array(values), template: false })
    }

    fn template(&self, name: &str) -> Outcome<Value> {
        match self.templates.get(name) {
            Some(value) => Ok(value.clone()),
            None => {
                invalid(format!("the value of expression template variable name {{{name}}} is not found"))
            }
        }
    }
}

/// The string a literal means.
pub(super) fn text(literal: &Literal) -> Outcome<String> {
    Quoted { raw: &literal.raw, verbatim: literal.verbatim }.unescape()
}

/// `value` as a column of `data_type` holds it; `None` when it cannot be cast. FLOAT narrows to 32 bits.
pub(super) fn cast(value: &Value, data_type: DataType) -> Option<Value> {
    match (data_type, value) {
        (DataType::Bool, Value::Bool(_)) | (DataType::VarChar, Value::Str(_)) | (DataType::Json, _) => {
            Some(value.clone())
        }
        (_, Value::Int(_)) if data_type.is_integer() => Some(value.clone()),
        (DataType::Float, Value::Float(value)) => Some(Value::Float(f64::from(*value as f32))),
        (DataType::Float, Value::Int(value)) => Some(Value::Float(f64::from(*value as f64 as f32))),
        (DataType::Double, Value::Float(_)) => Some(value.clone()),
        (DataType::Double, Value::Int(value)) => Some(Value::Float(*value as f64)),
        _ => None,
    }
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
