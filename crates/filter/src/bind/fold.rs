//! Operators between constants, folded before any row is read.

use super::compare::mismatch;
use super::value::numbers;
use super::{Bound, Constant};
use crate::ast::Comparison;
use crate::error::{Outcome, invalid};
use crate::plan::Operator;
use elanus_types::Value;

/// `left comparison right`.
pub(super) fn comparison(comparison: Comparison, left: Constant, right: Constant) -> Outcome<Bound> {
    refuse_templates(comparison.sign(), &left, &right)?;
    let ordering = match (&left.value, &right.value) {
        (Value::Int(a), Value::Int(b)) => a.partial_cmp(b),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().partial_cmp(b.as_bytes()),
        (Value::Bool(a), Value::Bool(b)) if !comparison.is_order() => a.partial_cmp(b),
        (a, b) => match numbers(a, b) {
            Some((a, b)) => a.partial_cmp(&b),
            None => return mismatch(a.kind(), b.kind()),
        },
    };
    Ok(Value::Bool(comparison.holds(ordering)).into())
}

/// `left sign right`: integers stay integers and wrap, any float makes a float.
pub(super) fn arithmetic(sign: &str, left: Constant, right: Constant) -> Outcome<Bound> {
    refuse_templates(sign, &left, &right)?;
    let (left, right) = (left.value, right.value);
    let Some((a, b)) = numbers(&left, &right) else {
        return invalid(format!("'{sign}' cannot be applied to {} and {}", left.kind(), right.kind()));
    };
    if sign == "**" {
        return Ok(power(&left, &right).unwrap_or(Value::Float(a.powf(b))).into());
    }
    let Some(operator) = Operator::from_sign(sign) else {
        return invalid(format!("shift is not supported: {left} {sign} {right}"));
    };
    if operator.divides() && b == 0.0 {
        return invalid(format!("cannot {} by zero", operator.verb()));
    }
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(Value::Int(operator.integers(left, right)).into()),
        _ if operator.needs_integers() => invalid(integers_only(operator)),
        _ => Ok(Value::Float(operator.doubles(a, b)).into()),
    }
}

/// The refusal of an operator on integers that met something else.
pub(super) fn integers_only(operator: Operator) -> String {
    format!("{} can only apply on integer types", operator.verb())
}

/// An integer to the power of one that is not negative.
fn power(base: &Value, exponent: &Value) -> Option<Value> {
    match (base, exponent) {
        (Value::Int(base), Value::Int(exponent)) => {
            Some(Value::Int(base.wrapping_pow(u32::try_from(*exponent).ok()?)))
        }
        _ => None,
    }
}

/// Templates stand for constants beside a field; two constants would hide what the text means.
fn refuse_templates(sign: &str, left: &Constant, right: &Constant) -> Outcome<()> {
    match left.template || right.template {
        true => invalid(format!("placeholder was not supported between two constants with operator: {sign}")),
        false => Ok(()),
    }
}
