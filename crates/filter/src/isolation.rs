//! Whether a filter pins one partition key, as collections with partition key isolation demand of searches.

use crate::ast::Comparison;
use crate::plan::{Access, Node, Operand, Test};
use elanus_types::{Error, FieldId, Result};

/// An error unless the filter is, or joins by `and`, exactly one `key == value`.
pub(crate) fn check(root: &Node, key: FieldId) -> Result<()> {
    let conditions = match root {
        Node::And(operands) => operands.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut pinned = 0;
    for condition in conditions.iter().filter(|condition| mentions(condition, key)) {
        match condition {
            Node::Test(Operand { access: Access::Scalar(_), .. }, Test::Compare(Comparison::Eq, _)) => {
                pinned += 1;
            }
            Node::Test(_, Test::In(_)) => return refused("IN"),
            Node::Or(_) => return refused("OR"),
            Node::Not(_) => return refused("NOT"),
            _ => return Err(not_found()),
        }
    }
    if pinned == 1 { Ok(()) } else { Err(not_found()) }
}

fn mentions(node: &Node, key: FieldId) -> bool {
    let mut found = false;
    crate::predicate::visit(node, &mut |operand| found |= operand.field == key);
    found
}

fn refused(what: &str) -> Result<()> {
    Err(Error::invalid(format!("partition key isolation does not support {what}")))
}

/// The error of a filter that pins no key.
pub(crate) fn not_found() -> Error {
    Error::invalid(
        "partition key not found in expr or the expr is invalid when validating partition key isolation",
    )
}
