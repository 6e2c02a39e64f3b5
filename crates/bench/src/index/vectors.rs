//! Vectors and neighbours from files, by the ending of the name.

use super::vecs;
use crate::npy::{self, Kind};
use bytes::Bytes;
use elanus_ann::VectorsView;
use elanus_kernels::{Element, convert};
use elanus_types::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Vectors of one width.
#[derive(Clone, Debug)]
pub(super) struct Vectors {
    pub(super) element: Element,
    pub(super) dim: usize,
    pub(super) rows: usize,
    data: Bytes,
}

impl Vectors {
    fn new(element: Element, dim: usize, rows: usize, data: Bytes) -> Self {
        Self { element, dim, rows, data }
    }

    pub(super) fn view(&self) -> VectorsView<'_> {
        VectorsView::new(self.element, self.dim, &self.data)
    }

    /// The same as other elements.
    pub(super) fn into_element(self, element: Element) -> Self {
        match self.element == element {
            true => self,
            false => {
                let data = convert::convert(self.element, element, &self.data);
                Self::new(element, self.dim, self.rows, data.into())
            }
        }
    }
}

/// Reads vectors, at most `limit` of them.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vectors> {
    let vectors = match ending(path) {
        "npy" => of_array(npy::read(path)?.head(limit)),
        "fvecs" => of_rows(path, limit, 4),
        "bvecs" => of_rows(path, limit, 1),
        _ => Err(Error::invalid("expected vectors in a file named .npy, .fvecs or .bvecs")),
    };
    let shown = path.display();
    vectors.and_then(checked).map_err(|error| error.context(shown))
}

fn of_array(array: npy::Array) -> Result<Vectors> {
    let (dim, rows) = (array.columns, array.rows);
    Ok(match array.kind {
        Kind::F16 => Vectors::new(Element::F16, dim, rows, array.data),
        Kind::F32 => Vectors::new(Element::F32, dim, rows, array.data),
        Kind::I8 => Vectors::new(Element::I8, dim, rows, array.data),
        Kind::U8 => Vectors::new(Element::F32, dim, rows, floats(&array.data)),
        Kind::I32 | Kind::U32 | Kind::I64 => {
            return Err(Error::invalid("expected vectors of floats or bytes, these are longer integers"));
        }
    })
}

fn of_rows(path: &Path, limit: usize, width: usize) -> Result<Vectors> {
    let vecs::Rows { columns, data } = vecs::parse(bytes(path, limit, width)?, width)?;
    let data = if width == 1 { floats(&data) } else { data.into() };
    let rows = data.len() / columns.max(1) / 4;
    Ok(Vectors::new(Element::F32, columns, rows, data))
}

/// Unsigned bytes as floats: no element type of the database holds them.
fn floats(bytes: &[u8]) -> Bytes {
    bytes.iter().flat_map(|byte| f32::from(*byte).to_le_bytes()).collect()
}

fn checked(vectors: Vectors) -> Result<Vectors> {
    if vectors.rows == 0 || vectors.dim == 0 {
        let (rows, dim) = (vectors.rows, vectors.dim);
        return Err(Error::invalid(format!("{rows} rows of {dim} components: there is nothing to measure")));
    }
    match convert::first_not_finite(vectors.element, &vectors.data) {
        None => Ok(vectors),
        Some(at) => {
            let (row, component) = (at / vectors.dim, at % vectors.dim);
            Err(Error::invalid(format!("component {component} of row {row} is not a finite number")))
        }
    }
}

/// Reads row numbers.
pub(super) fn read_ids(path: &Path) -> Result<Vec<Vec<i64>>> {
    let ids = match ending(path) {
        "npy" => npy::read(path)?.integers(),
        "ivecs" => bytes(path, usize::MAX, 4).and_then(|bytes| vecs::parse(bytes, 4)).map(integers),
        _ => Err(Error::invalid("expected row numbers in a file named .npy or .ivecs")),
    };
    ids.map_err(|error| error.context(path.display()))
}

fn integers(rows: vecs::Rows) -> Vec<Vec<i64>> {
    let row =
        |row: &[u8]| row.as_chunks().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect();
    rows.data.chunks_exact(rows.columns * 4).map(row).collect()
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// The bytes of a file's first rows; the rest of it is not read.
fn bytes(path: &Path, limit: usize, width: usize) -> Result<Vec<u8>> {
    let failed = |error| Error::io("reading", &error);
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(failed)?;
    (&mut file).take(4).read_to_end(&mut bytes).map_err(failed)?;
    let length = vecs::length_of(&bytes, width, limit).unwrap_or(u64::MAX);
    file.take(length.saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("elanus-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("writes");
        path
    }

    fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u32).to_le_bytes();
        [b"\x93NUMPY\x03\x00".as_slice(), &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn formats_agree() {
        let floats: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let fvecs = [&[2, 0, 0, 0], &floats[..8], &[2, 0, 0, 0], &floats[8..]].concat();
        let files = [
            saved("a.npy", &npy("<f4", "(2, 2)", &floats)),
            saved("a.fvecs", &fvecs),
            saved("a.bvecs", &[2, 0, 0, 0, 1, 2, 2, 0, 0, 0, 3, 4]),
            saved("b.npy", &npy("|u1", "(2, 2)", &[1, 2, 3, 4])),
        ];
        for file in files {
            let vectors = read(&file, usize::MAX).expect("reads");
            assert_eq!(
                (vectors.rows, vectors.dim, &vectors.data[..]),
                (2, 2, &floats[..]),
                "{}",
                file.display()
            );
            let one = read(&file, 1).expect("reads");
            assert_eq!((one.rows, &one.data[..]), (1, &floats[..8]));
        }
        let signed = read(&saved("c.npy", &npy("|i1", "(1, 2)", &[255, 1])), 9).expect("reads");
        assert_eq!((signed.element, signed.into_element(Element::F32).view().row(0)[3]), (Element::I8, 0xbf));
        let ids = [vec![2, 0, 0, 0], [7i32, -1].iter().flat_map(|x| x.to_le_bytes()).collect()].concat();
        assert_eq!(read_ids(&saved("a.ivecs", &ids)), Ok(vec![vec![7, -1]]));
    }

    #[test]
    fn wrong_files_are_named_with_what_was_expected() {
        let nan = npy("<f4", "(1, 2)", &[0, 0, 0, 0, 0, 0, 0xc0, 0x7f]);
        for (name, bytes, text) in [
            ("a.txt", vec![], "expected vectors in a file named .npy, .fvecs or .bvecs"),
            ("zero.npy", npy("<f4", "(0, 4)", &[]), "0 rows of 4 components"),
            ("flat.npy", npy("<f4", "(4, 0)", &[]), "4 rows of 0 components"),
            ("nan.npy", nan, "component 1 of row 0 is not a finite number"),
            ("long.npy", npy("<i8", "(1, 1)", &[0; 8]), "these are longer integers"),
            ("cut.npy", npy("<f4", "(2, 2)", &[0; 12]), "shorter than its shape of 2 x 2"),
            ("huge.npy", [b"\x93NUMPY\x02\x00".as_slice(), &[255; 9]].concat(), "not an .npy file"),
            ("cut.fvecs", vec![1, 0, 0, 0, 0, 0], "cut off"),
            ("empty.bvecs", vec![], "no rows"),
        ] {
            let path = saved(name, &bytes);
            let error = read(&path, usize::MAX).expect_err(name);
            assert!(error.message().contains(text) && error.message().contains(name), "{name}: {error}");
        }
        let error = read_ids(&saved("floats.npy", &npy("<f4", "(1, 1)", &[0; 4]))).expect_err("floats");
        assert!(error.message().contains("floats.npy: expected integers"), "{error}");
        assert!(read(Path::new("/nonexistent/x.fvecs"), 1).is_err_and(|e| e.message().contains("x.fvecs")));
    }
}
