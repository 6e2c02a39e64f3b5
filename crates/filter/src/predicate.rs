//! What callers do with a bound filter.

use crate::ast::Comparison;
use crate::eval::{self, ColumnSource};
use crate::plan::{Access, Elements, Node, Operand, Test, TextQuery};
use crate::prune::Bounds;
use elanus_kernels::Bitmap;
use elanus_types::explain::FilterStep;
use elanus_types::{CollectionSchema, Error, ErrorKind, FieldId, Result, Value};
use std::collections::BTreeSet;

/// An executable filter; made by [`crate::bind`] or [`crate::compile`], cheap to run any number of times.
#[derive(Clone, Debug)]
pub struct Predicate {
    pub(crate) root: Node,
    /// The part of the rows to keep at random, between 0 and 1.
    pub(crate) sample: Option<f64>,
    /// An `element_filter`, which chooses among the elements of the rows that pass.
    pub(crate) elements: Option<Box<Elements>>,
}

impl Predicate {
    /// The rows for which the filter is true; as long as the source has rows. Where it asks for a sample, the caller
    /// has [`Predicate::sample`] take it once it knows which of these rows count at all.
    pub fn evaluate(&self, source: &dyn ColumnSource) -> Result<Bitmap> {
        Ok(eval::truth(&self.root, source).yes)
    }

    /// The rows for which the filter is neither true nor false, because a null or a missing path decides.
    pub fn unknown(&self, source: &dyn ColumnSource) -> Result<Bitmap> {
        let rows = source.rows();
        Ok(eval::truth(&self.root, source).unknown.unwrap_or_else(|| Bitmap::zeros(rows)))
    }

    /// [`Predicate::evaluate`], and what was done condition by condition; names come from the schema.
    pub fn explain(&self, source: &dyn ColumnSource, schema: &CollectionSchema) -> (Bitmap, Vec<FilterStep>) {
        eval::traced(&self.root, source, schema)
    }

    /// False when no row can pass whose values lie within these bounds; `None` = a field's are not known.
    pub fn can_pass<'b>(&self, bounds: &dyn Fn(FieldId) -> Option<Bounds<'b>>) -> bool {
        crate::prune::can_pass(&self.root, bounds)
    }

    /// The part of a source's rows that is expected to pass, between 0 and 1; nothing is evaluated for it.
    pub fn expected_share(&self, source: &dyn ColumnSource) -> f64 {
        eval::share(&self.root, source)
    }

    /// Keeps a random part of the rows where the filter asks for one, but one row at least.
    pub fn sample(&self, rows: &mut Bitmap) {
        let Some(factor) = self.sample else { return };
        let mut left = rows.count();
        let mut wanted = ((left as f64 * factor) as usize).max(1);
        for row in rows.clone().iter() {
            // Of the rows left each is as likely as any other to be among those still wanted.
            match fastrand::usize(..left) < wanted {
                true => wanted -= 1,
                false => rows.clear(row),
            }
            left -= 1;
        }
    }

    /// Searches for words need an index that nothing builds yet.
    pub(crate) fn check_answerable(&self) -> Result<()> {
        match text_query(&self.root) {
            None => Ok(()),
            Some(query) => Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} is not supported yet, use like or =~", query.function()),
            )),
        }
    }

    /// The fields it reads, in ascending order.
    pub fn fields(&self) -> Vec<FieldId> {
        let mut fields = BTreeSet::new();
        visit(&self.root, &mut |operand| {
            fields.insert(operand.field);
        });
        fields.into_iter().collect()
    }

    /// With an `element_filter`: a field of the struct array whose elements it chooses.
    pub fn element_field(&self) -> Option<FieldId> {
        self.elements.as_ref().map(|elements| elements.lists.field)
    }

    /// With an `element_filter`: the elements for which it is true, by their place among the elements of all rows; nothing
    /// without one, and for rows that are older than the struct array.
    pub fn elements(&self, source: &dyn ColumnSource) -> Option<Bitmap> {
        eval::passing(self.elements.as_ref()?, source)
    }

    /// Whether every row passes, whatever it holds.
    pub fn is_always_true(&self) -> bool {
        matches!(self.root, Node::Known(true)) && self.sample.is_none()
    }

    /// Whether no row can pass.
    pub fn is_always_false(&self) -> bool {
        matches!(self.root, Node::Known(false))
    }

    /// The keys when the filter is nothing but `pk == x` or `pk in [..]`, so that rows can be looked up.
    pub fn primary_keys(&self, pk: FieldId) -> Option<Vec<Value>> {
        listed(&self.root, pk).filter(|_| self.sample.is_none())
    }

    /// Values of `field` that a passing row can have, where the filter restricts it to a list: every row that
    /// passes has one of them, but not every row that has one passes.
    pub fn partition_keys(&self, field: FieldId) -> Option<Vec<Value>> {
        restricted(&self.root, field)
    }
}

fn is_plain(operand: &Operand, field: FieldId) -> bool {
    operand.field == field && matches!(operand.access, Access::Scalar(_))
}

fn listed(node: &Node, field: FieldId) -> Option<Vec<Value>> {
    match node {
        Node::Test(operand, test) if is_plain(operand, field) => match test {
            Test::Compare(Comparison::Eq, value) => Some(vec![value.clone()]),
            Test::In(members) => Some(members.values().to_vec()),
            _ => None,
        },
        _ => None,
    }
}

fn restricted(node: &Node, field: FieldId) -> Option<Vec<Value>> {
    match node {
        Node::And(operands) => {
            operands.iter().filter_map(|operand| restricted(operand, field)).min_by_key(Vec::len)
        }
        Node::Or(operands) => {
            let lists: Option<Vec<_>> = operands.iter().map(|operand| restricted(operand, field)).collect();
            lists.map(|lists| lists.concat())
        }
        _ => listed(node, field),
    }
}

/// Shows every operand of a condition to `found`.
pub(crate) fn visit(node: &Node, found: &mut impl FnMut(&Operand)) {
    match node {
        Node::Known(_) => {}
        Node::And(operands) | Node::Or(operands) => operands.iter().for_each(|operand| visit(operand, found)),
        Node::Not(operand) => visit(operand, found),
        Node::Test(operand, _) | Node::IsNull(operand) | Node::Exists(operand) => found(operand),
        Node::Fields(left, _, right) | Node::StartsWith(left, right) => {
            found(left);
            found(right);
        }
        Node::Text(query) => found(&query.operand),
        Node::Elements(elements) => {
            found(&elements.lists);
            visit(&elements.condition, found);
        }
    }
}

/// The first search for words in a condition.
fn text_query(node: &Node) -> Option<&TextQuery> {
    match node {
        Node::And(operands) | Node::Or(operands) => operands.iter().find_map(text_query),
        Node::Not(operand) => text_query(operand),
        Node::Text(query) => Some(query),
        _ => None,
    }
}
