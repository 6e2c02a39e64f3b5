//! One column in a mapped file.

use super::schema::StoredField;
use crate::Mapped;
use arrow_ipc::{Buffer, FieldNode};
use bytemuck::Pod;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, DataType};
use std::sync::OnceLock;

/// A column; all its buffers are long enough for its rows and aligned.
#[derive(Debug)]
pub(super) struct StoredColumn {
    pub field: StoredField,
    rows: usize,
    valid: Option<(Mapped, OnceLock<Bitmap>)>,
    values: StoredValues,
    /// Whether the offsets lead from the beginning of the values to their end without a step back.
    sound: OnceLock<bool>,
}

#[derive(Debug)]
enum StoredValues {
    Bool(Mapped, usize, OnceLock<Vec<bool>>),
    Number(DataType, Mapped),
    Bytes { offsets: Mapped, data: Mapped },
    Array { offsets: Mapped, items: Box<StoredValues> },
    Fixed { width: usize, data: Mapped },
}

/// Takes nodes and buffers in the order they were written.
pub(super) struct Reader<'a> {
    pub body: &'a Mapped,
    pub nodes: Vec<FieldNode>,
    pub buffers: Vec<Buffer>,
    pub node: usize,
    pub buffer: usize,
}

impl Reader<'_> {
    /// The next column; `None` when the file lacks something of it.
    pub fn column(&mut self, field: StoredField, rows: usize) -> Option<StoredColumn> {
        let nulls = self.node(rows)?;
        let bits = self.buffer(if nulls > 0 { rows.div_ceil(8) } else { 0 })?;
        let values = match field.data_type {
            data_type if data_type.is_dense_vector() => self.vectors(&field, rows)?,
            DataType::ArrayOfVector => {
                let (offsets, count) = self.list(rows)?;
                StoredValues::Array { offsets, items: Box::new(self.vectors(&field, count)?) }
            }
            data_type => self.values(data_type, field.element_type, rows)?,
        };
        let valid = (nulls > 0).then(|| (bits, OnceLock::new()));
        Some(StoredColumn { field, rows, valid, values, sound: OnceLock::new() })
    }

    /// The buffers after the validity of a column of dense vectors.
    fn vectors(&mut self, field: &StoredField, rows: usize) -> Option<StoredValues> {
        if !matches!(field.vector_type(), DataType::BFloat16Vector | DataType::BinaryVector) {
            self.node(rows.checked_mul(field.dim)?)?;
            self.buffer(0)?;
        }
        self.fixed(field.width(), rows)
    }

    /// The offsets of a column of lists, and the number of its items, whose node and validity are taken.
    fn list(&mut self, rows: usize) -> Option<(Mapped, usize)> {
        let offsets = self.offsets(rows)?;
        let count = usize::try_from(self.nodes.get(self.node)?.length()).ok()?;
        self.node(count)?;
        self.buffer(0)?;
        Some((offsets, count))
    }

    fn values(
        &mut self,
        data_type: DataType,
        element: Option<DataType>,
        rows: usize,
    ) -> Option<StoredValues> {
        let numbers = |reader: &mut Self, size| {
            Some(StoredValues::Number(data_type, reader.buffer(rows.checked_mul(size)?)?))
        };
        match data_type {
            DataType::Bool => Some(StoredValues::Bool(self.buffer(rows.div_ceil(8))?, rows, OnceLock::new())),
            DataType::Int8 => numbers(self, 1),
            DataType::Int16 => numbers(self, 2),
            DataType::Int32 | DataType::Float => numbers(self, 4),
            DataType::Int64 | DataType::Timestamptz | DataType::Double => numbers(self, 8),
            DataType::VarChar | DataType::Json | DataType::Geometry | DataType::SparseFloatVector => {
                let offsets = self.offsets(rows)?;
                Some(StoredValues::Bytes { offsets, data: self.buffer(0)? })
            }
            DataType::Array => {
                let (offsets, count) = self.list(rows)?;
                let items = Box::new(self.values(element?, None, count)?);
                Some(StoredValues::Array { offsets, items })
            }
            _ => None,
        }
    }

    fn fixed(&mut self, width: usize, rows: usize) -> Option<StoredValues> {
        let data = self.buffer(rows.checked_mul(width)?)?;
        // A buffer may be longer than its rows need; a column may not.
        Some(StoredValues::Fixed { width, data: data.slice(0..rows * width)? })
    }

    fn offsets(&mut self, rows: usize) -> Option<Mapped> {
        let len = rows.checked_add(1)?.checked_mul(4)?;
        self.buffer(len)?.slice(0..len)
    }

    /// Number of nulls of the next node, which must have this many rows.
    fn node(&mut self, rows: usize) -> Option<usize> {
        let node = self.nodes.get(self.node)?;
        self.node += 1;
        let nulls = usize::try_from(node.null_count()).ok()?;
        (usize::try_from(node.length()) == Ok(rows) && nulls <= rows).then_some(nulls)
    }

    /// The next buffer, of at least `least` bytes.
    fn buffer(&mut self, least: usize) -> Option<Mapped> {
        let buffer = self.buffers.get(self.buffer)?;
        self.buffer += 1;
        let start = usize::try_from(buffer.offset()).ok()?;
        let len = usize::try_from(buffer.length()).ok()?;
        (len >= least && start.is_multiple_of(8)).then_some(())?;
        self.body.slice(start..start.checked_add(len)?)
    }
}

impl StoredColumn {
    /// The column in place; `None` when its offsets are damaged.
    pub fn view(&self) -> Option<ColumnView<'_>> {
        let data = self.values.view(self.rows)?;
        if !*self.sound.get_or_init(|| is_sound(&data)) {
            return None;
        }
        let valid = self.valid.as_ref();
        Some(ColumnView { data, valid: valid.map(|(bits, map)| map.get_or_init(|| unpack(bits, self.rows))) })
    }

    /// Bytes on the heap.
    pub fn memory_bytes(&self) -> usize {
        let valid = self.valid.as_ref().and_then(|(_, map)| map.get());
        valid.map_or(0, |map| map.words().len() * 8) + self.values.memory_bytes()
    }
}

impl StoredValues {
    fn view(&self, rows: usize) -> Option<ColumnRef<'_>> {
        Some(match self {
            StoredValues::Bool(bits, count, values) => ColumnRef::Bool(values.get_or_init(|| {
                let map = unpack(bits, *count);
                (0..*count).map(|row| map.get(row)).collect()
            })),
            StoredValues::Number(data_type, bytes) => match data_type {
                DataType::Int8 => ColumnRef::Int8(numbers(bytes, rows)?),
                DataType::Int16 => ColumnRef::Int16(numbers(bytes, rows)?),
                DataType::Int32 => ColumnRef::Int32(numbers(bytes, rows)?),
                DataType::Int64 | DataType::Timestamptz => ColumnRef::Int64(numbers(bytes, rows)?),
                DataType::Float => ColumnRef::Float(numbers(bytes, rows)?),
                DataType::Double => ColumnRef::Double(numbers(bytes, rows)?),
                _ => return None,
            },
            StoredValues::Bytes { offsets, data } => {
                ColumnRef::Bytes { offsets: numbers(offsets, rows + 1)?, data }
            }
            StoredValues::Array { offsets, items } => {
                let offsets: &[i32] = numbers(offsets, rows + 1)?;
                // As many items as there are, whatever the last offset says; it is compared with them.
                let items = items.view(items.rows())?;
                ColumnRef::Array { offsets, items: Box::new(items) }
            }
            StoredValues::Fixed { width, data } => ColumnRef::Fixed { width: *width, data },
        })
    }

    /// Rows by the length of the buffers.
    fn rows(&self) -> usize {
        match self {
            StoredValues::Bool(_, count, _) => *count,
            StoredValues::Number(data_type, bytes) => bytes.len() / size(*data_type),
            StoredValues::Bytes { offsets, .. } | StoredValues::Array { offsets, .. } => {
                (offsets.len() / 4).saturating_sub(1)
            }
            StoredValues::Fixed { width, data } => data.len().checked_div(*width).unwrap_or(0),
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            StoredValues::Bool(_, _, values) => values.get().map_or(0, Vec::len),
            StoredValues::Array { items, .. } => items.memory_bytes(),
            StoredValues::Number(..) | StoredValues::Bytes { .. } | StoredValues::Fixed { .. } => 0,
        }
    }
}

fn size(data_type: DataType) -> usize {
    match data_type {
        DataType::Int16 => 2,
        DataType::Int32 | DataType::Float => 4,
        DataType::Int64 | DataType::Timestamptz | DataType::Double => 8,
        _ => 1,
    }
}

fn numbers<T: Pod>(bytes: &Mapped, count: usize) -> Option<&[T]> {
    bytemuck::try_cast_slice(bytes.get(..count.checked_mul(size_of::<T>())?)?).ok()
}

fn unpack(bits: &Mapped, rows: usize) -> Bitmap {
    let words = bits.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(word)
    });
    Bitmap::from_words(words.collect(), rows)
}

/// Whether every row of a column of texts or lists lies inside its values.
fn is_sound(data: &ColumnRef<'_>) -> bool {
    let ascend = |offsets: &[i32], end: usize| {
        offsets.first().is_some_and(|first| *first >= 0)
            && offsets.is_sorted()
            && offsets.last().is_some_and(|last| *last as usize <= end)
    };
    match data {
        ColumnRef::Bytes { offsets, data } => ascend(offsets, data.len()),
        ColumnRef::Array { offsets, items } => ascend(offsets, items.len()) && is_sound(items),
        _ => true,
    }
}
