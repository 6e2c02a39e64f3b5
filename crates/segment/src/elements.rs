//! Elements of struct arrays, after their rows were found.

use crate::scan::{element_of, list};
use crate::{Against, SegmentSearch, absent};
use elanus_ann::{ListBatch, VectorsView};
use elanus_kernels::Bitmap;
use elanus_types::{CollectionSchema, ColumnRef, ColumnView, Error, Result};

/// Finds the element of a row that is nearest to a query.
pub(crate) struct Nearest<'a> {
    batch: ListBatch<'a>,
    schema: &'a elanus_types::FieldSchema,
    query: usize,
}

impl<'a> Nearest<'a> {
    /// For query number `query` of a search among elements.
    pub fn new(schema: &'a CollectionSchema, search: &SegmentSearch<'a>, query: usize) -> Result<Self> {
        let field = absent::field(schema, search.field)?;
        let element = element_of(field.vector_type()).filter(|_| search.against == Against::Elements);
        let batch = element
            .and_then(|element| ListBatch::new(search.metric, element, field.dim, search.queries, None));
        let batch = batch
            .ok_or_else(|| Error::internal(format!("field {} was not searched for elements", field.name)))?;
        Ok(Self { batch, schema: field, query })
    }

    /// The place in the list of a row of `column`; of `elements` (by their place among the elements of all rows) only.
    pub fn of_row(&self, column: &ColumnView<'_>, row: u32, elements: Option<&Bitmap>) -> Option<u32> {
        let ColumnRef::Array { offsets, items } = &column.data else { return None };
        let ColumnRef::Fixed { data, .. } = **items else { return None };
        let vectors = VectorsView::new(element_of(self.schema.vector_type())?, self.schema.dim, data);
        self.batch.nearest(self.query, &vectors, list(offsets, row), elements)
    }
}

/// The places in a row's list of the elements in `passing`, which counts the elements of all rows of `column`.
pub(crate) fn places(column: &ColumnView<'_>, row: u32, passing: &Bitmap) -> Vec<u32> {
    let ColumnRef::Array { offsets, .. } = &column.data else { return Vec::new() };
    let range = list(offsets, row);
    passing.iter_in(range.clone()).map(|item| (item - range.start) as u32).collect()
}

/// The error of a row whose elements were to be looked at but are not there.
pub(crate) fn missing(row: u32) -> Error {
    Error::internal(format!("row {row} has no elements that a search could have found"))
}
