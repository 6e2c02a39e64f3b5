//! Little-endian building blocks of log records: integers, byte strings, columns.
//!
//! The reader checks every length against what is left, so that a record of any content is either decoded
//! or an error.

use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_types::{Column, ColumnData, Error, Result};

/// Parts of a record: small values are gathered in one buffer, large payloads stay where they are.
#[derive(Default)]
pub struct Writer {
    parts: Vec<Bytes>,
    buffer: Vec<u8>,
}

/// Payloads from this size on are not copied into the gathering buffer.
const LARGE: usize = 4096;

impl Writer {
    pub fn u8(&mut self, value: u8) {
        self.buffer.push(value);
    }

    pub fn u32(&mut self, value: u32) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.buffer.extend_from_slice(&value.to_le_bytes());
    }

    pub fn bytes(&mut self, value: &[u8]) {
        self.u64(value.len() as u64);
        self.buffer.extend_from_slice(value);
    }

    fn shared(&mut self, value: &Bytes) {
        if value.len() < LARGE {
            return self.bytes(value);
        }
        self.u64(value.len() as u64);
        self.flush();
        self.parts.push(value.clone());
    }

    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.parts.push(std::mem::take(&mut self.buffer).into());
        }
    }

    pub fn column(&mut self, column: &Column) {
        match &column.valid {
            None => self.u8(0),
            Some(valid) => {
                self.u8(1);
                self.u64(valid.len() as u64);
                valid.words().iter().for_each(|word| self.u64(*word));
            }
        }
        self.data(&column.data);
    }

    fn data(&mut self, data: &ColumnData) {
        match data {
            ColumnData::Bool(v) => self.numbers(1, v, |x| [u8::from(*x)]),
            ColumnData::Int8(v) => self.numbers(2, v, |x| x.to_le_bytes()),
            ColumnData::Int16(v) => self.numbers(3, v, |x| x.to_le_bytes()),
            ColumnData::Int32(v) => self.numbers(4, v, |x| x.to_le_bytes()),
            ColumnData::Int64(v) => self.numbers(5, v, |x| x.to_le_bytes()),
            ColumnData::Float(v) => self.numbers(10, v, |x| x.to_le_bytes()),
            ColumnData::Double(v) => self.numbers(11, v, |x| x.to_le_bytes()),
            ColumnData::Bytes { offsets, data } => {
                self.numbers(21, offsets, |x| x.to_le_bytes());
                self.bytes(data);
            }
            ColumnData::Array { offsets, items } => {
                self.numbers(22, offsets, |x| x.to_le_bytes());
                self.data(items);
            }
            ColumnData::Fixed { width, data } => {
                self.u8(100);
                self.u64(*width as u64);
                self.shared(data);
            }
        }
    }

    fn numbers<T, const N: usize>(&mut self, tag: u8, values: &[T], bytes: impl Fn(&T) -> [u8; N]) {
        self.u8(tag);
        self.u64(values.len() as u64);
        values.iter().for_each(|value| self.buffer.extend_from_slice(&bytes(value)));
    }

    pub fn finish(mut self) -> Vec<Bytes> {
        self.flush();
        self.parts
    }
}

/// Reads what [`Writer`] wrote.
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.left.split_at_checked(count).ok_or_else(short)?;
        self.left = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self.left.split_first_chunk::<N>().ok_or_else(short)?;
        self.left = tail;
        Ok(*head)
    }

    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A count of things that take at least `size` bytes each; refused when they cannot all be there.
    fn count(&mut self, size: usize) -> Result<usize> {
        let count = self.u64()?;
        let fits = usize::try_from(count)
            .ok()
            .and_then(|n| n.checked_mul(size))
            .is_some_and(|n| n <= self.left.len());
        if fits { Ok(count as usize) } else { Err(short()) }
    }

    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.count(1)?;
        self.take(count)
    }

    pub fn column(&mut self) -> Result<Column> {
        let valid = match self.u8()? {
            0 => None,
            _ => {
                let rows = self.u64()?;
                let words = usize::try_from(rows.div_ceil(64)).map_err(|_| short())?;
                let bytes = self.take(words.checked_mul(8).ok_or_else(short)?)?;
                let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
                Some(Bitmap::from_words(words.collect(), rows as usize))
            }
        };
        let column = Column { data: self.data(0)?, valid };
        match &column.valid {
            Some(valid) if valid.len() != column.len() => {
                Err(Error::damaged("a log record's column has another length than its nulls"))
            }
            _ => Ok(column),
        }
    }

    fn data(&mut self, depth: usize) -> Result<ColumnData> {
        Ok(match self.u8()? {
            1 => ColumnData::Bool(self.numbers(|[x]| x != 0)?),
            2 => ColumnData::Int8(self.numbers(i8::from_le_bytes)?),
            3 => ColumnData::Int16(self.numbers(i16::from_le_bytes)?),
            4 => ColumnData::Int32(self.numbers(i32::from_le_bytes)?),
            5 => ColumnData::Int64(self.numbers(i64::from_le_bytes)?),
            10 => ColumnData::Float(self.numbers(f32::from_le_bytes)?),
            11 => ColumnData::Double(self.numbers(f64::from_le_bytes)?),
            21 => {
                let offsets = self.numbers(i32::from_le_bytes)?;
                let data = self.bytes()?.to_vec();
                check_offsets(&offsets, data.len())?;
                ColumnData::Bytes { offsets, data }
            }
            22 if depth == 0 => {
                let offsets = self.numbers(i32::from_le_bytes)?;
                let items = Box::new(self.data(depth + 1)?);
                check_offsets(&offsets, items.as_ref().as_ref().len())?;
                ColumnData::Array { offsets, items }
            }
            100 => {
                let width = self.u64()? as usize;
                let data = self.bytes()?;
                if width == 0 || data.len() % width != 0 {
                    return Err(Error::damaged("a log record's vectors do not fill whole rows"));
                }
                ColumnData::Fixed { width, data: Bytes::copy_from_slice(data) }
            }
            tag => return Err(Error::damaged(format!("a log record has a column of unknown type {tag}"))),
        })
    }

    fn numbers<T, const N: usize>(&mut self, value: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
        let count = self.count(N)?;
        Ok(self.take(count * N)?.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)).collect())
    }
}

fn check_offsets(offsets: &[i32], items: usize) -> Result<()> {
    let rising = offsets.first() == Some(&0) && offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    if rising && offsets.last().copied() == i32::try_from(items).ok() {
        Ok(())
    } else {
        Err(Error::damaged("a log record's column has offsets outside its data"))
    }
}

fn short() -> Error {
    Error::damaged("a log record ends early")
}
