//! Joins conditions and folds what is known; cheap conditions come first, so that dear ones see fewer rows.

use super::{Access, Node, Operand, Test};
use elanus_types::DataType;

/// All of `conditions`, simplified: nested conjunctions joined, constants folded.
pub(crate) fn and(conditions: Vec<Node>) -> Node {
    let mut kept = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition {
            Node::Known(true) => {}
            Node::Known(false) => return Node::Known(false),
            Node::And(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    kept.sort_by_key(cost);
    if kept.is_empty() { Node::Known(true) } else { single(kept).unwrap_or_else(Node::And) }
}

/// Any of `conditions`, simplified likewise.
pub(crate) fn or(conditions: Vec<Node>) -> Node {
    let mut kept = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition {
            Node::Known(false) => {}
            Node::Known(true) => return Node::Known(true),
            Node::Or(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    kept.sort_by_key(cost);
    if kept.is_empty() { Node::Known(false) } else { single(kept).unwrap_or_else(Node::Or) }
}

/// The opposite of a condition; unknown stays unknown.
pub(crate) fn not(condition: Node) -> Node {
    match condition {
        Node::Known(value) => Node::Known(!value),
        Node::Not(inner) => *inner,
        other => Node::Not(Box::new(other)),
    }
}

/// The only element of a list, or the list as it is.
fn single(mut list: Vec<Node>) -> Result<Node, Vec<Node>> {
    if list.len() > 1 {
        return Err(list);
    }
    list.pop().ok_or_else(Vec::new)
}

/// How dear a condition is per row, in classes: fixed width, texts, arrays, documents, shapes.
fn cost(node: &Node) -> u8 {
    match node {
        Node::Known(_) | Node::IsNull(_) => 0,
        Node::And(operands) | Node::Or(operands) => operands.iter().map(cost).max().unwrap_or(0),
        Node::Not(operand) => cost(operand),
        Node::Test(operand, test) => operand_cost(operand) + u8::from(matches!(test, Test::Match(_))),
        Node::Fields(left, _, right) | Node::StartsWith(left, right) => {
            operand_cost(left).max(operand_cost(right))
        }
        Node::Text(query) => operand_cost(&query.operand),
        Node::Exists(operand) => operand_cost(operand),
        Node::Elements(elements) => cost(&elements.condition).max(4),
    }
}

fn operand_cost(operand: &Operand) -> u8 {
    match &operand.access {
        Access::Scalar(DataType::VarChar) => 2,
        Access::Scalar(DataType::Geometry) => 7,
        Access::Scalar(_) | Access::Vector(_) | Access::ArrayLength => 1,
        Access::Element(..) => 3,
        Access::Array(_) => 4,
        Access::Json(_) | Access::JsonLength(_) => 6,
    }
}
