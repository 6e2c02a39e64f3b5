//! Growing columns: the only way values are appended one after the other.

use crate::{Column, ColumnData, ColumnRef, ColumnView, DataType, FieldSchema, Value};
use elanus_kernels::Bitmap;

/// A column under construction; readable at any time through [`ColumnBuilder::view`].
#[derive(Clone, Debug)]
pub struct ColumnBuilder {
    data: Data,
    valid: Option<Bitmap>,
}

#[derive(Clone, Debug)]
enum Data {
    Bool(Vec<bool>),
    Int8(Vec<i8>),
    Int16(Vec<i16>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes { offsets: Vec<i32>, data: Vec<u8> },
    Array { offsets: Vec<i32>, items: Box<Data> },
    Fixed { width: usize, data: Vec<u8> },
}

macro_rules! each_number {
    ($self:expr, $theirs:expr, |$mine:ident, $from:ident| $body:expr, $($other:tt)*) => {
        match ($self, $theirs) {
            (Data::Bool($mine), ColumnRef::Bool($from)) => $body,
            (Data::Int8($mine), ColumnRef::Int8($from)) => $body,
            (Data::Int16($mine), ColumnRef::Int16($from)) => $body,
            (Data::Int32($mine), ColumnRef::Int32($from)) => $body,
            (Data::Int64($mine), ColumnRef::Int64($from)) => $body,
            (Data::Float($mine), ColumnRef::Float($from)) => $body,
            (Data::Double($mine), ColumnRef::Double($from)) => $body,
            $($other)*
        }
    };
}

impl Data {
    fn of_type(data_type: DataType, element: Option<DataType>, width: usize) -> Self {
        match data_type {
            DataType::Bool => Data::Bool(Vec::new()),
            DataType::Int8 => Data::Int8(Vec::new()),
            DataType::Int16 => Data::Int16(Vec::new()),
            DataType::Int32 => Data::Int32(Vec::new()),
            DataType::Int64 | DataType::Timestamptz => Data::Int64(Vec::new()),
            DataType::Float => Data::Float(Vec::new()),
            DataType::Double => Data::Double(Vec::new()),
            DataType::VarChar | DataType::Json | DataType::Geometry | DataType::SparseFloatVector => {
                Data::Bytes { offsets: vec![0], data: Vec::new() }
            }
            DataType::Array | DataType::ArrayOfVector => {
                let items = Box::new(Data::of_type(element.unwrap_or(DataType::Int64), None, width));
                Data::Array { offsets: vec![0], items }
            }
            DataType::BinaryVector
            | DataType::FloatVector
            | DataType::Float16Vector
            | DataType::BFloat16Vector
            | DataType::Int8Vector => Data::Fixed { width, data: Vec::new() },
        }
    }

    fn like(data: &ColumnRef<'_>) -> Self {
        match data {
            ColumnRef::Bool(_) => Data::Bool(Vec::new()),
            ColumnRef::Int8(_) => Data::Int8(Vec::new()),
            ColumnRef::Int16(_) => Data::Int16(Vec::new()),
            ColumnRef::Int32(_) => Data::Int32(Vec::new()),
            ColumnRef::Int64(_) => Data::Int64(Vec::new()),
            ColumnRef::Float(_) => Data::Float(Vec::new()),
            ColumnRef::Double(_) => Data::Double(Vec::new()),
            ColumnRef::Bytes { .. } => Data::Bytes { offsets: vec![0], data: Vec::new() },
            ColumnRef::Array { items, .. } => {
                Data::Array { offsets: vec![0], items: Box::new(Data::like(items)) }
            }
            ColumnRef::Fixed { width, .. } => Data::Fixed { width: *width, data: Vec::new() },
        }
    }

    fn as_ref(&self) -> ColumnRef<'_> {
        match self {
            Data::Bool(v) => ColumnRef::Bool(v),
            Data::Int8(v) => ColumnRef::Int8(v),
            Data::Int16(v) => ColumnRef::Int16(v),
            Data::Int32(v) => ColumnRef::Int32(v),
            Data::Int64(v) => ColumnRef::Int64(v),
            Data::Float(v) => ColumnRef::Float(v),
            Data::Double(v) => ColumnRef::Double(v),
            Data::Bytes { offsets, data } => ColumnRef::Bytes { offsets, data },
            Data::Array { offsets, items } => {
                ColumnRef::Array { offsets, items: Box::new(items.as_ref().as_ref()) }
            }
            Data::Fixed { width, data } => ColumnRef::Fixed { width: *width, data },
        }
    }

    /// Appends rows `start..end` of `theirs`. Shapes differ only through a caller's bug; then placeholders go in.
    fn append_range(&mut self, theirs: &ColumnRef<'_>, start: usize, end: usize) {
        each_number!(&mut *self, theirs, |mine, from| mine.extend_from_slice(&from[start..end]),
            (Data::Bytes { offsets, data }, ColumnRef::Bytes { offsets: their_offsets, data: their_data }) => {
                let (first, last) = (their_offsets[start], their_offsets[end]);
                let shift = data.len() as i32 - first;
                data.extend_from_slice(&their_data[first as usize..last as usize]);
                offsets.extend(their_offsets[start + 1..=end].iter().map(|offset| offset + shift));
            },
            (Data::Array { offsets, items }, ColumnRef::Array { offsets: their_offsets, items: their_items }) => {
                let (first, last) = (their_offsets[start], their_offsets[end]);
                let shift = items.as_ref().as_ref().len() as i32 - first;
                items.append_range(their_items, first as usize, last as usize);
                offsets.extend(their_offsets[start + 1..=end].iter().map(|offset| offset + shift));
            },
            (Data::Fixed { width, data }, ColumnRef::Fixed { width: their_width, data: their_data }) if width == their_width => {
                data.extend_from_slice(&their_data[start * *width..end * *width]);
            },
            (mine, _) => {
                debug_assert!(false, "columns of different shapes");
                (start..end).for_each(|_| mine.push_placeholder());
            },
        );
    }

    /// Appends some rows of `theirs`: numbers one by one in a loop without branches, everything else run by run.
    fn append_picked(&mut self, theirs: &ColumnRef<'_>, rows: &[u32]) {
        each_number!(&mut *self, theirs, |mine, from| mine.extend(rows.iter().map(|row| from[*row as usize])),
            (mine, _) => {
                let mut rest = rows;
                while let Some(&first) = rest.first() {
                    let follows = |(i, row): (usize, &u32)| *row as usize != first as usize + i;
                    let run = rest.iter().enumerate().position(follows).unwrap_or(rest.len());
                    mine.append_range(theirs, first as usize, first as usize + run);
                    rest = &rest[run..];
                }
            },
        );
    }

    fn push_placeholder(&mut self) {
        match self {
            Data::Bool(v) => v.push(false),
            Data::Int8(v) => v.push(0),
            Data::Int16(v) => v.push(0),
            Data::Int32(v) => v.push(0),
            Data::Int64(v) => v.push(0),
            Data::Float(v) => v.push(0.0),
            Data::Double(v) => v.push(0.0),
            Data::Bytes { offsets, data } => offsets.push(data.len() as i32),
            Data::Array { offsets, items } => offsets.push(items.as_ref().as_ref().len() as i32),
            Data::Fixed { width, data } => data.resize(data.len() + *width, 0),
        }
    }

    /// Pushes `value`; false (and nothing pushed) when it does not fit the type.
    fn push(&mut self, value: &Value) -> bool {
        match (&mut *self, value) {
            (Data::Bool(v), Value::Bool(x)) => v.push(*x),
            (Data::Int8(v), Value::Int(x)) => return i8::try_from(*x).map(|x| v.push(x)).is_ok(),
            (Data::Int16(v), Value::Int(x)) => return i16::try_from(*x).map(|x| v.push(x)).is_ok(),
            (Data::Int32(v), Value::Int(x)) => return i32::try_from(*x).map(|x| v.push(x)).is_ok(),
            (Data::Int64(v), Value::Int(x)) => v.push(*x),
            (Data::Float(v), Value::Float(x)) => v.push(*x as f32),
            (Data::Float(v), Value::Int(x)) => v.push(*x as f32),
            (Data::Double(v), Value::Float(x)) => v.push(*x),
            (Data::Double(v), Value::Int(x)) => v.push(*x as f64),
            (Data::Bytes { .. }, Value::Str(x)) => self.push_bytes(x.as_bytes()),
            (Data::Bytes { .. }, Value::Json(x)) => self.push_bytes(x.to_string().as_bytes()),
            (Data::Bytes { .. }, Value::Bytes(x)) => self.push_bytes(x),
            (Data::Fixed { width, data }, Value::Bytes(x)) if x.len() == *width => data.extend_from_slice(x),
            (Data::Array { offsets, items }, Value::Array(values)) => {
                if !values.iter().all(|value| items.fits(value)) {
                    return false;
                }
                values.iter().for_each(|value| {
                    items.push(value);
                });
                offsets.push(items.as_ref().as_ref().len() as i32);
            }
            _ => return false,
        }
        true
    }

    /// Whether one element fits; a list is checked whole before its first element is pushed.
    fn fits(&self, value: &Value) -> bool {
        match (self, value) {
            (Data::Bool(_), Value::Bool(_)) | (Data::Int64(_), Value::Int(_)) => true,
            (Data::Int8(_), Value::Int(x)) => i8::try_from(*x).is_ok(),
            (Data::Int16(_), Value::Int(x)) => i16::try_from(*x).is_ok(),
            (Data::Int32(_), Value::Int(x)) => i32::try_from(*x).is_ok(),
            (Data::Float(_) | Data::Double(_), Value::Float(_) | Value::Int(_)) => true,
            (Data::Bytes { .. }, Value::Str(_) | Value::Json(_) | Value::Bytes(_)) => true,
            (Data::Fixed { width, .. }, Value::Bytes(x)) => x.len() == *width,
            _ => false,
        }
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        if let Data::Bytes { offsets, data } = self {
            data.extend_from_slice(bytes);
            offsets.push(data.len() as i32);
        }
    }

    fn finish(self) -> ColumnData {
        match self {
            Data::Bool(v) => ColumnData::Bool(v),
            Data::Int8(v) => ColumnData::Int8(v),
            Data::Int16(v) => ColumnData::Int16(v),
            Data::Int32(v) => ColumnData::Int32(v),
            Data::Int64(v) => ColumnData::Int64(v),
            Data::Float(v) => ColumnData::Float(v),
            Data::Double(v) => ColumnData::Double(v),
            Data::Bytes { offsets, data } => ColumnData::Bytes { offsets, data },
            Data::Array { offsets, items } => ColumnData::Array { offsets, items: Box::new(items.finish()) },
            Data::Fixed { width, data } => ColumnData::Fixed { width, data: data.into() },
        }
    }
}

impl ColumnBuilder {
    /// An empty column of a field's type.
    pub fn for_field(field: &FieldSchema) -> Self {
        let width = field.element_width().unwrap_or(0);
        Self { data: Data::of_type(field.data_type, field.element_type, width), valid: None }
    }

    /// An empty column of a scalar type.
    pub fn for_type(data_type: DataType) -> Self {
        Self { data: Data::of_type(data_type, None, 0), valid: None }
    }

    /// An empty column of the same shape as `data`.
    pub fn like(data: &ColumnRef<'_>) -> Self {
        Self { data: Data::like(data), valid: None }
    }

    /// Number of rows so far.
    pub fn len(&self) -> usize {
        self.data.as_ref().len()
    }

    /// True before the first row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows so far.
    pub fn view(&self) -> ColumnView<'_> {
        ColumnView { data: self.data.as_ref(), valid: self.valid.as_ref() }
    }

    /// Appends all rows of a column of the same shape.
    pub fn append(&mut self, rows: &ColumnView<'_>) {
        let before = self.len();
        self.data.append_range(&rows.data, 0, rows.len());
        self.extend_validity(before, rows.len(), |row| rows.is_valid(row), rows.valid.is_none());
    }

    /// Appends some rows of a column of the same shape, in the order given.
    pub fn append_rows(&mut self, from: &ColumnView<'_>, rows: &[u32]) {
        let before = self.len();
        self.data.append_picked(&from.data, rows);
        self.extend_validity(before, rows.len(), |i| from.is_valid(rows[i] as usize), from.valid.is_none());
    }

    /// Appends one null.
    pub fn push_null(&mut self) {
        let before = self.len();
        self.data.push_placeholder();
        self.extend_validity(before, 1, |_| false, false);
    }

    /// Appends one value ([`Value::Null`] is a null); false, with nothing appended, when it does not fit the type.
    pub fn push(&mut self, value: &Value) -> bool {
        if value.is_null() {
            self.push_null();
            return true;
        }
        let before = self.len();
        let pushed = self.data.push(value);
        if pushed {
            self.extend_validity(before, 1, |_| true, true);
        }
        pushed
    }

    /// Appends one byte string to a VARCHAR, JSON, GEOMETRY or sparse column.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        let before = self.len();
        self.data.push_bytes(bytes);
        self.extend_validity(before, 1, |_| true, true);
    }

    /// Makes room for `rows` more rows of a fixed-width type, exactly.
    pub fn reserve(&mut self, rows: usize) {
        match &mut self.data {
            Data::Fixed { width, data } => data.reserve(rows * *width),
            Data::Int64(v) => v.reserve(rows),
            Data::Float(v) => v.reserve(rows),
            Data::Double(v) => v.reserve(rows),
            Data::Bytes { offsets, .. } | Data::Array { offsets, .. } => offsets.reserve(rows),
            Data::Bool(_) | Data::Int8(_) | Data::Int16(_) | Data::Int32(_) => {}
        }
    }

    /// The finished column.
    pub fn finish(self) -> Column {
        Column { data: self.data.finish(), valid: self.valid }
    }

    fn extend_validity(&mut self, before: usize, count: usize, is_valid: impl Fn(usize) -> bool, all: bool) {
        if self.valid.is_none() {
            if all {
                return;
            }
            self.valid = Some(Bitmap::ones(before));
        }
        if let Some(valid) = &mut self.valid {
            (0..count).for_each(|i| valid.push(is_valid(i)));
        }
    }
}
