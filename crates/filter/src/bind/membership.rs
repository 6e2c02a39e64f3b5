//! `in` and `not in`.

use super::value::{cast, shown};
use super::{Binder, Bound, Constant};
use crate::ast::Node;
use crate::error::{Outcome, invalid};
use crate::plan::{self, Members, Operand, Test};
use elanus_types::{DataType, Value};

impl Binder<'_> {
    pub(super) fn membership(&self, negated: bool, operand: &Node, list: &Node) -> Outcome<Bound> {
        let left = self.column_of(operand)?;
        let Bound::Constant(Constant { value: Value::Array(values), .. }) = self.bound(list)? else {
            return invalid(format!(
                "the right-hand side of 'in' must be a list, but got: {}",
                self.shown(list)
            ));
        };
        let data_type = left.data_type();
        let mut kept = Vec::with_capacity(values.len());
        for value in &values {
            match cast(value, data_type) {
                Some(value) => kept.push(value),
                None => {
                    return invalid(format!(
                        "value '{}' in list cannot be casted to {data_type}",
                        shown(value)
                    ));
                }
            }
        }
        let members = match data_type {
            DataType::Json => Members::of_json(kept),
            _ => Members::of_column(kept),
        };
        let condition = plan::Node::Test(left, Test::In(members));
        Ok(Bound::Condition(if negated { plan::not(condition) } else { condition }))
    }

    fn column_of(&self, node: &Node) -> Outcome<Operand> {
        match self.bound(node)? {
            Bound::Operand(operand) if !operand.is_length() => Ok(operand),
            Bound::Constant(_) => invalid(format!(
                "'term' can only be used on non-const expression, but got: {}",
                self.shown(node)
            )),
            _ => invalid(format!("'term' can only be used on single field, but got: {}", self.shown(node))),
        }
    }
}
