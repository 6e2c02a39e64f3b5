//! LIKE and regular expressions.

use super::{Binder, Bound, Constant};
use crate::ast::{Kind, Node};
use crate::error::{Outcome, invalid};
use crate::literal::Quoted;
use crate::pattern::Pattern;
use crate::plan::{self, Operand, Test};
use elanus_types::{DataType, Value};

impl Binder<'_> {
    pub(super) fn like(&self, operand: &Node, pattern: &Node) -> Outcome<Bound> {
        let operand = match self.bound(operand)? {
            Bound::Operand(operand) if operand.is_length() => None,
            Bound::Operand(operand) => Some(operand),
            Bound::Computed(_) | Bound::Shifted(..) => None,
            Bound::Constant(_)
            | Bound::Condition(_)
            | Bound::Sample(..)
            | Bound::Moment(_)
            | Bound::Interval(_) => {
                return invalid("the left operand of like is invalid");
            }
        };
        let Some(operand) = operand else {
            return invalid("like operation on complicated expr is unsupported");
        };
        if !is_text(&operand) {
            return invalid("like operation on non-string or no-json field is unsupported");
        }
        let pattern = Pattern::like(&self.pattern(pattern, false)?)?;
        Ok(Bound::Condition(plan::Node::Test(operand, Test::Match(pattern))))
    }

    pub(super) fn regex(&self, negated: bool, operand: &Node, pattern: &Node) -> Outcome<Bound> {
        match self.bound(operand)? {
            Bound::Operand(operand) if is_text(&operand) => {
                let pattern = Pattern::regex(&self.pattern(pattern, true)?)?;
                let condition = plan::Node::Test(operand, Test::Match(pattern));
                Ok(Bound::Condition(if negated { plan::not(condition) } else { condition }))
            }
            _ => invalid("regex match on non-string or non-json field is unsupported"),
        }
    }

    fn pattern(&self, node: &Node, regex: bool) -> Outcome<String> {
        if let Kind::Str(literal) = &node.kind {
            return Quoted { raw: &literal.raw, verbatim: literal.verbatim }.pattern(regex);
        }
        match self.bound(node)? {
            Bound::Constant(Constant { value: Value::Str(pattern), .. }) => Ok(pattern),
            _ => invalid(format!("the pattern must be a string, but got: {}", self.shown(node))),
        }
    }
}

/// Whether texts can be found there.
pub(super) fn is_text(operand: &Operand) -> bool {
    matches!(operand.data_type(), DataType::VarChar | DataType::Json)
}
