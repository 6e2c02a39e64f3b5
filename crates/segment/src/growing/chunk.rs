//! A run of consecutive rows of a growing segment.

use crate::absent;
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnData, ColumnView, FieldId, FieldSchema, RowBatch,
};

/// A chunk takes no more rows once it has this many.
const FULL_ROWS: usize = 4096;
/// A chunk takes no more rows once it has this many bytes.
const FULL_BYTES: usize = 4 << 20;
/// A batch with vectors of this many bytes becomes a chunk of its own, without a copy.
const WHOLE_BYTES: usize = 512 << 10;

/// Columns of equal length by field. Only the last chunk of a segment takes rows.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// Row number, in the segment, of the first row.
    pub start: u32,
    rows: usize,
    columns: Vec<(FieldId, Stored)>,
}

/// A column that takes rows, or one that came whole: its vectors stay where the request, or the log, brought them.
#[derive(Clone, Debug)]
enum Stored {
    Open(ColumnBuilder),
    Whole(Column),
}

impl Stored {
    fn view(&self) -> ColumnView<'_> {
        match self {
            Stored::Open(column) => column.view(),
            Stored::Whole(column) => column.view(),
        }
    }
}

impl Chunk {
    pub fn new(start: u32, schema: &CollectionSchema) -> Self {
        let columns =
            schema.fields.iter().map(|field| (field.id, Stored::Open(ColumnBuilder::for_field(field))));
        Self { start, rows: 0, columns: columns.collect() }
    }

    /// A chunk of just this batch, when it is large and mostly vectors: these keep the whole message in memory.
    pub fn whole(start: u32, schema: &CollectionSchema, batch: &RowBatch) -> Option<Self> {
        let vectors: usize = batch.columns.iter().map(|(_, column)| vector_bytes(column)).sum();
        if vectors < WHOLE_BYTES || vectors < batch.byte_size() / 2 {
            return None;
        }
        let columns = schema.fields.iter().map(|field| {
            let given = batch.column(field.id).filter(|column| column.len() == batch.rows);
            let column = given.cloned().unwrap_or_else(|| {
                let mut column = ColumnBuilder::for_field(field);
                append_column(&mut column, field, batch);
                column.finish()
            });
            (field.id, Stored::Whole(column))
        });
        Some(Self { start, rows: batch.rows, columns: columns.collect() })
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Appends all rows of a batch; fields it lacks get their default or null.
    pub fn append(&mut self, schema: &CollectionSchema, batch: &RowBatch) {
        if self.rows > 0 {
            self.reserve();
        }
        for (field, (_, column)) in schema.fields.iter().zip(&mut self.columns) {
            // Whole columns are frozen as soon as they are there.
            if let Stored::Open(column) = column {
                append_column(column, field, batch);
            }
        }
        self.rows += batch.rows;
    }

    /// Grows to the final size in one step. The first batch is left to fit exactly: it may stay the only one.
    fn reserve(&mut self) {
        let more =
            (FULL_BYTES / (self.byte_size() / self.rows).max(1)).min(FULL_ROWS).saturating_sub(self.rows);
        for (_, column) in &mut self.columns {
            if let Stored::Open(column) = column {
                column.reserve(more);
            }
        }
    }

    pub fn end(&self) -> u32 {
        self.start + self.rows as u32
    }

    pub fn is_full(&self) -> bool {
        let whole = self.columns.iter().any(|(_, column)| matches!(column, Stored::Whole(_)));
        whole || self.rows >= FULL_ROWS || self.byte_size() >= FULL_BYTES
    }

    pub fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        self.columns.iter().find(|(id, _)| *id == field).map(|(_, column)| column.view())
    }

    pub fn byte_size(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.view().byte_size()).sum()
    }
}

fn vector_bytes(column: &Column) -> usize {
    match &column.data {
        ColumnData::Fixed { data, .. } => data.len(),
        ColumnData::Array { items, .. } => match &**items {
            ColumnData::Fixed { data, .. } => data.len(),
            _ => 0,
        },
        _ => 0,
    }
}

/// Appending must not fail, so a column of the wrong length (a caller's bug) is cut or filled up.
fn append_column(column: &mut ColumnBuilder, field: &FieldSchema, batch: &RowBatch) {
    let Some(given) = batch.column(field.id) else { return absent::fill(column, field, batch.rows) };
    debug_assert_eq!(given.len(), batch.rows, "column of field {} has another length", field.name);
    if given.len() <= batch.rows {
        column.append(&given.view());
        absent::fill(column, field, batch.rows - given.len());
    } else {
        let rows: Vec<u32> = (0..batch.rows as u32).collect();
        column.append_rows(&given.view(), &rows);
    }
}
