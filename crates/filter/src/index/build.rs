//! Building and opening scalar indexes.

mod places;
mod values;

pub(super) use places::each as each_place;

use super::ngram::Grams;
use super::ordered::Ordered;
use super::rtree::RTree;
use super::sections::{Body, Sections, damaged};
use super::shredded::Shredded;
use super::spec::{IndexKind, IndexSpec};
use super::{FieldIndex, NGRAM, ORDERED, RTREE, SHREDDED, ngram, rtree, shredded};
use elanus_types::{ColumnView, Error, Result};
use std::sync::Arc;

/// The bytes of an index over all rows of a column; they are to begin at a multiple of 64 when it is opened.
///
/// An error tells that the column's type does not suit the kind.
pub fn build_index(spec: &IndexSpec, column: &ColumnView<'_>) -> Result<Vec<u8>> {
    let built = match (spec.is_shredded(), &spec.path, spec.kind) {
        (true, ..) => shredded::build(spec, column),
        (false, _, IndexKind::Ngram) => ngram::build(spec, column),
        (false, _, IndexKind::Rtree) => rtree::build(spec, column),
        (false, Some(path), _) => places::build(spec, path, column),
        (false, None, _) => values::build(spec, column),
    };
    built.ok_or_else(|| {
        let shape = elanus_types::column::shape_name(&column.data);
        Error::internal(format!("a {} index cannot hold values of type {shape}", spec.kind.name()))
    })
}

/// Opens what [`build_index`] made for a segment of `rows` rows. A body that contradicts itself is an error; damage further
/// inside makes answers wrong but never a panic.
pub fn open_index(body: Body, rows: usize) -> Result<Arc<dyn FieldIndex>> {
    let kind = Sections::open(Arc::clone(&body))?.number(0) as u64;
    Ok(match kind {
        ORDERED => Arc::new(Ordered::open(body, rows)?),
        NGRAM => Arc::new(Grams::open(body, rows)?),
        SHREDDED => Arc::new(Shredded::open(body, rows)?),
        RTREE => Arc::new(RTree::open(body, rows)?),
        other => return Err(damaged(&format!("its kind: {other} is not known"))),
    })
}
