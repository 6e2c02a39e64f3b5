//! Reads on a sealed segment.

use super::{Left, Sealed, statistics};
use crate::elements::{self, Nearest};
use crate::scan::{LARGE_BYTES, Piece, Scan, element_of};
use crate::{
    Against, DeleteList, PrimaryKey, Segment, SegmentId, SegmentSearch, SegmentStats, absent, keyed,
};
use elanus_ann::VectorsView;
use elanus_filter::{ColumnSource, FieldIndex, Predicate, Zones};
use elanus_kernels::{Bitmap, Hit, Metric};
use elanus_types::catalog::PartitionId;
use elanus_types::explain::FilterExplain;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnRef, ColumnView, DataType, Error, FieldId, FieldSchema,
    Result, Timestamp, Value,
};
use std::sync::Arc;

/// Segments of fewer rows are scanned as fast without bounds of blocks.
const ZONED_ROWS: usize = 1 << 15;

impl Segment for Sealed {
    fn id(&self) -> SegmentId {
        self.files.id
    }

    fn partition(&self) -> PartitionId {
        self.files.partition
    }

    fn schema(&self) -> &Arc<CollectionSchema> {
        &self.schema
    }

    fn read_with(&self, schema: &Arc<CollectionSchema>) -> Arc<dyn Segment> {
        Arc::new(self.with_schema(schema))
    }

    fn sealed(&self) -> bool {
        true
    }

    fn rows(&self) -> usize {
        self.files.rows
    }

    fn min_timestamp(&self) -> Timestamp {
        self.files.min_timestamp
    }

    fn max_timestamp(&self) -> Timestamp {
        self.files.max_timestamp
    }

    fn timestamp(&self, row: u32) -> Timestamp {
        let at = self.timestamps().get(row as usize);
        at.map_or(Timestamp::MAX, |at| Timestamp(*at as u64))
    }

    fn primary_key(&self, row: u32) -> Option<PrimaryKey> {
        PrimaryKey::at(&self.key_column()?, row as usize)
    }

    fn rows_of(&self, key: &PrimaryKey) -> Vec<u32> {
        let Some(column) = self.key_column().filter(|_| self.may_have(key)) else { return Vec::new() };
        self.keys.rows(key.code()).filter(|&row| key.is_at(&column, row as usize)).collect()
    }

    fn deletes(&self) -> &DeleteList {
        &self.deletes
    }

    fn visible(&self, read: Timestamp) -> Option<Bitmap> {
        self.seen(read).map(Arc::unwrap_or_clone)
    }

    fn matching(&self, predicate: Option<&Predicate>, read: Timestamp) -> Result<Bitmap> {
        let rows = self.filtered(predicate, read)?;
        Ok(rows.map_or_else(|| Bitmap::ones(self.files.rows), Arc::unwrap_or_clone))
    }

    fn explain_filter(&self, predicate: &Predicate, read: Timestamp) -> Result<FilterExplain> {
        self.explained(predicate, read)
    }

    fn expected_share(&self, predicate: &Predicate) -> f64 {
        predicate.expected_share(self)
    }

    fn scans_many(&self, field: FieldId, metric: Metric) -> bool {
        let schema = self.schema.field_by_id(field);
        if schema.is_some_and(|field| field.data_type == DataType::ArrayOfVector) {
            let column = self.stored(field).ok().flatten();
            return column.is_some_and(|column| column.byte_size() >= LARGE_BYTES);
        }
        let width = schema.and_then(FieldSchema::vector_width).unwrap_or(0);
        self.files.rows.saturating_mul(width) >= LARGE_BYTES && self.index_for(field, metric).is_none()
    }

    fn search(&self, search: &SegmentSearch<'_>) -> Result<(Vec<Vec<Hit>>, SegmentStats)> {
        let mut scan = Scan::new(&self.schema, search)?;
        let field = absent::field(&self.schema, search.field)?;
        let none = || (vec![Vec::new(); search.queries.len()], SegmentStats::default());
        let Some(column) = self.stored(field.id)? else { return Ok(none()) };
        let allowed = self.allowed(search, &column)?;
        let count = allowed.as_ref().map_or(self.files.rows, |rows| rows.count());
        if count == 0 {
            return Ok(none());
        }
        let mut stats = SegmentStats { allowed: count as u64, ..SegmentStats::default() };
        if let Some(index) = self.index_for(field.id, search.metric)
            && let Some(vectors) = vectors(field, &column)
        {
            stats.indexed = 1;
            let hits = index.search(&vectors, search, allowed.as_deref(), &mut stats);
            return Ok((hits, stats));
        }
        let piece = Piece::whole(column, 0).with_elements(self.passing(search));
        scan.feed_all(vec![piece], allowed.as_deref());
        (stats.exact, stats.distances) = (1, scan.distances());
        Ok((scan.finish(), stats))
    }

    fn nearest_elements(&self, search: &SegmentSearch<'_>, query: usize, rows: &[u32]) -> Result<Vec<u32>> {
        let nearest = Nearest::new(&self.schema, search, query)?;
        let column = self.stored(search.field)?.ok_or_else(|| elements::missing(0))?;
        let passing = self.passing(search);
        let of_row = |row: u32| nearest.of_row(&column, row, passing.as_ref());
        rows.iter().map(|row| of_row(*row).ok_or_else(|| elements::missing(*row))).collect()
    }

    fn elements(&self, predicate: &Predicate, rows: &[u32]) -> Result<Vec<Vec<u32>>> {
        let none = || Ok(vec![Vec::new(); rows.len()]);
        let Some(field) = predicate.element_field() else { return none() };
        let Some((column, passing)) = self.stored(field)?.zip(predicate.elements(self)) else {
            return none();
        };
        Ok(rows.iter().map(|row| elements::places(&column, *row, &passing)).collect())
    }

    fn take(&self, rows: &[u32], fields: &[FieldId]) -> Result<Vec<Column>> {
        let known = self.files.rows;
        if let Some(row) = rows.iter().find(|&&row| row as usize >= known) {
            return Err(Error::internal(format!("row {row} asked from a segment of {known} rows")));
        }
        fields.iter().map(|field| self.take_one(rows, *field)).collect()
    }

    fn varying_bytes(&self, rows: &[u32], fields: &[FieldId]) -> usize {
        let columns = fields.iter().filter_map(|field| self.stored(*field).ok()?);
        columns
            .map(|column| rows.iter().map(|row| column.data.varying_bytes(*row as usize)).sum::<usize>())
            .sum()
    }

    fn verify(&self) -> Result<()> {
        let files = self.files.columns.iter();
        self.tables.iter().zip(files).try_for_each(|(table, file)| table.check_blocks(&file.file.checksums))
    }

    fn memory_bytes(&self) -> usize {
        let filled = self.filled.iter().filter_map(|(_, column)| column.get());
        let filled: usize = filled.map(|column| column.view().byte_size()).sum();
        let tables: usize = self.tables.iter().map(elanus_storage::Table::memory_bytes).sum();
        filled + tables + self.deletes.memory_bytes() + self.files.rows / 8
    }

    fn disk_bytes(&self) -> u64 {
        self.files().disk_bytes()
    }
}

impl ColumnSource for Sealed {
    fn rows(&self) -> usize {
        self.files.rows
    }

    /// Damaged columns, which [`Sealed::filtered`] has refused before, count as missing.
    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        self.stored(field).ok()?.or_else(|| self.filled(field))
    }

    fn indexes(&self, field: FieldId) -> Vec<Arc<dyn FieldIndex>> {
        self.scalar_indexes(field)
    }

    fn zones(&self, field: FieldId) -> Option<Arc<Zones>> {
        if self.files.rows < ZONED_ROWS {
            return None;
        }
        if let Some(known) = self.zones.lock().get(&field) {
            return known.clone();
        }
        let zones = self.stored(field).ok()?.and_then(|column| Zones::of(&column)).map(Arc::new);
        self.zones.lock().insert(field, zones.clone());
        zones
    }
}

impl Sealed {
    /// The column in the files.
    pub(super) fn stored(&self, field: FieldId) -> Result<Option<ColumnView<'_>>> {
        let holder = self.files.columns.iter().position(|file| file.fields.contains(&field));
        holder.and_then(|i| self.tables.get(i)).map_or(Ok(None), |table| table.column(field))
    }

    fn filled(&self, field: FieldId) -> Option<ColumnView<'_>> {
        let (_, column) = self.filled.iter().find(|(id, _)| *id == field)?;
        let schema = self.schema.field_by_id(field)?;
        let fill = || {
            let mut column = ColumnBuilder::for_field(schema);
            absent::fill(&mut column, schema, self.files.rows);
            column.finish()
        };
        Some(column.get_or_init(fill).view())
    }

    fn key_column(&self) -> Option<ColumnView<'_>> {
        self.stored(self.schema.primary()?.id).ok()?
    }

    fn timestamps(&self) -> &[i64] {
        match self.stored(TIMESTAMP_FIELD) {
            Ok(Some(ColumnView { data: ColumnRef::Int64(times), .. })) => times,
            _ => &[],
        }
    }

    /// False when the smallest and the largest key rule it out.
    fn may_have(&self, key: &PrimaryKey) -> bool {
        let bound = |value: &Option<Value>| value.as_ref().and_then(PrimaryKey::from_value);
        let Some(known) = self.schema.primary().and_then(|field| self.files.statistics_of(field.id)) else {
            return true;
        };
        bound(&known.min).is_none_or(|min| *key >= min) && bound(&known.max).is_none_or(|max| *key <= max)
    }

    /// [`Segment::visible`] without a copy of what all searches share.
    fn seen(&self, read: Timestamp) -> Option<Arc<Bitmap>> {
        if read >= self.files.max_timestamp {
            if self.deletes.is_empty() {
                return None;
            }
            if let Some(rows) = self.newest(read) {
                return Some(rows);
            }
        }
        let mut visible = Bitmap::ones(self.files.rows);
        if read < self.files.max_timestamp {
            for (row, at) in self.timestamps().iter().enumerate() {
                if *at as u64 > read.0 {
                    visible.clear(row);
                }
            }
        }
        if let Some(deleted) = self.deletes.at(read) {
            visible.and_not(&deleted);
        }
        Some(Arc::new(visible))
    }

    /// Rows that all deletes so far leave; `None` when one of them is newer than `read`.
    fn newest(&self, read: Timestamp) -> Option<Arc<Bitmap>> {
        let mut cached = self.left.lock();
        let left = cached.get_or_insert_with(|| Left::all(self.files.rows));
        let fresh = self.deletes.since(left.count);
        if !fresh.is_empty() {
            left.count += fresh.len();
            let rows = Arc::make_mut(&mut left.rows);
            for (row, at) in fresh {
                rows.clear(row as usize);
                left.newest = left.newest.max(at);
            }
        }
        (left.newest <= read).then(|| Arc::clone(&left.rows))
    }

    /// Visible rows for which the filter is true; `None` = every row.
    fn filtered(&self, predicate: Option<&Predicate>, read: Timestamp) -> Result<Option<Arc<Bitmap>>> {
        let visible = self.seen(read);
        let Some(predicate) = predicate.filter(|predicate| !predicate.is_always_true()) else {
            return Ok(visible);
        };
        if statistics::rule_out(&self.files.statistics, predicate) {
            return Ok(Some(Arc::new(Bitmap::zeros(self.files.rows))));
        }
        let mut rows = match keyed::rows(self, predicate, self.files.rows) {
            Some(rows) => rows,
            None => {
                predicate.fields().into_iter().try_for_each(|field| self.stored(field).map(drop))?;
                predicate.evaluate(self)?
            }
        };
        if let Some(visible) = &visible {
            rows.and(visible);
        }
        predicate.sample(&mut rows);
        Ok(Some(Arc::new(rows)))
    }

    /// Rows that may answer a search; `None` = every row.
    fn allowed(&self, search: &SegmentSearch<'_>, column: &ColumnView<'_>) -> Result<Option<Arc<Bitmap>>> {
        let mut allowed = self.filtered(search.predicate, search.read)?;
        let every = || Arc::new(Bitmap::ones(self.files.rows));
        if let Some(valid) = column.valid {
            Arc::make_mut(allowed.get_or_insert_with(every)).and(valid);
        }
        if let Some(excluded) = search.excluded {
            Arc::make_mut(allowed.get_or_insert_with(every)).and_not(excluded);
        }
        Ok(allowed)
    }

    /// The elements that a search among elements may find; `None` = all. Damaged columns were refused with the filter.
    fn passing(&self, search: &SegmentSearch<'_>) -> Option<Bitmap> {
        search.predicate.filter(|_| search.against == Against::Elements)?.elements(self)
    }

    fn take_one(&self, rows: &[u32], field: FieldId) -> Result<Column> {
        if let Some(values) = self.stored(field)? {
            return Ok(values.take(rows));
        }
        let schema = absent::field(&self.schema, field)?;
        let mut column = ColumnBuilder::for_field(schema);
        absent::fill(&mut column, schema, rows.len());
        Ok(column.finish())
    }
}

/// A dense vector column as indexes see it.
pub(super) fn vectors<'a>(field: &FieldSchema, column: &ColumnView<'a>) -> Option<VectorsView<'a>> {
    match column.data {
        ColumnRef::Fixed { data, .. } => {
            Some(VectorsView::new(element_of(field.data_type)?, field.dim, data))
        }
        _ => None,
    }
}
