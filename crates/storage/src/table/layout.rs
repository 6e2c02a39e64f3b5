//! Which nodes and buffers a column takes in a record batch, in Arrow's order.

use super::ALIGNMENT;
use super::write::{TableColumn, Values};
use arrow_ipc::{Buffer, FieldNode};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, DataType, Error, Result};
use std::borrow::Cow;

/// The bytes of one buffer.
pub(super) enum Bytes<'a> {
    Here(Cow<'a, [u8]>),
    /// Come piece by piece from the column of this number.
    Pieces(usize),
}

/// The record batch under construction.
#[derive(Default)]
pub(super) struct Layout<'a> {
    pub nodes: Vec<FieldNode>,
    pub buffers: Vec<Buffer>,
    pub bytes: Vec<Bytes<'a>>,
    /// Length of the body so far.
    pub body: usize,
}

impl<'a> Layout<'a> {
    /// Adds column number `number`.
    pub fn add(&mut self, number: usize, column: &'a TableColumn<'a>, rows: usize) -> Result<()> {
        let field = column.field;
        let valid = column.values.valid();
        let nulls = valid.map_or(0, |valid| rows.saturating_sub(valid.count()));
        self.node(rows, nulls);
        self.validity(valid.filter(|_| nulls > 0));
        match &column.values {
            Values::Lists { offsets, .. } if field.data_type == DataType::ArrayOfVector => {
                let count = self.list(offsets)?;
                let len = self.vectors(column, count)?;
                self.buffer(len, Bytes::Pieces(number));
            }
            Values::Pieces { .. } if field.data_type.is_dense_vector() => {
                let len = self.vectors(column, rows)?;
                self.buffer(len, Bytes::Pieces(number));
            }
            Values::Whole(view) => match &view.data {
                ColumnRef::Array { offsets, items } if field.data_type == DataType::ArrayOfVector => {
                    self.list(offsets)?;
                    self.whole(column, items)?;
                }
                data if field.data_type.is_dense_vector() => self.whole(column, data)?,
                data => self.values(data),
            },
            Values::Pieces { .. } | Values::Lists { .. } => {
                return Err(Error::internal(format!("field {} cannot be written in pieces", field.name)));
            }
        }
        Ok(())
    }

    /// Offsets of lists, and what goes before their items; returns how many there are.
    fn list(&mut self, offsets: &'a [i32]) -> Result<usize> {
        let count = offsets.last().copied().unwrap_or_default();
        let count = usize::try_from(count).map_err(|_| Error::internal("lists end before they begin"))?;
        self.here(bytemuck::cast_slice(offsets));
        self.node(count, 0);
        self.validity(None);
        Ok(count)
    }

    /// What goes before the bytes of dense vectors; returns how many bytes these are.
    fn vectors(&mut self, column: &TableColumn<'_>, count: usize) -> Result<usize> {
        let field = column.field;
        let width = field.element_width().ok_or_else(|| super::write::wrong_shape(column))?;
        if !matches!(field.vector_type(), DataType::BFloat16Vector | DataType::BinaryVector) {
            // A list of fixed length: its items are a column of their own.
            self.node(count * field.dim, 0);
            self.validity(None);
        }
        Ok(count * width)
    }

    /// All vectors at once.
    fn whole(&mut self, column: &TableColumn<'_>, vectors: &ColumnRef<'a>) -> Result<()> {
        let len = self.vectors(column, vectors.len())?;
        match vectors {
            ColumnRef::Fixed { data, .. } if data.len() == len => self.here(data),
            _ => return Err(super::write::wrong_shape(column)),
        }
        Ok(())
    }

    /// The buffers after the validity of a column that is no dense vector.
    fn values(&mut self, data: &ColumnRef<'a>) {
        match data {
            ColumnRef::Bool(v) => {
                let bits = words_to_bytes(&Bitmap::from_bools(v), v.len());
                self.buffer(bits.len(), Bytes::Here(Cow::Owned(bits)));
            }
            ColumnRef::Int8(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Int16(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Int32(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Int64(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Float(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Double(v) => self.here(bytemuck::cast_slice(v)),
            ColumnRef::Bytes { offsets, data } => {
                self.here(bytemuck::cast_slice(offsets));
                self.here(data);
            }
            ColumnRef::Array { offsets, items } => {
                self.here(bytemuck::cast_slice(offsets));
                self.node(items.len(), 0);
                self.validity(None);
                self.values(items);
            }
            ColumnRef::Fixed { data, .. } => self.here(data),
        }
    }

    fn node(&mut self, rows: usize, nulls: usize) {
        self.nodes.push(FieldNode::new(rows as i64, nulls as i64));
    }

    fn validity(&mut self, valid: Option<&Bitmap>) {
        let bits = valid.map_or_else(Vec::new, |valid| words_to_bytes(valid, valid.len()));
        self.buffer(bits.len(), Bytes::Here(Cow::Owned(bits)));
    }

    fn here(&mut self, bytes: &'a [u8]) {
        self.buffer(bytes.len(), Bytes::Here(Cow::Borrowed(bytes)));
    }

    fn buffer(&mut self, len: usize, bytes: Bytes<'a>) {
        self.buffers.push(Buffer::new(self.body as i64, len as i64));
        self.bytes.push(bytes);
        self.body = (self.body + len).next_multiple_of(ALIGNMENT);
    }
}

fn words_to_bytes(map: &Bitmap, len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = map.words().iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.truncate(len.div_ceil(8));
    bytes
}
