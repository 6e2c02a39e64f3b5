//! Runs a bound filter over columns.

mod scalar;
mod truth;

use crate::plan::{Access, Node, Operand};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnView, FieldId};
pub(crate) use truth::Truth;

/// The columns of one segment (or any set of rows) a filter runs over.
pub trait ColumnSource {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The column of a field, at least as long as there are rows; `None` (a field added after the rows were
    /// written) counts as null in every row.
    fn column(&self, field: FieldId) -> Option<ColumnView<'_>>;
}

/// The answer for every row of `source`.
pub(crate) fn truth(node: &Node, source: &dyn ColumnSource) -> Truth {
    let rows = source.rows();
    match node {
        Node::Known(value) => Truth::known(*value, rows),
        Node::And(operands) => operands
            .iter()
            .map(|operand| truth(operand, source))
            .reduce(Truth::and)
            .unwrap_or_else(|| Truth::known(true, rows)),
        Node::Or(operands) => operands
            .iter()
            .map(|operand| truth(operand, source))
            .reduce(Truth::or)
            .unwrap_or_else(|| Truth::known(false, rows)),
        Node::Not(operand) => truth(operand, source).not(),
        Node::Compare { operand, comparison, value } => {
            plain(operand, source, |view| scalar::compare(view, *comparison, value))
        }
        Node::Between { operand, low, high } => {
            plain(operand, source, |view| scalar::between(view, low, high))
        }
        Node::In { operand, values } => plain(operand, source, |view| scalar::member(view, values)),
    }
}

/// Runs `test` over a scalar column; rows that are null or have no column are unknown.
fn plain(operand: &Operand, source: &dyn ColumnSource, test: impl Fn(&ColumnView<'_>) -> Bitmap) -> Truth {
    let rows = source.rows();
    match (&operand.access, source.column(operand.field)) {
        (Access::Scalar(_), Some(view)) => {
            let mut yes = test(&view);
            yes.resize(rows);
            Truth::with_nulls(yes, view.valid, view.len(), rows)
        }
        _ => Truth::unknown(rows),
    }
}
