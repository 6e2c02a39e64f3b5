//! Reading `.npy` files: two-dimensional arrays in C order, little endian.

use bytes::Bytes;
use elanus_kernels::{Element, convert};
use elanus_types::{Error, Result};
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Element types as the files name them.
const KNOWN: &str = "<f2, <f4, |i1, |u1, <i4, <u4, <i8";

/// Type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 16-bit floats.
    F16,
    /// 32-bit floats.
    F32,
    /// Signed bytes.
    I8,
    /// Unsigned bytes.
    U8,
    /// 32-bit integers.
    I32,
    /// Unsigned 32-bit integers.
    U32,
    /// 64-bit integers.
    I64,
}

impl Kind {
    fn width(self) -> usize {
        match self {
            Kind::I8 | Kind::U8 => 1,
            Kind::F16 => 2,
            Kind::F32 | Kind::I32 | Kind::U32 => 4,
            Kind::I64 => 8,
        }
    }

    fn parse(descr: &str) -> Option<Kind> {
        Some(match descr {
            "<f2" => Kind::F16,
            "<f4" => Kind::F32,
            "|i1" | "<i1" => Kind::I8,
            "|u1" | "<u1" => Kind::U8,
            "<i4" => Kind::I32,
            "<u4" => Kind::U32,
            "<i8" => Kind::I64,
            _ => return None,
        })
    }
}

/// An array as it lies in the file.
#[derive(Clone, Debug)]
pub struct Array {
    /// Element type.
    pub kind: Kind,
    /// First dimension.
    pub rows: usize,
    /// Second dimension; 1 for one-dimensional arrays.
    pub columns: usize,
    /// The elements, row after row.
    pub data: Bytes,
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Array> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| Error::io(format_args!("reading {shown}"), &error))?;
    parse(Bytes::from(bytes)).map_err(|error| error.context(shown))
}

/// Reads an array from the bytes of a file.
pub fn parse(bytes: Bytes) -> Result<Array> {
    let (header, start) = header(&bytes).ok_or_else(|| Error::invalid("not an .npy file"))?;
    if value(header, "fortran_order") != Some("False") {
        return Err(Error::invalid("the array is in Fortran order; save it in C order"));
    }
    let descr = value(header, "descr").unwrap_or_default().trim_matches('\'');
    let kind = Kind::parse(descr)
        .ok_or_else(|| Error::invalid(format!("element type {descr} is not one of {KNOWN}")))?;
    let (rows, columns) =
        shape(header).ok_or_else(|| Error::invalid("the array has no shape of 1 or 2 dimensions"))?;
    let size = rows.checked_mul(columns).and_then(|count| count.checked_mul(kind.width()));
    let end = size.and_then(|size| size.checked_add(start)).filter(|end| *end <= bytes.len());
    let end =
        end.ok_or_else(|| Error::damaged(format!("shorter than its shape of {rows} x {columns} says")))?;
    Ok(Array { kind, rows, columns, data: bytes.slice(start..end) })
}

/// The header's text and where the data begins.
fn header(bytes: &Bytes) -> Option<(&str, usize)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, start) = match rest.first()? {
        1 => (usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?)), 10),
        2 | 3 => (u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?) as usize, 12),
        _ => return None,
    };
    let end = length.checked_add(start)?;
    Some((std::str::from_utf8(bytes.get(start..end)?).ok()?, end))
}

/// The value of a key in the header's dictionary, up to the next comma.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    rest.split([',', '}']).next().map(str::trim)
}

fn shape(header: &str) -> Option<(usize, usize)> {
    let (_, rest) = header.split_once("'shape':")?;
    let (_, rest) = rest.split_once('(')?;
    let (numbers, _) = rest.split_once(')')?;
    let mut numbers =
        numbers.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::parse::<usize>);
    let rows = numbers.next()?.ok()?;
    let columns = numbers.next().unwrap_or(Ok(1)).ok()?;
    numbers.next().is_none().then_some((rows, columns))
}

impl Array {
    /// The elements as 32-bit floats, little endian.
    pub fn into_floats(self) -> Result<Array> {
        let data = match self.kind {
            Kind::F32 => self.data,
            Kind::F16 => Bytes::from(convert::convert(Element::F16, Element::F32, &self.data)),
            Kind::I8 | Kind::U8 | Kind::I32 | Kind::U32 | Kind::I64 => {
                return Err(Error::invalid("vectors must be floats, these are integers"));
            }
        };
        Ok(Array { kind: Kind::F32, data, ..self })
    }

    /// The first `rows` rows.
    pub fn head(self, rows: usize) -> Array {
        let rows = rows.min(self.rows);
        let end = rows * self.columns * self.kind.width();
        Array { rows, data: self.data.slice(..end), ..self }
    }

    /// Raw bytes of the rows `begin..end`, clipped to the array.
    pub fn slice(&self, begin: usize, end: usize) -> Bytes {
        let width = self.columns * self.kind.width();
        let end = end.min(self.rows);
        self.data.slice(begin.min(end) * width..end * width)
    }

    /// Rows of integers.
    pub fn integers(&self) -> Result<Vec<Vec<i64>>> {
        let width = self.columns.max(1) * self.kind.width();
        let read = |bytes: &[u8]| match (self.kind, bytes) {
            (Kind::I32, [a, b, c, d]) => Some(i64::from(i32::from_le_bytes([*a, *b, *c, *d]))),
            (Kind::U32, [a, b, c, d]) => Some(i64::from(u32::from_le_bytes([*a, *b, *c, *d]))),
            (Kind::I8, [a]) => Some(i64::from(*a as i8)),
            (Kind::U8, [a]) => Some(i64::from(*a)),
            (Kind::I64, bytes) => bytes.try_into().ok().map(i64::from_le_bytes),
            _ => None,
        };
        let rows =
            self.data.chunks_exact(width).map(|row| row.chunks_exact(self.kind.width()).map(read).collect());
        rows.collect::<Option<_>>().ok_or_else(|| Error::invalid("expected integers, these are floats"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(header: &str, data: &[u8]) -> Bytes {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        Bytes::from(bytes)
    }

    #[test]
    fn halves_become_floats() {
        let data = [0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38, 0x00, 0x00];
        let array =
            parse(file("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }\n", &data)).unwrap();
        assert_eq!((array.kind, array.rows, array.columns), (Kind::F16, 2, 2));
        let floats = array.into_floats().unwrap();
        let expected: Vec<u8> = [1.0f32, -2.0, 0.5, 0.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(floats.data, expected);
        assert_eq!(floats.slice(1, 9), expected[8..]);
        assert_eq!(floats.head(1).data.len(), 8);
    }

    #[test]
    fn integers_are_read_by_row() {
        let data: Vec<u8> = [3i32, 1, -2, 7].iter().flat_map(|x| x.to_le_bytes()).collect();
        let array = parse(file("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2)}", &data)).unwrap();
        assert_eq!(array.integers().unwrap(), vec![vec![3, 1], vec![-2, 7]]);
        assert!(array.into_floats().is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_array_or_an_error(
            version in 0u8..5,
            length in prop::collection::vec(any::<u8>(), 2..5),
            shape in prop::sample::select(vec!["(2, 2)", "(18446744073709551615, 2)", "(3,)", "()", "(-1, 2)", "(0, 7)"]),
            descr in prop::sample::select(vec!["<f4", "<f2", "|i1", "|u1", "<u4", "<i8", ">f4", "|O", ""]),
            whole in any::<bool>(),
            data in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
            let bytes = match whole {
                true => file(&header, &data),
                false => Bytes::from([MAGIC, &[version, 0], &length, header.as_bytes(), &data].concat()),
            };
            if let Ok(array) = parse(bytes) {
                let size = array.rows * array.columns * array.kind.width();
                prop_assert_eq!(array.data.len(), size);
                if let Ok(rows) = array.integers() {
                    prop_assert!(rows.len() <= array.rows);
                }
                prop_assert_eq!(array.clone().head(1).rows, array.rows.min(1));
                let _ = array.into_floats();
            }
        }
    }

    #[test]
    fn bad_files_are_errors() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
        assert!(parse(Bytes::from_static(b"PK")).is_err());
        assert!(parse(file(header, &[0; 15])).is_err());
        assert!(parse(file(&header.replace("False", "True"), &[0; 16])).is_err());
        assert!(parse(file(&header.replace("<f4", ">f4"), &[0; 16])).is_err());
        assert!(parse(file(&header.replace("(2, 2)", "(2, 2, 2)"), &[0; 64])).is_err());
        assert!(parse(file(&header.replace("(2, 2)", "(99999999999, 99999999999)"), &[0; 64])).is_err());
        assert!(parse(file(header, &[0; 16])).is_ok());
    }
}
