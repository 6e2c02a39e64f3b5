//! Exact search: every allowed row is compared with every query.

use crate::{Against, KeyRange, SegmentSearch};
use elanus_ann::{BatchRoom, Bound, ExactBatch, ListBatch, ListRoom, VectorsView};
use elanus_kernels::{Bitmap, Element, Hit, TopK, sparse};
use elanus_runtime::Pool;
use elanus_types::{
    CollectionSchema, ColumnRef, ColumnView, DataType, Error, ErrorKind, FieldSchema, Result,
};
use std::ops::Range;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Bytes of rows that one thread takes at a time.
const PART_BYTES: usize = 2 << 20;
/// Rows of fewer bytes in all are not worth waking other threads.
pub(crate) const LARGE_BYTES: usize = 4 << 20;

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
enum Scorer<'a> {
    Dense(Box<ExactBatch<'a>>, Element, usize),
    Lists(Box<ListBatch<'a>>, Element, usize),
    Sparse,
}

impl<'a> Scorer<'a> {
    fn new(field: &FieldSchema, search: &SegmentSearch<'a>) -> Result<Self> {
        let bound = search.range.map(|range| Bound { low: range.low, high: range.below });
        let scorer = match element_of(field.vector_type()) {
            Some(element) if field.data_type == DataType::ArrayOfVector => {
                ListBatch::new(search.metric, element, field.dim, search.queries, bound)
                    .map(|batch| Scorer::Lists(Box::new(batch), element, field.dim))
            }
            Some(element) => ExactBatch::new(search.metric, element, field.dim, search.queries, bound)
                .map(|batch| Scorer::Dense(Box::new(batch), element, field.dim)),
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
}

/// Some rows of a column.
#[derive(Clone)]
pub(crate) struct Piece<'v> {
    column: ColumnView<'v>,
    /// The column's first row is this row of the segment.
    first: u32,
    rows: Range<usize>,
    /// Elements of the column's lists that count; `None` = all.
    elements: Option<Arc<Bitmap>>,
}

impl<'v> Piece<'v> {
    /// A whole column.
    pub fn whole(column: ColumnView<'v>, first: u32) -> Self {
        Self { rows: 0..column.len(), column, first, elements: None }
    }

    /// The same rows, of whose elements only some count.
    pub fn with_elements(self, elements: Option<Bitmap>) -> Self {
        Self { elements: elements.map(Arc::new), ..self }
    }

    /// The rows that may answer, by their place in the column; null vectors never do.
    fn allowed(&self, allowed: Option<&Bitmap>) -> impl Iterator<Item = u32> {
        let first = self.first as usize;
        let within = first + self.rows.start..first + self.rows.end;
        let some = allowed.map(|rows| rows.iter_in(within).map(move |row| row - first));
        let all = allowed.is_none().then(|| self.rows.clone());
        let rows = some.into_iter().flatten().chain(all.into_iter().flatten());
        rows.filter(|row| self.column.is_valid(*row)).map(|row| row as u32)
    }

    /// The same rows in pieces of few bytes.
    fn split(self) -> impl Iterator<Item = Piece<'v>> {
        let width = (self.column.byte_size() / self.column.len().max(1)).max(1);
        let step = (PART_BYTES / width).max(1);
        let end = self.rows.end;
        self.rows
            .clone()
            .step_by(step)
            .map(move |start| Piece { rows: start..(start + step).min(end), ..self.clone() })
    }
}

/// An exact search under way; rows are fed column piece by column piece.
pub(crate) struct Scan<'a> {
    scorer: Scorer<'a>,
    queries: &'a [&'a [u8]],
    range: KeyRange,
    pool: Option<&'a Pool>,
    found: Partial,
}

/// What was found so far, in all or by one of several threads.
struct Partial {
    tops: Vec<TopK>,
    room: BatchRoom,
    lists: ListRoom,
    distances: u64,
}

impl<'a> Scan<'a> {
    /// Checks that the queries fit the field.
    pub fn new(schema: &CollectionSchema, search: &SegmentSearch<'a>) -> Result<Self> {
        let field = crate::absent::field(schema, search.field)?;
        check_queries(field, search)?;
        Ok(Self {
            scorer: Scorer::new(field, search)?,
            queries: search.queries,
            range: search.range.unwrap_or(KeyRange::ALL),
            pool: search.pool.filter(|pool| pool.threads() > 1),
            found: Partial::new(search.queries.len(), search.k),
        })
    }

    /// Compares the rows of a piece, those that are `allowed` by their number in the segment.
    pub fn feed(&mut self, piece: &Piece<'_>, allowed: Option<&Bitmap>) {
        self.scorer.compare(self.queries, self.range, piece, allowed, &mut self.found);
    }

    /// The same for several pieces, shared with the threads of the search's pool where there are many rows. It waits for
    /// them, so the caller must hold no lock that reads take.
    pub fn feed_all(&mut self, pieces: Vec<Piece<'_>>, allowed: Option<&Bitmap>) {
        let bytes: usize = pieces.iter().map(|piece| piece.column.byte_size()).sum();
        let Some(pool) = self.pool.filter(|_| bytes >= LARGE_BYTES) else {
            return pieces.iter().for_each(|piece| self.feed(piece, allowed));
        };
        let parts: Vec<Piece<'_>> = pieces.into_iter().flat_map(Piece::split).collect();
        // Several parts in one go, so that there are few collectors; more goes than threads, so that all end together.
        let goes: Vec<&[Piece<'_>]> = parts.chunks(parts.len().div_ceil(pool.threads() * 4).max(1)).collect();
        let k = self.found.tops.first().map_or(0, TopK::k);
        let (scorer, queries, range) = (&self.scorer, self.queries, self.range);
        let partials = pool.map(&goes, |parts| {
            let mut found = Partial::new(queries.len(), k);
            parts.iter().for_each(|piece| scorer.compare(queries, range, piece, allowed, &mut found));
            found
        });
        for partial in partials {
            self.found.distances += partial.distances;
            self.found.tops.iter_mut().zip(partial.tops).for_each(|(top, other)| top.merge(other));
        }
    }

    /// Distances computed.
    pub fn distances(&self) -> u64 {
        self.found.distances
    }

    /// The hits of every query.
    pub fn finish(self) -> Vec<Vec<Hit>> {
        self.found.tops.into_iter().map(TopK::into_sorted).collect()
    }
}

impl Partial {
    fn new(queries: usize, k: usize) -> Self {
        let (room, lists) = (BatchRoom::default(), ListRoom::default());
        Self { tops: vec![TopK::new(k); queries], room, lists, distances: 0 }
    }
}

impl Scorer<'_> {
    fn compare(
        &self,
        queries: &[&[u8]],
        range: KeyRange,
        piece: &Piece<'_>,
        allowed: Option<&Bitmap>,
        found: &mut Partial,
    ) {
        match (self, &piece.column.data) {
            (Scorer::Dense(batch, element, dim), ColumnRef::Fixed { data, .. }) => {
                let vectors = VectorsView::new(*element, *dim, data);
                let rows = piece.allowed(allowed);
                found.distances += batch.offer(&vectors, piece.first, rows, &mut found.room, &mut found.tops);
            }
            (Scorer::Lists(batch, element, dim), ColumnRef::Array { offsets, items }) => {
                let ColumnRef::Fixed { data, .. } = **items else { return };
                let vectors = VectorsView::new(*element, *dim, data);
                let lists = piece.allowed(allowed).map(|row| (row, list(offsets, row)));
                let (elements, first) = (piece.elements.as_deref(), piece.first);
                found.distances +=
                    batch.offer(&vectors, first, lists, elements, &mut found.lists, &mut found.tops);
            }
            (Scorer::Dense(..) | Scorer::Lists(..), _) => {}
            (Scorer::Sparse, _) => {
                for row in piece.allowed(allowed) {
                    let Some(vector) = piece.column.data.bytes(row as usize) else { continue };
                    for (query, top) in queries.iter().zip(&mut found.tops) {
                        found.distances += 1;
                        // Sparse vectors that share no index are no hits.
                        let key = -sparse::dot(query, vector);
                        if key != 0.0 && key <= top.threshold() && range.contains(key) {
                            top.push(key, piece.first + row);
                        }
                    }
                }
            }
        }
    }
}

/// Where the items of a row's list are; empty where offsets are damaged.
pub(crate) fn list(offsets: &[i32], row: u32) -> Range<usize> {
    match (offsets.get(row as usize), offsets.get(row as usize + 1)) {
        (Some(&start), Some(&end)) if 0 <= start && start <= end => start as usize..end as usize,
        _ => 0..0,
    }
}

/// A query must have the width of a row (sparse: whole pairs; against lists: whole vectors).
pub(crate) fn check_queries(field: &FieldSchema, search: &SegmentSearch<'_>) -> Result<()> {
    if (field.data_type == DataType::ArrayOfVector) != (search.against != Against::Vectors) {
        let (name, kind) = (&field.name, field.data_type);
        return Err(Error::internal(format!(
            "field {name} of type {kind} cannot be searched for {:?}",
            search.against
        )));
    }
    let fits = |query: &[u8]| match (field.element_width(), search.against) {
        (Some(width), Against::Lists) => !query.is_empty() && query.len().is_multiple_of(width.max(1)),
        (Some(width), _) => query.len() == width,
        (None, _) => query.len().is_multiple_of(8),
    };
    match search.queries.iter().find(|query| !fits(query)) {
        None => Ok(()),
        Some(query) => {
            let (actual, name) = (query.len(), &field.name);
            let message = format!("a query vector of {actual} bytes does not fit field {name}");
            Err(Error::new(ErrorKind::Segcore, message))
        }
    }
}
