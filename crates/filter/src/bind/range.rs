//! Chains: `low < field <= high`.

use super::compare::mismatch;
use super::value::{cast, numbers, shown};
use super::{Binder, Bound};
use crate::ast::{Chain, Node};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Limit, Operand, Test};
use elanus_types::{DataType, Value};
use std::cmp::Ordering;

impl Binder<'_> {
    pub(super) fn range(&self, chain: &Chain) -> Outcome<Bound> {
        let low = self.limit("lowerbound", &chain.low, chain.low_inclusive)?;
        let high = self.limit("upperbound", &chain.high, chain.high_inclusive)?;
        let Bound::Operand(operand) = self.bound(&chain.middle)? else {
            return invalid(format!(
                "range operations are only supported on single fields now, got: {}",
                self.shown(&chain.middle)
            ));
        };
        let is_bool = |value: &Value| matches!(value, Value::Bool(_));
        if operand.data_type() == DataType::Bool || is_bool(&low.value) || is_bool(&high.value) {
            return invalid("invalid range operations on boolean expr");
        }
        if matches!(operand.access, Access::Array(_)) {
            return invalid("can not comparisons array fields directly");
        }
        check_bounds(&low, &high)?;
        let (low, high) = (bound(&operand, low)?, bound(&operand, high)?);
        Ok(Bound::Condition(plan::Node::Test(operand, Test::Between(low, high))))
    }

    fn limit(&self, name: &str, node: &Node, inclusive: bool) -> Outcome<Limit> {
        match self.bound(node)? {
            Bound::Constant(constant) => Ok(Limit { value: constant.value, inclusive }),
            Bound::Moment(_) => invalid(format!(
                "range operations are not supported on timestamptz, compare with each bound and join both with 'and': {}",
                self.shown(node)
            )),
            _ => invalid(format!("{name} cannot be a non-const expression: {}", self.shown(node))),
        }
    }
}

/// Bounds must leave room for a value between them.
fn check_bounds(low: &Limit, high: &Limit) -> Outcome<()> {
    let order = match (&low.value, &high.value) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => match numbers(a, b) {
            Some((a, b)) => a.total_cmp(&b),
            None => return mismatch(a.kind(), b.kind()),
        },
    };
    match order {
        Ordering::Less => Ok(()),
        Ordering::Equal if low.inclusive && high.inclusive => Ok(()),
        _ => invalid("invalid range: lowerbound is greater than upperbound"),
    }
}

fn bound(operand: &Operand, limit: Limit) -> Outcome<Limit> {
    let data_type = operand.data_type();
    let comparable = match limit.value {
        Value::Int(_) | Value::Float(_) => data_type.is_number() || data_type == DataType::Json,
        Value::Str(_) => matches!(data_type, DataType::VarChar | DataType::Json),
        _ => false,
    };
    if !comparable {
        return mismatch(data_type.name(), limit.value.kind());
    }
    match cast(&limit.value, data_type) {
        Some(value) => Ok(Limit { value, ..limit }),
        None => invalid(format!("cannot cast value to {data_type}, value: {}", shown(&limit.value))),
    }
}
