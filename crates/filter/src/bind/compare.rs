//! Comparisons of fields, computed values and constants.

use super::value::{cast, shown};
use super::{Binder, Bound, Computed, Constant, fold};
use crate::ast::{Comparison, Node};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Arithmetic, Operand, Test};
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
            (Bound::Operand(operand), Bound::Moment(moment)) => {
                self.with_moment(left, operand, None, comparison, moment)
            }
            (Bound::Moment(moment), Bound::Operand(operand)) => {
                self.with_moment(right, operand, None, comparison.flipped(), moment)
            }
            (Bound::Shifted(operand, interval), Bound::Moment(moment)) => {
                self.with_moment(left, operand, Some(interval), comparison, moment)
            }
            (Bound::Moment(moment), Bound::Shifted(operand, interval)) => {
                self.with_moment(right, operand, Some(interval), comparison.flipped(), moment)
            }
            (Bound::Shifted(..), other) | (other, Bound::Shifted(..)) => {
                mismatch(DataType::Timestamptz.name(), other.type_name())
            }
            (Bound::Operand(operand), Bound::Constant(constant)) => {
                with_constant(operand, comparison, constant, false)
            }
            (Bound::Constant(constant), Bound::Operand(operand)) => {
                with_constant(operand, comparison.flipped(), constant, true)
            }
            (Bound::Computed(computed), Bound::Constant(constant)) => {
                with_result(computed, comparison, constant)
            }
            (Bound::Constant(constant), Bound::Computed(computed)) => {
                with_result(computed, comparison.flipped(), constant)
            }
            (Bound::Constant(left), Bound::Constant(right)) => fold::comparison(comparison, left, right),
            (Bound::Operand(left), Bound::Operand(right)) => fields(left, comparison, right),
            (Bound::Condition(_) | Bound::Sample(..), _) | (_, Bound::Condition(_) | Bound::Sample(..)) => {
                invalid(format!(
                    "comparison operations cannot be applied to two incompatible operands: {}",
                    self.shown(whole)
                ))
            }
            _ => invalid("only comparison between two fields is supported"),
        }
    }
}

fn with_constant(
    operand: Operand,
    comparison: Comparison,
    constant: Constant,
    constant_first: bool,
) -> Outcome<Bound> {
    let value = &constant.value;
    if matches!(operand.access, Access::Array(_)) && !matches!(value, Value::Array(_)) {
        return invalid("can not comparisons array fields directly");
    }
    if !comparable(&operand, comparison, value) {
        let (field, literal) = (operand.shown_type().name(), value.kind());
        return if constant_first { mismatch(literal, field) } else { mismatch(field, literal) };
    }
    let data_type = operand.data_type();
    let cast = match (&operand.access, value) {
        (Access::Array(element), Value::Array(list)) => {
            list.iter().map(|value| cast(value, *element)).collect::<Option<_>>().map(Value::Array)
        }
        _ => cast(value, data_type),
    };
    match cast {
        Some(value) => Ok(Bound::Condition(plan::Node::Test(operand, Test::Compare(comparison, value)))),
        None => invalid(format!("cannot cast value to {}, value: {}", operand.shown_type(), shown(value))),
    }
}

/// Whether values of the operand's class can be compared with `value` at all.
fn comparable(operand: &Operand, comparison: Comparison, value: &Value) -> bool {
    match (operand.data_type(), value) {
        (DataType::Bool, Value::Bool(_)) => !comparison.is_order(),
        (DataType::Json | DataType::Array, Value::Array(_)) => !comparison.is_order(),
        (DataType::VarChar, Value::Str(_)) => true,
        (DataType::Json, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_)) => true,
        (data_type, Value::Int(_) | Value::Float(_)) => data_type.is_number(),
        _ => false,
    }
}

fn with_result(computed: Computed, comparison: Comparison, constant: Constant) -> Outcome<Bound> {
    let Computed { operand, operator, right, data_type } = computed;
    let value = constant.value;
    if !matches!(value, Value::Int(_) | Value::Float(_)) {
        return mismatch(data_type.name(), value.kind());
    }
    let Some(result) = cast(&value, data_type) else {
        return invalid(format!("cannot cast value to {data_type}, value: {}", shown(&value)));
    };
    let arithmetic = Arithmetic { operator, right, comparison, result };
    Ok(Bound::Condition(plan::Node::Test(operand, Test::Arithmetic(Box::new(arithmetic)))))
}

fn fields(left: Operand, comparison: Comparison, right: Operand) -> Outcome<Bound> {
    if left.is_length() || right.is_length() {
        return invalid("only comparison between two fields is supported");
    }
    let is = |data_type| left.data_type() == data_type || right.data_type() == data_type;
    if is(DataType::Json) {
        return invalid("two column comparison with JSON type is not supported");
    }
    if is(DataType::Array) {
        return invalid("can not comparisons array fields directly");
    }
    let (a, b) = (left.data_type(), right.data_type());
    let same_class = match a {
        DataType::Bool => b == DataType::Bool && !comparison.is_order(),
        DataType::VarChar | DataType::Timestamptz => b == a,
        _ => a.is_number() && b.is_number(),
    };
    match same_class {
        true => Ok(Bound::Condition(plan::Node::Fields(left, comparison, right))),
        false => mismatch(a.name(), b.name()),
    }
}

pub(super) fn mismatch<T>(left: &str, right: &str) -> Outcome<T> {
    invalid(format!("comparisons between {left} and {right} are not supported"))
}
