//! Null tests and `exists`.

use super::{Binder, Bound};
use crate::ast::Node;
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access};
use elanus_types::DataType;

impl Binder<'_> {
    /// `x is null`. A path is null when nothing (or nothing but emptiness) is there; a field, when its row says so.
    pub(super) fn null_test(&self, negated: bool, node: &Node) -> Outcome<Bound> {
        let operand = match self.whole(node)? {
            Some(operand) => operand,
            None => match self.bound(node)? {
                Bound::Operand(operand) => operand,
                _ => {
                    let shown = self.shown(node);
                    return invalid(format!("IsNull/IsNotNull operations need a field, got: {shown}"));
                }
            },
        };
        let is_null = match &operand.access {
            Access::Json(path) if !path.is_empty() => plan::not(plan::Node::Exists(operand)),
            Access::Element(..) => {
                return invalid(format!(
                    "IsNull/IsNotNull operations are not supported on array element access, got: {}",
                    self.shown(node)
                ));
            }
            Access::Vector(data_type) if *data_type != DataType::ArrayOfVector => {
                return invalid("IsNull/IsNotNull operations are not supported on vector fields");
            }
            _ if operand.nullable => plan::Node::IsNull(operand),
            _ => plan::Node::Known(false),
        };
        Ok(Bound::Condition(if negated { plan::not(is_null) } else { is_null }))
    }

    pub(super) fn exists(&self, node: &Node) -> Outcome<Bound> {
        match self.bound(node)? {
            Bound::Operand(operand) => match &operand.access {
                Access::Json(path) if path.is_empty() => {
                    invalid("exists operations are only supportted on json key")
                }
                Access::Json(_) => Ok(Bound::Condition(plan::Node::Exists(operand))),
                _ => only_json(operand.data_type()),
            },
            Bound::Computed(computed) => only_json(computed.data_type),
            other => invalid(format!(
                "exists operations are only supportted on json field, got:{}",
                other.type_name()
            )),
        }
    }
}

fn only_json(data_type: DataType) -> Outcome<Bound> {
    invalid(format!("exists operations are only supportted on json field, got:{data_type}"))
}
