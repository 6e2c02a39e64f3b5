//! Reads on a growing segment.

use super::chunk::Chunk;
use super::{Growing, Rows};
use crate::elements::{self, Nearest};
use crate::scan::{LARGE_BYTES, Piece, Scan};
use crate::{
    Against, DeleteList, PrimaryKey, Segment, SegmentId, SegmentSearch, SegmentStats, absent, keyed,
};
use elanus_filter::{ColumnSource, Predicate};
use elanus_kernels::{Bitmap, Hit, Metric};
use elanus_types::catalog::PartitionId;
use elanus_types::explain::FilterExplain;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnData, ColumnView, DataType, Error, FieldId, FieldSchema,
    Result, Timestamp,
};
use std::sync::Arc;

/// More queries than this take longer with the newest rows than copying them does.
const FEW_QUERIES: usize = 4;

impl Segment for Growing {
    fn id(&self) -> SegmentId {
        self.id
    }

    fn partition(&self) -> PartitionId {
        self.partition
    }

    fn schema(&self) -> &Arc<CollectionSchema> {
        &self.schema
    }

    fn read_with(&self, schema: &Arc<CollectionSchema>) -> Arc<dyn Segment> {
        Arc::new(self.with_schema(schema))
    }

    fn sealed(&self) -> bool {
        false
    }

    fn rows(&self) -> usize {
        self.rows.read().timestamps.len()
    }

    fn min_timestamp(&self) -> Timestamp {
        self.rows.read().oldest
    }

    fn max_timestamp(&self) -> Timestamp {
        self.rows.read().newest
    }

    fn timestamp(&self, row: u32) -> Timestamp {
        self.rows.read().timestamps.get(row as usize).copied().unwrap_or(Timestamp::MAX)
    }

    fn primary_key(&self, row: u32) -> Option<PrimaryKey> {
        let field = self.schema.primary()?;
        let rows = self.rows.read();
        let (chunk, local) = rows.locate(row)?;
        PrimaryKey::at(&chunk.column(field.id)?, local)
    }

    fn rows_of(&self, key: &PrimaryKey) -> Vec<u32> {
        let Some(field) = self.schema.primary() else { return Vec::new() };
        let rows = self.rows.read();
        rows.keys.rows(key.code()).filter(|&row| rows.has_key(field, row, key)).collect()
    }

    fn deletes(&self) -> &DeleteList {
        &self.deletes
    }

    /// Always a map, which also fixes how many rows this read knows.
    fn visible(&self, read: Timestamp) -> Option<Bitmap> {
        let mut visible = self.rows.read().committed(read);
        if let Some(deleted) = self.deletes.at(read) {
            visible.and_not(&deleted);
        }
        Some(visible)
    }

    fn matching(&self, predicate: Option<&Predicate>, read: Timestamp) -> Result<Bitmap> {
        let visible = self.visible(read).unwrap_or_default();
        let Some(predicate) = predicate.filter(|predicate| !predicate.is_always_true()) else {
            return Ok(visible);
        };
        let mut rows = match keyed::rows(self, predicate, visible.len()) {
            Some(rows) => rows,
            None => self.evaluate(predicate, visible.len())?,
        };
        rows.and(&visible);
        predicate.sample(&mut rows);
        Ok(rows)
    }

    fn explain_filter(&self, predicate: &Predicate, read: Timestamp) -> Result<FilterExplain> {
        self.explained(predicate, read)
    }

    /// Nothing is known of rows in memory but their kind.
    fn expected_share(&self, predicate: &Predicate) -> f64 {
        let rows = self.rows.read();
        let chunk = rows.frozen.first().map_or(&rows.tail, |chunk| chunk.as_ref());
        predicate.expected_share(&Completed::new(chunk, &self.schema, &predicate.fields()))
    }

    fn scans_many(&self, field: FieldId, _: Metric) -> bool {
        let schema = self.schema.field_by_id(field);
        if schema.is_some_and(|field| field.data_type == DataType::ArrayOfVector) {
            let frozen = self.rows.read().frozen.clone();
            let bytes = |chunk: &Arc<Chunk>| chunk.column(field).map_or(0, |column| column.byte_size());
            return frozen.iter().map(bytes).sum::<usize>() >= LARGE_BYTES;
        }
        let width = schema.and_then(FieldSchema::vector_width).unwrap_or(0);
        self.rows().saturating_mul(width) >= LARGE_BYTES
    }

    fn search(&self, search: &SegmentSearch<'_>) -> Result<(Vec<Vec<Hit>>, SegmentStats)> {
        let mut scan = Scan::new(&self.schema, search)?;
        let mut allowed = self.matching(search.predicate, search.read)?;
        if let Some(excluded) = search.excluded {
            allowed.and_not(excluded);
        }
        let frozen = self.rows.read().frozen.clone();
        let pieces = frozen.iter().filter_map(|chunk| piece(chunk, &self.schema, search));
        scan.feed_all(pieces.collect(), Some(&allowed));
        let long = search.queries.len() > FEW_QUERIES || search.against == Against::Lists;
        self.newer(&frozen, long, |chunk| {
            let piece = piece(chunk, &self.schema, search);
            piece.iter().for_each(|piece| scan.feed(piece, Some(&allowed)));
            Ok(())
        })?;
        let allowed = allowed.count() as u64;
        let stats =
            SegmentStats { allowed, distances: scan.distances(), exact: 1, ..SegmentStats::default() };
        Ok((scan.finish(), stats))
    }

    fn nearest_elements(&self, search: &SegmentSearch<'_>, query: usize, rows: &[u32]) -> Result<Vec<u32>> {
        let nearest = Nearest::new(&self.schema, search, query)?;
        let passing = |chunk: &Chunk| passing(chunk, &self.schema, search);
        self.each_of(rows, passing, |chunk, passing, row| {
            nearest.of_row(&chunk.column(search.field)?, row, passing.as_ref())
        })
    }

    fn elements(&self, predicate: &Predicate, rows: &[u32]) -> Result<Vec<Vec<u32>>> {
        let Some(field) = predicate.element_field() else { return Ok(vec![Vec::new(); rows.len()]) };
        let fields = predicate.fields();
        let passing = |chunk: &Chunk| predicate.elements(&Completed::new(chunk, &self.schema, &fields));
        self.each_of(rows, passing, |chunk, passing, row| {
            Some(elements::places(&chunk.column(field)?, row, passing.as_ref()?))
        })
    }

    fn take(&self, rows: &[u32], fields: &[FieldId]) -> Result<Vec<Column>> {
        let stored = self.rows.read();
        fields.iter().map(|field| stored.take(&self.schema, rows, *field)).collect()
    }

    fn varying_bytes(&self, rows: &[u32], fields: &[FieldId]) -> usize {
        let stored = self.rows.read();
        let size = |row: u32| {
            let (chunk, local) = stored.locate(row)?;
            let columns = fields.iter().filter_map(|field| chunk.column(*field));
            Some(columns.map(|column| column.data.varying_bytes(local)).sum::<usize>())
        };
        rows.iter().filter_map(|row| size(*row)).sum()
    }

    fn memory_bytes(&self) -> usize {
        let rows = self.rows.read();
        let columns = rows.frozen_bytes + rows.tail.byte_size();
        columns + rows.timestamps.capacity() * 8 + rows.keys.memory_bytes() + self.deletes.memory_bytes()
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

impl Growing {
    /// Calls `visit` on every chunk in order, on all but the newest without holding the lock.
    pub(super) fn each_chunk(&self, mut visit: impl FnMut(&Chunk) -> Result<()>) -> Result<()> {
        let frozen = self.rows.read().frozen.clone();
        frozen.iter().try_for_each(|chunk| visit(chunk))?;
        self.newer(&frozen, false, visit)
    }

    /// Calls `visit` on the chunks that follow those given, holding the lock. A visit that takes `long` gets copies instead:
    /// who waits to append would hold up every reader after it.
    pub(super) fn newer(
        &self,
        frozen: &[Arc<Chunk>],
        long: bool,
        mut visit: impl FnMut(&Chunk) -> Result<()>,
    ) -> Result<()> {
        let done = frozen.last().map_or(0, |chunk| chunk.end());
        let rows = self.rows.read();
        // Chunks frozen since the first look are small news; they are visited like the tail.
        let new = rows.frozen.iter().filter(|chunk| chunk.start >= done);
        if long {
            let mut new: Vec<Arc<Chunk>> = new.cloned().collect();
            new.push(Arc::new(rows.tail.clone()));
            drop(rows);
            return new.iter().try_for_each(|chunk| visit(chunk));
        }
        new.map(AsRef::as_ref).chain([&rows.tail]).try_for_each(visit)
    }

    /// What `visit` answers for each row, given its chunk, what `prepare` made of the chunk, and its place there.
    fn each_of<P, T>(
        &self,
        rows: &[u32],
        prepare: impl Fn(&Chunk) -> P,
        visit: impl Fn(&Chunk, &P, u32) -> Option<T>,
    ) -> Result<Vec<T>> {
        let chunks = self.chunks_to(rows.iter().max().copied());
        let mut prepared: Vec<Option<P>> = chunks.iter().map(|_| None).collect();
        let mut answer = |row: u32| {
            let at = chunks.partition_point(|chunk| chunk.end() <= row);
            let (chunk, prepared) = (chunks.get(at)?, prepared.get_mut(at)?);
            visit(chunk, prepared.get_or_insert_with(|| prepare(chunk)), row - chunk.start)
        };
        rows.iter().map(|row| answer(*row).ok_or_else(|| elements::missing(*row))).collect()
    }

    /// The chunks that hold rows up to `last`.
    fn chunks_to(&self, last: Option<u32>) -> Vec<Arc<Chunk>> {
        let rows = self.rows.read();
        let mut chunks = rows.frozen.clone();
        if last.is_some_and(|last| last >= rows.tail.start) {
            chunks.push(Arc::new(rows.tail.clone()));
        }
        chunks
    }

    /// The first `count` rows for which the filter is true.
    fn evaluate(&self, predicate: &Predicate, count: usize) -> Result<Bitmap> {
        let mut all = Bitmap::zeros(count);
        let fields = predicate.fields();
        self.each_chunk(|chunk| {
            let rows = predicate.evaluate(&Completed::new(chunk, &self.schema, &fields))?;
            let rows = rows.iter().map(|row| chunk.start as usize + row);
            rows.take_while(|row| *row < count).for_each(|row| all.set(row));
            Ok(())
        })?;
        Ok(all)
    }
}

fn piece<'c>(chunk: &'c Chunk, schema: &CollectionSchema, search: &SegmentSearch<'_>) -> Option<Piece<'c>> {
    let piece = Piece::whole(chunk.column(search.field)?, chunk.start);
    Some(piece.with_elements(passing(chunk, schema, search)))
}

/// The elements of a chunk that a search among elements may find; `None` = all.
fn passing(chunk: &Chunk, schema: &CollectionSchema, search: &SegmentSearch<'_>) -> Option<Bitmap> {
    let filter = search.predicate.filter(|_| search.against == Against::Elements)?;
    filter.elements(&Completed::new(chunk, schema, &filter.fields()))
}

/// A chunk with the columns of fields that were added after its rows and have a default.
pub(super) struct Completed<'a> {
    chunk: &'a Chunk,
    added: Vec<(FieldId, Column)>,
}

impl<'a> Completed<'a> {
    pub(super) fn new(chunk: &'a Chunk, schema: &CollectionSchema, fields: &[FieldId]) -> Self {
        let rows = (chunk.end() - chunk.start) as usize;
        let missing = fields.iter().filter(|field| chunk.column(**field).is_none());
        let added = missing.filter_map(|field| {
            let field = schema.field_by_id(*field).filter(|field| field.default.is_some())?;
            let mut column = ColumnBuilder::for_field(field);
            absent::fill(&mut column, field, rows);
            Some((field.id, column.finish()))
        });
        Self { chunk, added: added.collect() }
    }
}

impl ColumnSource for Completed<'_> {
    fn rows(&self) -> usize {
        (self.chunk.end() - self.chunk.start) as usize
    }

    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        let added = || self.added.iter().find(|(id, _)| *id == field).map(|(_, column)| column.view());
        self.chunk.column(field).or_else(added)
    }
}

impl Rows {
    fn has_key(&self, field: &FieldSchema, row: u32, key: &PrimaryKey) -> bool {
        self.locate(row)
            .and_then(|(chunk, local)| Some(key.is_at(&chunk.column(field.id)?, local)))
            .unwrap_or_default()
    }

    /// Rows committed at or before `read`.
    pub(super) fn committed(&self, read: Timestamp) -> Bitmap {
        let total = self.timestamps.len();
        if read >= self.newest {
            return Bitmap::ones(total);
        }
        let mut rows = Bitmap::ones(self.timestamps.partition_point(|at| *at <= read));
        rows.resize(total);
        if self.unordered {
            rows = Bitmap::zeros(total);
            let committed = self.timestamps.iter().enumerate().filter(|(_, at)| **at <= read);
            committed.for_each(|(row, _)| rows.set(row));
        }
        rows
    }

    fn take(&self, schema: &CollectionSchema, rows: &[u32], field: FieldId) -> Result<Column> {
        if let Some(row) = rows.iter().find(|&&row| row as usize >= self.timestamps.len()) {
            let known = self.timestamps.len();
            return Err(Error::internal(format!("row {row} asked from a segment of {known} rows")));
        }
        if field == TIMESTAMP_FIELD {
            let at = rows.iter().filter_map(|&row| self.timestamps.get(row as usize));
            return Ok(Column::new(ColumnData::Int64(at.map(|at| at.0 as i64).collect())));
        }
        let schema = absent::field(schema, field)?;
        let mut column = ColumnBuilder::for_field(schema);
        let mut rest = rows;
        while let Some((chunk, _)) = rest.first().and_then(|&row| self.locate(row)) {
            let inside = |row: &u32| (chunk.start..chunk.end()).contains(row);
            let run = rest.iter().position(|row| !inside(row)).unwrap_or(rest.len());
            let (now, later) = rest.split_at(run);
            let local: Vec<u32> = now.iter().map(|row| row - chunk.start).collect();
            match chunk.column(field) {
                Some(values) => column.append_rows(&values, &local),
                None => absent::fill(&mut column, schema, local.len()),
            }
            rest = later;
        }
        Ok(column.finish())
    }
}
