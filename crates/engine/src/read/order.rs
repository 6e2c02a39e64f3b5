//! Rows in an order that a request chooses.

use super::group::Group;
use super::operand::Operand;
use super::output::{Place, gather};
use super::scalar::Scalar;
use elanus_segment::Segment;
use elanus_types::query::OrderBy;
use elanus_types::search::SearchRequest;
use elanus_types::{CollectionSchema, Column, ColumnBuilder, ColumnView, DataType, Error, FieldId, Result};
use std::cmp::Ordering;
use std::sync::Arc;

/// Types that have an order users expect.
const SORTABLE: &str = "Bool, Int8, Int16, Int32, Int64, Float, Double, VarChar, JSON path";

/// What rows are ordered by, the most important first.
#[derive(Clone, Debug, Default)]
pub struct Order {
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    operand: Operand,
    descending: bool,
    nulls_first: bool,
}

impl Order {
    /// Resolves the fields and checks that they have an order.
    pub fn new(schema: &CollectionSchema, by: &[OrderBy]) -> Result<Self> {
        let terms = by.iter().map(|by| Term::new(schema, by)).collect::<Result<_>>()?;
        Ok(Self { terms })
    }

    /// Whether there is nothing to order by.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The fields to read, one for each term.
    pub fn fields(&self) -> Vec<FieldId> {
        self.terms.iter().map(|term| term.operand.field.id).collect()
    }

    /// The values of a row; `columns` are those of [`Order::fields`].
    pub fn values(&self, columns: &[ColumnView<'_>], row: usize) -> Vec<Scalar<'static>> {
        let values = self.terms.iter().zip(columns);
        values.map(|(term, column)| term.operand.value(column, row).into_owned()).collect()
    }

    /// The order of a row and of values taken before.
    #[inline]
    pub fn order_row(&self, columns: &[ColumnView<'_>], row: usize, values: &[Scalar<'_>]) -> Ordering {
        let pairs = self.terms.iter().zip(columns).zip(values);
        first_difference(pairs.map(|((term, column), value)| {
            term.operand.value(column, row).order_by(value, term.descending, term.nulls_first)
        }))
    }

    /// Puts every query's groups of hits into the order of their first hits' values. Equal ones stay as they are, best first.
    pub fn sort(&self, segments: &[Arc<dyn Segment>], lists: Vec<Vec<Group>>) -> Result<Vec<Vec<Group>>> {
        if self.is_empty() {
            return Ok(lists);
        }
        let firsts = lists.iter().flatten().filter_map(|group| group.first());
        let places: Vec<Place> = firsts.map(|hit| hit.place).collect();
        let fields = self.fields();
        let empty = || self.terms.iter().map(|term| ColumnBuilder::for_field(&term.operand.field)).collect();
        let columns = gather(segments, &places, empty, |segment, rows| segment.take(rows, &fields))?;
        let columns = views(&columns);
        let mut first = 0;
        let mut sorted = Vec::with_capacity(lists.len());
        for groups in lists {
            let rows = first..first + groups.len();
            first = rows.end;
            let mut valued: Vec<(Vec<Scalar<'static>>, Group)> =
                rows.zip(groups).map(|(row, group)| (self.values(&columns, row), group)).collect();
            valued.sort_by(|a, b| self.order(&a.0, &b.0));
            sorted.push(valued.into_iter().map(|(_, group)| group).collect());
        }
        Ok(sorted)
    }

    /// The order of two rows' values.
    pub fn order(&self, a: &[Scalar<'_>], b: &[Scalar<'_>]) -> Ordering {
        let pairs = self.terms.iter().zip(a).zip(b);
        first_difference(pairs.map(|((term, a), b)| a.order_by(b, term.descending, term.nulls_first)))
    }
}

impl Term {
    fn new(schema: &CollectionSchema, by: &OrderBy) -> Result<Self> {
        let operand = Operand::find(schema, &by.field).ok_or_else(|| {
            Error::invalid(format!("order_by field '{}' does not exist in collection schema", by.field))
        })?;
        let data_type = operand.field.data_type;
        let sortable = data_type == DataType::Bool
            || data_type.is_number()
            || data_type == DataType::VarChar
            || (data_type == DataType::Json && !operand.steps.is_empty());
        if !sortable {
            return Err(Error::invalid(format!(
                "order_by field '{}' has unsortable type {data_type}; supported types: {SORTABLE}",
                by.field
            )));
        }
        Ok(Self { operand, descending: by.descending, nulls_first: by.nulls_first })
    }
}

/// The order of a search's hits. What it cannot go with is refused.
pub fn hit_order(schema: &CollectionSchema, request: &SearchRequest) -> Result<Order> {
    let several = request.group_by.as_ref().is_some_and(|by| by.fields.len() > 1);
    let paged = request.iterator || request.search_iterator.is_some();
    match () {
        () if request.order_by.is_empty() => Ok(Order::default()),
        () if paged => Err(Error::invalid("order_by is not supported when using search iterator")),
        () if several => {
            Err(Error::invalid("order_by_fields is not supported with multi-field group_by_fields"))
        }
        () => Order::new(schema, &request.order_by),
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Views of columns taken from a segment.
pub fn views(columns: &[Column]) -> Vec<ColumnView<'_>> {
    columns.iter().map(Column::view).collect()
}
