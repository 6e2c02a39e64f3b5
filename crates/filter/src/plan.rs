//! The executable shape of a filter: names resolved, types checked, constants folded.

use crate::ast::{Comparison, Step};
use elanus_types::{DataType, FieldId, Value};

/// Where a value comes from in a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operand {
    pub(crate) field: FieldId,
    pub(crate) access: Access,
    /// The field can hold nulls.
    pub(crate) nullable: bool,
}

/// Which part of a field's value is meant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// A plain scalar.
    Scalar(DataType),
    /// `array[index]`, of this element type.
    Element(DataType, usize),
    /// A whole array of this element type.
    Array(DataType),
    /// A place in a JSON document; no steps = the document itself.
    Json(Vec<Step>),
    /// `array_length` of an array.
    ArrayLength,
    /// `array_length` of a place in a JSON document.
    JsonLength(Vec<Step>),
    /// A vector; only its nulls can be asked for.
    Vector(DataType),
}

impl Operand {
    /// The type a comparison sees.
    pub(crate) fn data_type(&self) -> DataType {
        match &self.access {
            Access::Scalar(data_type) | Access::Element(data_type, _) | Access::Vector(data_type) => {
                *data_type
            }
            Access::Array(_) => DataType::Array,
            Access::Json(_) => DataType::Json,
            Access::ArrayLength | Access::JsonLength(_) => DataType::Int64,
        }
    }

    /// The type for messages: an array is known by its elements.
    pub(crate) fn shown_type(&self) -> DataType {
        match &self.access {
            Access::Array(element) => *element,
            _ => self.data_type(),
        }
    }
}

/// One condition over a row: true, false or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// The same answer for every row, nulls included.
    Known(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// `operand op value`.
    Compare {
        operand: Operand,
        comparison: Comparison,
        value: Value,
    },
    /// `low < operand <= high`.
    Between {
        operand: Operand,
        low: Limit,
        high: Limit,
    },
    /// `operand in values`.
    In {
        operand: Operand,
        values: Vec<Value>,
    },
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) value: Value,
    pub(crate) inclusive: bool,
}

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
