//! Runs a bound filter over columns.
//!
//! Conditions are evaluated one after the other over all rows. A condition that follows others in an `and` or
//! `or` is told which rows still matter ([`Wanted`]); what it answers for other rows is of no account, so dear
//! tests skip them.

mod array;
mod blocks;
mod compute;
mod document;
mod elements;
mod fields;
mod indexed;
mod moment;
mod number;
mod order;
mod scalar;
mod shape;
mod starts_with;
mod trace;
mod truth;
mod zones;

use crate::index::FieldIndex;
use crate::plan::{Access, Node, Operand, Test};
use document::Documents;
use elanus_kernels::Bitmap;
use elanus_types::{Column, ColumnView, FieldId};
pub(crate) use elements::passing;
pub(crate) use number::mask;
pub(crate) use scalar::texts as texts_that;
use std::sync::Arc;
pub(crate) use trace::{Traced, traced};
pub(crate) use truth::Truth;
pub use zones::Zones;

/// The columns of one segment (or any set of rows) a filter runs over.
pub trait ColumnSource {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The column of a field, at least as long as there are rows; `None` (a field added after the rows were
    /// written) counts as null in every row.
    fn column(&self, field: FieldId) -> Option<ColumnView<'_>>;

    /// The indexes over a field of these rows.
    fn indexes(&self, _field: FieldId) -> Vec<Arc<dyn FieldIndex>> {
        Vec::new()
    }

    /// The bounds of blocks of a column, where they are known.
    fn zones(&self, _field: FieldId) -> Option<Arc<Zones>> {
        None
    }
}

/// The values of a whole column that pass a test; its nulls are the caller's matter.
pub(crate) fn scalar_test(view: &ColumnView<'_>, test: &Test) -> Bitmap {
    scalar::test(view, test, None)
}

/// How a condition without an index is answered.
const SCAN: &str = "scan";

/// Rows whose answer matters; `None` = all.
type Wanted<'w> = Option<&'w Bitmap>;

/// Whether a row is wanted.
#[inline]
fn is_wanted(wanted: Wanted<'_>, row: usize) -> bool {
    wanted.is_none_or(|wanted| wanted.get(row))
}

/// The answer for every row of `source`.
pub(crate) fn truth(node: &Node, source: &dyn ColumnSource) -> Truth {
    let mut run = Run { source, rows: source.rows(), documents: Documents::of(node), trace: None };
    run.truth(node, None)
}

/// The part of all rows that is expected to be true.
pub(crate) fn share(node: &Node, source: &dyn ColumnSource) -> f64 {
    let run = Run { source, rows: source.rows(), documents: Documents::of(node), trace: None };
    run.price(node).share.clamp(0.0, 1.0)
}

/// One evaluation.
struct Run<'a> {
    source: &'a dyn ColumnSource,
    rows: usize,
    documents: Documents,
    /// What was done, where somebody wants to know.
    trace: Option<Traced>,
}

impl Run<'_> {
    fn truth(&mut self, node: &Node, wanted: Wanted<'_>) -> Truth {
        match node {
            Node::Known(value) => Truth::known(*value, self.rows),
            Node::And(operands) => self.junction(operands, wanted, true),
            Node::Or(operands) => self.junction(operands, wanted, false),
            Node::Not(operand) => self.truth(operand, wanted).not(),
            Node::Test(operand, test) => {
                self.noted(node, wanted, |run| run.asked(operand, Some(test), wanted))
            }
            Node::Fields(left, comparison, right) => {
                self.noted(node, wanted, |run| (run.fields(left, *comparison, right), SCAN))
            }
            Node::StartsWith(text, prefix) => {
                self.noted(node, wanted, |run| (run.starts_with(text, prefix, wanted), SCAN))
            }
            // Refused before: nothing here can answer it.
            Node::Text(_) => Truth::unknown(self.rows),
            Node::IsNull(operand) => self.noted(node, wanted, |run| (run.is_null(operand), "null map")),
            Node::Exists(operand) => self.noted(node, wanted, |run| run.asked(operand, None, wanted)),
            Node::Elements(elements) => {
                self.noted(node, wanted, |run| (run.elements(elements, wanted), SCAN))
            }
        }
    }

    /// `and` (`all`) or `or`: each operand is asked only about the rows that the ones before left open.
    fn junction(&mut self, operands: &[Node], wanted: Wanted<'_>, all: bool) -> Truth {
        let mut result = Truth::known(all, self.rows);
        let mut open = wanted.cloned().unwrap_or_else(|| Bitmap::ones(self.rows));
        for (number, operand) in self.ordered(operands, all).into_iter().enumerate() {
            if number > 0 {
                match all {
                    true => open.and(&result.possible()),
                    false => open.and_not(&result.yes),
                }
                if open.words().iter().all(|word| *word == 0) {
                    break;
                }
            }
            let answer = self.truth(operand, Some(&open));
            result = if all { result.and(answer) } else { result.or(answer) };
        }
        result
    }

    fn test(&mut self, operand: &Operand, test: &Test, wanted: Wanted<'_>) -> Truth {
        match &operand.access {
            Access::Json(path) => self.document_test(operand.field, path, test, false, wanted),
            Access::JsonLength(path) => self.document_test(operand.field, path, test, true, wanted),
            Access::Array(_) => match self.source.column(operand.field) {
                Some(view) => self.over(&view, array::test(&view, test, wanted)),
                None => Truth::unknown(self.rows),
            },
            Access::Scalar(_) => {
                let zones = self.source.zones(operand.field);
                self.with_scalars(operand, |run, view| {
                    run.over(view, blocks::test(view, test, wanted, zones.as_deref()))
                })
            }
            _ => self.with_scalars(operand, |run, view| run.over(view, scalar::test(view, test, wanted))),
        }
    }

    /// Runs `body` over the values of a scalar operand, gathered where they do not lie in a column of their own.
    fn with_scalars(&self, operand: &Operand, body: impl FnOnce(&Self, &ColumnView<'_>) -> Truth) -> Truth {
        match self.gathered(operand) {
            Some(Gathered::Stored(view)) => body(self, &view),
            Some(Gathered::Computed(column)) => body(self, &column.view()),
            None => Truth::unknown(self.rows),
        }
    }

    fn gathered(&self, operand: &Operand) -> Option<Gathered<'_>> {
        let view = self.source.column(operand.field)?;
        match &operand.access {
            Access::Scalar(_) => Some(Gathered::Stored(view)),
            Access::Element(_, index) => Some(Gathered::Computed(array::element(&view, *index))),
            Access::ArrayLength => Some(Gathered::Computed(array::lengths(&view))),
            Access::Array(_) | Access::Json(_) | Access::JsonLength(_) | Access::Vector(_) => None,
        }
    }

    /// `yes` for the rows of a column, unknown where it has none.
    fn over(&self, view: &ColumnView<'_>, mut yes: Bitmap) -> Truth {
        yes.resize(self.rows);
        Truth::with_nulls(yes, view.valid, view.len(), self.rows)
    }

    fn is_null(&self, operand: &Operand) -> Truth {
        let mut valid = match self.source.column(operand.field) {
            None => Bitmap::zeros(self.rows),
            Some(view) => {
                let mut present = Bitmap::ones(view.len().min(self.rows));
                if let Some(valid) = view.valid {
                    present.and(valid);
                }
                present
            }
        };
        valid.resize(self.rows);
        valid.invert();
        Truth { yes: valid, unknown: None }
    }
}

/// Scalar values, one per row.
enum Gathered<'a> {
    Stored(ColumnView<'a>),
    Computed(Column),
}

impl Gathered<'_> {
    fn view(&self) -> ColumnView<'_> {
        match self {
            Gathered::Stored(view) => view.clone(),
            Gathered::Computed(column) => column.view(),
        }
    }
}
