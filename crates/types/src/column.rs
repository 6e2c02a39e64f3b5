//! Columns: many values of one field, owned or borrowed, full length with placeholders at nulls.
//!
//! Dense vectors of every element type are raw little-endian bytes of a fixed width, so that one copy from
//! the network is the only one and mapped files serve as they are.

use crate::{ColumnBuilder, DataType, FieldId, FieldSchema, Value};
use bytes::Bytes;
use elanus_kernels::Bitmap;

/// Owned values of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The values; a placeholder stands where a row is null.
    pub data: ColumnData,
    /// Set bit = the row has a value; `None` = every row has.
    pub valid: Option<Bitmap>,
}

/// The values of a [`Column`].
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// BOOL.
    Bool(Vec<bool>),
    /// INT8.
    Int8(Vec<i8>),
    /// INT16.
    Int16(Vec<i16>),
    /// INT32.
    Int32(Vec<i32>),
    /// INT64 and TIMESTAMPTZ.
    Int64(Vec<i64>),
    /// FLOAT.
    Float(Vec<f32>),
    /// DOUBLE.
    Double(Vec<f64>),
    /// VARCHAR, JSON, GEOMETRY and sparse vectors: row i is `data[offsets[i]..offsets[i + 1]]`.
    Bytes {
        /// rows + 1 offsets, the first 0.
        offsets: Vec<i32>,
        /// All rows one after the other.
        data: Vec<u8>,
    },
    /// ARRAY: row i is items `offsets[i]..offsets[i + 1]`.
    Array {
        /// rows + 1 offsets, the first 0.
        offsets: Vec<i32>,
        /// All elements one after the other; elements are never null.
        items: Box<ColumnData>,
    },
    /// Dense vectors: row i is `data[i * width..(i + 1) * width]`.
    Fixed {
        /// Bytes per row.
        width: usize,
        /// All rows one after the other.
        data: Bytes,
    },
}

/// Borrowed values of one field, from memory or from a mapped file.
#[derive(Clone, Debug)]
pub enum ColumnRef<'a> {
    /// BOOL.
    Bool(&'a [bool]),
    /// INT8.
    Int8(&'a [i8]),
    /// INT16.
    Int16(&'a [i16]),
    /// INT32.
    Int32(&'a [i32]),
    /// INT64 and TIMESTAMPTZ.
    Int64(&'a [i64]),
    /// FLOAT.
    Float(&'a [f32]),
    /// DOUBLE.
    Double(&'a [f64]),
    /// VARCHAR, JSON, GEOMETRY and sparse vectors.
    Bytes {
        /// rows + 1 offsets into `data`; the first need not be 0.
        offsets: &'a [i32],
        /// The bytes.
        data: &'a [u8],
    },
    /// ARRAY.
    Array {
        /// rows + 1 offsets into `items`; the first need not be 0.
        offsets: &'a [i32],
        /// The elements.
        items: Box<ColumnRef<'a>>,
    },
    /// Dense vectors.
    Fixed {
        /// Bytes per row.
        width: usize,
        /// rows × width bytes.
        data: &'a [u8],
    },
}

/// A [`ColumnRef`] with its nulls.
#[derive(Clone, Debug)]
pub struct ColumnView<'a> {
    /// The values; a placeholder stands where a row is null.
    pub data: ColumnRef<'a>,
    /// Set bit = the row has a value; `None` = every row has.
    pub valid: Option<&'a Bitmap>,
}

/// Rows of a collection: columns of equal length by field number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowBatch {
    /// Number of rows.
    pub rows: usize,
    /// One column per stored field.
    pub columns: Vec<(FieldId, Column)>,
}

impl RowBatch {
    /// The column of a field.
    pub fn column(&self, field: FieldId) -> Option<&Column> {
        self.columns.iter().find(|(id, _)| *id == field).map(|(_, column)| column)
    }

    /// Payload size in bytes.
    pub fn byte_size(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.view().byte_size()).sum()
    }
}

impl Column {
    /// A column without nulls.
    pub fn new(data: ColumnData) -> Self {
        Self { data, valid: None }
    }

    /// A column of texts or other byte strings without nulls.
    pub fn from_bytes<T: AsRef<[u8]>>(rows: impl IntoIterator<Item = T>) -> Self {
        let (mut offsets, mut data) = (vec![0], Vec::new());
        for row in rows {
            data.extend_from_slice(row.as_ref());
            offsets.push(data.len() as i32);
        }
        Self::new(ColumnData::Bytes { offsets, data })
    }

    /// An empty column of a field's type.
    pub fn empty(field: &FieldSchema) -> Self {
        ColumnBuilder::for_field(field).finish()
    }

    /// Borrows it.
    pub fn view(&self) -> ColumnView<'_> {
        ColumnView { data: self.data.as_ref(), valid: self.valid.as_ref() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// True when there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ColumnData {
    /// Borrows it.
    pub fn as_ref(&self) -> ColumnRef<'_> {
        match self {
            ColumnData::Bool(v) => ColumnRef::Bool(v),
            ColumnData::Int8(v) => ColumnRef::Int8(v),
            ColumnData::Int16(v) => ColumnRef::Int16(v),
            ColumnData::Int32(v) => ColumnRef::Int32(v),
            ColumnData::Int64(v) => ColumnRef::Int64(v),
            ColumnData::Float(v) => ColumnRef::Float(v),
            ColumnData::Double(v) => ColumnRef::Double(v),
            ColumnData::Bytes { offsets, data } => ColumnRef::Bytes { offsets, data },
            ColumnData::Array { offsets, items } => {
                ColumnRef::Array { offsets, items: Box::new(items.as_ref().as_ref()) }
            }
            ColumnData::Fixed { width, data } => ColumnRef::Fixed { width: *width, data },
        }
    }
}

impl<'a> ColumnRef<'a> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            ColumnRef::Bool(v) => v.len(),
            ColumnRef::Int8(v) => v.len(),
            ColumnRef::Int16(v) => v.len(),
            ColumnRef::Int32(v) => v.len(),
            ColumnRef::Int64(v) => v.len(),
            ColumnRef::Float(v) => v.len(),
            ColumnRef::Double(v) => v.len(),
            ColumnRef::Bytes { offsets, .. } | ColumnRef::Array { offsets, .. } => {
                offsets.len().saturating_sub(1)
            }
            ColumnRef::Fixed { width, data } => data.len().checked_div(*width).unwrap_or(0),
        }
    }

    /// True when there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a VARCHAR, JSON, sparse or dense vector row; `None` for other types or out of range.
    pub fn bytes(&self, row: usize) -> Option<&'a [u8]> {
        match self {
            ColumnRef::Bytes { offsets, data } => {
                data.get(*offsets.get(row)? as usize..*offsets.get(row + 1)? as usize)
            }
            ColumnRef::Fixed { width, data } => data.get(row * width..(row + 1) * width),
            _ => None,
        }
    }

    /// Bytes of a row of a type whose rows differ in size; 0 for other types or out of range.
    pub fn varying_bytes(&self, row: usize) -> usize {
        let range = |offsets: &[i32]| {
            let (start, end) = (*offsets.get(row)?, *offsets.get(row + 1)?);
            Some((start as usize, end as usize))
        };
        match self {
            ColumnRef::Bytes { offsets, .. } => range(offsets).map_or(0, |(start, end)| end - start),
            ColumnRef::Array { offsets, items } => range(offsets).map_or(0, |(start, end)| match &**items {
                ColumnRef::Bytes { offsets, .. } => {
                    let at = |i: usize| offsets.get(i).map_or(0, |offset| *offset as usize);
                    at(end).saturating_sub(at(start)) + (end - start) * 4
                }
                items => (end - start) * (items.byte_size() / items.len().max(1)),
            }),
            _ => 0,
        }
    }

    /// The row as a [`Value`]: texts lossily decoded, JSON and vectors as bytes' text or raw bytes.
    pub fn value(&self, row: usize) -> Value {
        match self {
            ColumnRef::Bool(v) => v.get(row).map_or(Value::Null, |v| Value::Bool(*v)),
            ColumnRef::Int8(v) => v.get(row).map_or(Value::Null, |v| Value::Int(i64::from(*v))),
            ColumnRef::Int16(v) => v.get(row).map_or(Value::Null, |v| Value::Int(i64::from(*v))),
            ColumnRef::Int32(v) => v.get(row).map_or(Value::Null, |v| Value::Int(i64::from(*v))),
            ColumnRef::Int64(v) => v.get(row).map_or(Value::Null, |v| Value::Int(*v)),
            ColumnRef::Float(v) => v.get(row).map_or(Value::Null, |v| Value::Float(f64::from(*v))),
            ColumnRef::Double(v) => v.get(row).map_or(Value::Null, |v| Value::Float(*v)),
            ColumnRef::Bytes { .. } => {
                self.bytes(row).map_or(Value::Null, |b| Value::Str(String::from_utf8_lossy(b).into_owned()))
            }
            ColumnRef::Array { offsets, items } => match (offsets.get(row), offsets.get(row + 1)) {
                (Some(&start), Some(&end)) => {
                    Value::Array((start as usize..end as usize).map(|i| items.value(i)).collect())
                }
                _ => Value::Null,
            },
            ColumnRef::Fixed { .. } => self.bytes(row).map_or(Value::Null, |b| Value::Bytes(b.to_vec())),
        }
    }

    /// Payload size in bytes.
    pub fn byte_size(&self) -> usize {
        match self {
            ColumnRef::Bool(v) => v.len(),
            ColumnRef::Int8(v) => v.len(),
            ColumnRef::Int16(v) => v.len() * 2,
            ColumnRef::Int32(v) => v.len() * 4,
            ColumnRef::Int64(v) => v.len() * 8,
            ColumnRef::Float(v) => v.len() * 4,
            ColumnRef::Double(v) => v.len() * 8,
            ColumnRef::Bytes { offsets, .. } => offsets.len() * 4 + span(offsets),
            ColumnRef::Array { offsets, items } => offsets.len() * 4 + items.byte_size(),
            ColumnRef::Fixed { data, .. } => data.len(),
        }
    }
}

fn span(offsets: &[i32]) -> usize {
    match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (last - first) as usize,
        _ => 0,
    }
}

impl<'a> ColumnView<'a> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// True when there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the row is not null.
    #[inline]
    pub fn is_valid(&self, row: usize) -> bool {
        self.valid.is_none_or(|valid| valid.get(row))
    }

    /// The row as a [`Value`], null when it is null.
    pub fn value(&self, row: usize) -> Value {
        if self.is_valid(row) { self.data.value(row) } else { Value::Null }
    }

    /// Copies some rows, in the order given.
    pub fn take(&self, rows: &[u32]) -> Column {
        let mut out = ColumnBuilder::like(&self.data);
        out.append_rows(self, rows);
        out.finish()
    }

    /// Copies all rows.
    pub fn to_column(&self) -> Column {
        let mut out = ColumnBuilder::like(&self.data);
        out.append(self);
        out.finish()
    }

    /// Payload size in bytes.
    pub fn byte_size(&self) -> usize {
        self.data.byte_size() + self.valid.map_or(0, |valid| valid.len().div_ceil(8))
    }
}

/// The [`DataType`] class a column of this shape can hold, for messages.
pub fn shape_name(data: &ColumnRef<'_>) -> &'static str {
    match data {
        ColumnRef::Bool(_) => DataType::Bool.name(),
        ColumnRef::Int8(_) => DataType::Int8.name(),
        ColumnRef::Int16(_) => DataType::Int16.name(),
        ColumnRef::Int32(_) => DataType::Int32.name(),
        ColumnRef::Int64(_) => DataType::Int64.name(),
        ColumnRef::Float(_) => DataType::Float.name(),
        ColumnRef::Double(_) => DataType::Double.name(),
        ColumnRef::Bytes { .. } => "bytes",
        ColumnRef::Array { .. } => DataType::Array.name(),
        ColumnRef::Fixed { .. } => "vector",
    }
}
