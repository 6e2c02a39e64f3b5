//! Comparisons, ranges and membership.

use super::value::{cast, shown};
use super::{Binder, Bound, Constant};
use crate::ast::{Chain, Comparison, Node};
use crate::error::{Outcome, invalid, unsupported};
use crate::plan::{self, Access, Limit, Operand};
use elanus_types::{DataType, Value};

impl Binder<'_> {
    pub(super) fn comparison(
        &self,
        whole: &Node,
        comparison: Comparison,
        left: &Node,
        right: &Node,
    ) -> Outcome<Bound> {
        match (self.bound(left)?, self.bound(right)?) {
            (Bound::Operand(operand), Bound::Constant(constant)) => {
                compare_constant(operand, comparison, constant, false)
            }
            (Bound::Constant(constant), Bound::Operand(operand)) => {
                compare_constant(operand, comparison.flipped(), constant, true)
            }
            (Bound::Constant(left), Bound::Constant(right)) => self.fold_comparison(comparison, left, right),
            (Bound::Operand(_), Bound::Operand(_)) => {
                unsupported("comparisons of two fields are not supported yet")
            }
            _ => invalid(format!(
                "comparison operations cannot be applied to two incompatible operands: {}",
                self.shown(whole)
            )),
        }
    }

    fn fold_comparison(&self, comparison: Comparison, left: Constant, right: Constant) -> Outcome<Bound> {
        if left.template || right.template {
            return invalid("placeholder was not supported between two constants with operator: comparison");
        }
        let ordering = match (&left.value, &right.value) {
            (Value::Int(a), Value::Int(b)) => a.partial_cmp(b),
            (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
            (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Str(a), Value::Str(b)) => a.as_bytes().partial_cmp(b.as_bytes()),
            (Value::Bool(a), Value::Bool(b)) if !comparison.is_order() => a.partial_cmp(b),
            (a, b) => return mismatch(a.kind(), b.kind()),
        };
        let value = Value::Bool(comparison.holds(ordering));
        Ok(Bound::Constant(Constant { value, template: false }))
    }

    pub(super) fn range(&self, chain: &Chain) -> Outcome<Bound> {
        let low = self.limit("lowerbound", &chain.low, chain.low_inclusive)?;
        let high = self.limit("upperbound", &chain.high, chain.high_inclusive)?;
        let Bound::Operand(operand) = self.bound(&chain.middle)? else {
            return invalid(format!(
                "range operations are only supported on single fields now, got: {}",
                self.shown(&chain.middle)
            ));
        };
        let data_type = operand.data_type();
        if data_type == DataType::Bool || matches!(low.value, Value::Bool(_)) {
            return invalid("invalid range operations on boolean expr");
        }
        let limit = |limit: Limit| match comparable(&operand, &limit.value) {
            true => match cast(&limit.value, data_type) {
                Some(value) => Ok(Limit { value, ..limit }),
                None => invalid(format!("cannot cast value to {data_type}, value: {}", shown(&limit.value))),
            },
            false => mismatch(operand.shown_type().name(), limit.value.kind()),
        };
        let (low, high) = (limit(low)?, limit(high)?);
        Ok(Bound::Condition(plan::Node::Between { operand, low, high }))
    }

    fn limit(&self, name: &str, node: &Node, inclusive: bool) -> Outcome<Limit> {
        match self.bound(node)? {
            Bound::Constant(constant) => Ok(Limit { value: constant.value, inclusive }),
            _ => invalid(format!("{name} cannot be a non-const expression: {}", self.shown(node))),
        }
    }

    pub(super) fn membership(&self, negated: bool, operand: &Node, list: &Node) -> Outcome<Bound> {
        let left = match self.bound(operand)? {
            Bound::Operand(operand) => operand,
            Bound::Constant(_) => {
                return invalid(format!(
                    "'term' can only be used on non-const expression, but got: {}",
                    self.shown(operand)
                ));
            }
            Bound::Condition(_) => {
                return invalid(format!(
                    "'term' can only be used on single field, but got: {}",
                    self.shown(operand)
                ));
            }
        };
        let Bound::Constant(Constant { value: Value::Array(values), .. }) = self.bound(list)? else {
            return invalid(format!(
                "the right-hand side of 'in' must be a list, but got: {}",
                self.shown(list)
            ));
        };
        let data_type = left.data_type();
        let mut cast_values = Vec::with_capacity(values.len());
        for value in &values {
            match cast(value, data_type) {
                Some(value) => cast_values.push(value),
                None => {
                    return invalid(format!(
                        "value '{}' in list cannot be casted to {data_type}",
                        shown(value)
                    ));
                }
            }
        }
        let condition = plan::Node::In { operand: left, values: cast_values };
        Ok(Bound::Condition(if negated { plan::not(condition) } else { condition }))
    }
}

fn compare_constant(
    operand: Operand,
    comparison: Comparison,
    constant: Constant,
    constant_first: bool,
) -> Outcome<Bound> {
    let data_type = operand.data_type();
    if matches!(operand.access, Access::Array(_)) && !matches!(constant.value, Value::Array(_)) {
        return invalid("can not comparisons array fields directly");
    }
    if !comparable(&operand, &constant.value) {
        let (field, literal) = (operand.shown_type().name(), constant.value.kind());
        return if constant_first { mismatch(literal, field) } else { mismatch(field, literal) };
    }
    let Some(value) = cast(&constant.value, data_type) else {
        return invalid(format!("cannot cast value to {data_type}, value: {}", shown(&constant.value)));
    };
    Ok(Bound::Condition(plan::Node::Compare { operand, comparison, value }))
}

/// Whether values of the operand's class can be compared with `value` at all.
fn comparable(operand: &Operand, value: &Value) -> bool {
    match (operand.data_type(), value) {
        (DataType::Bool, Value::Bool(_)) | (DataType::VarChar, Value::Str(_)) | (DataType::Json, _) => true,
        (data_type, Value::Int(_) | Value::Float(_)) => data_type.is_number(),
        _ => false,
    }
}

fn mismatch<T>(left: &str, right: &str) -> Outcome<T> {
    invalid(format!("comparisons between {left} and {right} are not supported"))
}
