//! Arithmetic: constants fold; a field takes part once, beside one constant, and must be compared.

use super::fold::{self, integers_only};
use super::{Binder, Bound, Computed, Constant};
use crate::ast::Node;
use crate::error::{Outcome, invalid};
use crate::plan::{Access, Operand, Operator};
use elanus_types::{DataType, Value};

impl Binder<'_> {
    /// `-x` and `+x`, for constants only; `~x` for nothing.
    pub(super) fn signed(&self, whole: &Node, sign: &str, operand: &Node) -> Outcome<Bound> {
        match (sign, self.bound(operand)?) {
            ("~", _) => invalid(format!("unary operator ~ is not supported: {}", self.shown(whole))),
            ("-", Bound::Constant(Constant { value: Value::Int(value), .. })) => {
                Ok(Value::Int(value.wrapping_neg()).into())
            }
            ("-", Bound::Constant(Constant { value: Value::Float(value), .. })) => {
                Ok(Value::Float(-value).into())
            }
            (_, Bound::Constant(Constant { value: value @ (Value::Int(_) | Value::Float(_)), .. })) => {
                Ok(value.into())
            }
            _ => invalid(format!(
                "unary '{sign}' can only be applied on numeric constants: {}",
                self.shown(whole)
            )),
        }
    }

    pub(super) fn binary(
        &self,
        whole: &Node,
        sign: &'static str,
        left: &Node,
        right: &Node,
    ) -> Outcome<Bound> {
        let (left, right) = (self.bound(left)?, self.bound(right)?);
        if let (Bound::Constant(left), Bound::Constant(right)) = (left.clone(), right.clone()) {
            return match sign {
                "<<" | ">>" => invalid(format!("shift is not supported: {}", self.shown(whole))),
                _ => fold::arithmetic(sign, left, right),
            };
        }
        if let (Bound::Operand(operand), Bound::Interval(interval)) = (&left, &right) {
            return self.shifted(sign, whole, operand.clone(), *interval);
        }
        let operator = match sign {
            "**" => return invalid(format!("power can only apply on constants: {}", self.shown(whole))),
            _ => Operator::from_sign(sign),
        };
        let Some(operator) = operator else {
            return invalid(format!("shift is not supported: {}", self.shown(whole)));
        };
        match (left, right) {
            (Bound::Operand(operand), Bound::Constant(constant)) => {
                computed(operand, operator, constant.value)
            }
            (Bound::Constant(constant), Bound::Operand(operand)) if operator.commutes() => {
                computed(operand, operator, constant.value)
            }
            (Bound::Constant(_), Bound::Operand(_)) => {
                invalid(format!("{} field is not yet supported", operator.verb()))
            }
            (Bound::Operand(_), Bound::Operand(_)) => {
                invalid("not supported to do arithmetic operations between multiple fields")
            }
            (Bound::Condition(_) | Bound::Sample(..), _) | (_, Bound::Condition(_) | Bound::Sample(..)) => {
                invalid(format!(
                    "'{sign}' can only be used between integer or floating or json field expressions"
                ))
            }
            _ => invalid("complicated arithmetic operations are not supported"),
        }
    }
}

fn computed(operand: Operand, operator: Operator, right: Value) -> Outcome<Bound> {
    let field_type = operand.data_type();
    if operand.is_length() {
        return invalid("complicated arithmetic operations are not supported");
    }
    let verb = operator.verb();
    match (&operand.access, field_type) {
        (Access::Array(_) | Access::Vector(_), _) | (_, DataType::Timestamptz | DataType::Geometry) => {
            return invalid(format!(
                "cannot perform arithmetic between {field_type} field and {}",
                right.kind()
            ));
        }
        (_, DataType::VarChar) => return invalid(format!("{verb} cannot apply on string field")),
        (_, DataType::Bool) => return invalid(format!("{verb} cannot apply on bool field")),
        _ => {}
    }
    let is_float = match right {
        Value::Int(_) => false,
        Value::Float(_) => true,
        _ => {
            return invalid(format!(
                "cannot perform arithmetic between {field_type} field and {}",
                right.kind()
            ));
        }
    };
    if operator.needs_integers() && (is_float || field_type.is_float()) {
        return invalid(integers_only(operator));
    }
    if operator.divides() && matches!(right, Value::Int(0) | Value::Float(0.0)) {
        return invalid("division or modulus by zero");
    }
    let data_type = match field_type {
        DataType::Json | DataType::Float => field_type,
        integer if integer.is_integer() && !is_float => DataType::Int64,
        number if number.is_number() => DataType::Double,
        other => return invalid(format!("arithmetic on {other} is not supported yet")),
    };
    let right = if data_type.is_float() { as_float(&right) } else { right };
    Ok(Bound::Computed(Computed { operand, operator, right, data_type }))
}

fn as_float(value: &Value) -> Value {
    match value {
        Value::Int(value) => Value::Float(*value as f64),
        other => other.clone(),
    }
}
