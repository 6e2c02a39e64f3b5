//! Exact search: every allowed row is compared with every query.

use crate::{KeyRange, SegmentSearch};
use elanus_kernels::{Bitmap, Distance, Element, Hit, TopK, sparse};
use elanus_types::{CollectionSchema, ColumnView, DataType, Error, ErrorKind, FieldSchema, Result};

/// Bytes of rows compared with all queries before the next rows are touched; fits a core's own cache.
const BLOCK_BYTES: usize = 128 << 10;

/// The element type of a dense vector type.
pub fn element_of(data_type: DataType) -> Option<Element> {
    match data_type {
        DataType::FloatVector => Some(Element::F32),
        DataType::Float16Vector => Some(Element::F16),
        DataType::BFloat16Vector => Some(Element::BF16),
        DataType::Int8Vector => Some(Element::I8),
        DataType::BinaryVector => Some(Element::Bit),
        _ => None,
    }
}

/// Compares rows of one field with queries.
#[derive(Clone, Copy)]
enum Scorer {
    Dense(Distance),
    Sparse,
}

impl Scorer {
    fn new(field: &FieldSchema, search: &SegmentSearch<'_>) -> Result<Self> {
        let scorer = match element_of(field.data_type) {
            Some(element) => Distance::new(search.metric, element, field.dim).map(Scorer::Dense),
            None if field.data_type == DataType::SparseFloatVector => {
                matches!(search.metric, elanus_kernels::Metric::Ip).then_some(Scorer::Sparse)
            }
            None => None,
        };
        scorer.ok_or_else(|| {
            let (name, kind) = (&field.name, field.data_type);
            Error::invalid(format!("metric {} cannot compare field {name} of type {kind}", search.metric))
        })
    }

    /// `None` where a row cannot be a hit: sparse vectors that share no index.
    #[inline]
    fn key(&self, query: &[u8], row: &[u8]) -> Option<f32> {
        match self {
            Scorer::Dense(distance) => Some(distance.key(query, row)),
            Scorer::Sparse => Some(-sparse::dot(query, row)).filter(|key| *key != 0.0),
        }
    }
}

/// An exact search under way; rows are fed column piece by column piece.
pub(crate) struct Scan<'a> {
    scorer: Scorer,
    queries: &'a [&'a [u8]],
    range: KeyRange,
    tops: Vec<TopK>,
    /// Distances computed.
    pub distances: u64,
    rows: Vec<u32>,
}

impl<'a> Scan<'a> {
    /// Checks that the queries fit the field.
    pub fn new(schema: &CollectionSchema, search: &SegmentSearch<'a>) -> Result<Self> {
        let field = crate::absent::field(schema, search.field)?;
        check_queries(field, search.queries)?;
        Ok(Self {
            scorer: Scorer::new(field, search)?,
            queries: search.queries,
            range: search.range.unwrap_or(KeyRange::ALL),
            tops: vec![TopK::new(search.k); search.queries.len()],
            distances: 0,
            rows: Vec::new(),
        })
    }

    /// Compares the rows of `column`, which are rows `first..` of the segment; null vectors never match.
    pub fn feed(&mut self, column: &ColumnView<'_>, first: u32, allowed: Option<&Bitmap>) {
        let count = column.len();
        let step = (BLOCK_BYTES / (column.byte_size() / count.max(1)).max(1)).max(1);
        for start in (0..count).step_by(step) {
            let end = (start + step).min(count);
            self.rows.clear();
            let is_allowed = |row: usize| allowed.is_none_or(|rows| rows.get(first as usize + row));
            let rows = (start..end).filter(|&row| is_allowed(row) && column.is_valid(row));
            self.rows.extend(rows.map(|row| row as u32));
            self.compare(column, first);
        }
    }

    fn compare(&mut self, column: &ColumnView<'_>, first: u32) {
        for (query, top) in self.queries.iter().zip(&mut self.tops) {
            for &row in &self.rows {
                let Some(vector) = column.data.bytes(row as usize) else { continue };
                let Some(key) = self.scorer.key(query, vector) else { continue };
                if key <= top.threshold() && self.range.contains(key) {
                    top.push(key, first + row);
                }
            }
        }
        self.distances += (self.rows.len() * self.queries.len()) as u64;
    }

    /// The hits of every query.
    pub fn finish(self) -> Vec<Vec<Hit>> {
        self.tops.into_iter().map(TopK::into_sorted).collect()
    }
}

/// A query must have the width of a row (sparse: whole pairs).
pub(crate) fn check_queries(field: &FieldSchema, queries: &[&[u8]]) -> Result<()> {
    let fits = |query: &[u8]| match field.vector_width() {
        Some(width) => query.len() == width,
        None => query.len().is_multiple_of(8),
    };
    match queries.iter().find(|query| !fits(query)) {
        None => Ok(()),
        Some(query) => {
            let (actual, name) = (query.len(), &field.name);
            let message = format!("a query vector of {actual} bytes does not fit field {name}");
            Err(Error::new(ErrorKind::Segcore, message))
        }
    }
}
