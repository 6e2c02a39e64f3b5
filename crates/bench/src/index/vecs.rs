//! Reading `.fvecs`, `.bvecs` and `.ivecs` files: every row has its number of components, 32 bits, before it.

use elanus_types::{Error, Result};

/// Bytes of the number before each row.
const HEAD: usize = 4;
/// More components than any vector has.
const MOST: usize = 1 << 20;

/// The rows of a file without the numbers between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// Components of a row.
    pub(super) columns: usize,
    /// The components, row after row.
    pub(super) data: Vec<u8>,
}

/// Bytes of the first `rows` rows, judged by the file's first bytes; nothing for what is not such a file.
pub(super) fn length_of(first: &[u8], width: usize, rows: usize) -> Option<u64> {
    let columns = columns(first).filter(|columns| *columns <= MOST)?;
    u64::try_from(rows.checked_mul(HEAD + columns * width)?).ok()
}

/// Reads rows of components of `width` bytes.
pub(super) fn parse(mut bytes: Vec<u8>, width: usize) -> Result<Rows> {
    let Some(columns) = columns(&bytes) else { return Err(Error::invalid("no rows")) };
    if columns == 0 || columns > MOST {
        let text = format!("begins with {columns}, expected the number of components of the first row");
        return Err(Error::invalid(text));
    }
    let (size, length) = (columns * width, bytes.len());
    if length % (HEAD + size) != 0 {
        return Err(Error::damaged(format!(
            "{length} bytes are not whole rows of {columns} components ({} bytes each): the file is cut off or of \
             another format",
            HEAD + size
        )));
    }
    let rows = length / (HEAD + size);
    for row in 0..rows {
        let start = row * (HEAD + size);
        let here = self::columns(bytes.get(start..).unwrap_or_default()).unwrap_or_default();
        if here != columns {
            return Err(Error::invalid(format!("row {row} has {here} components, row 0 has {columns}")));
        }
        // In place: a second copy of a large file might not fit beside it.
        bytes.copy_within(start + HEAD..start + HEAD + size, row * size);
    }
    bytes.truncate(rows * size);
    Ok(Rows { columns, data: bytes })
}

fn columns(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|head| u32::from_le_bytes(*head) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heads_are_checked_and_left_out() {
        let file = [2u32, 7, 8, 2, 9, 10].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
        let rows = parse(file.clone(), 4).expect("two rows");
        assert_eq!(rows.columns, 2);
        assert_eq!(rows.data, [7u32, 8, 9, 10].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
        assert_eq!(length_of(&file, 4, 1), Some(12));
        assert_eq!(parse(vec![3, 0, 0, 0, 1, 2, 3], 1).expect("a row").data, [1, 2, 3]);
        let message = |bytes: &[u8]| parse(bytes.to_vec(), 4).expect_err("wrong").message().to_owned();
        assert!(message(&file[..23]).contains("23 bytes are not whole rows of 2 components (12 bytes each)"));
        let mut other = file.clone();
        other[12] = 3;
        assert!(message(&other).contains("row 1 has 3 components, row 0 has 2"));
        assert!(message(&[0; 12]).contains("begins with 0"));
        assert!(message(&[255; 12]).contains("begins with 4294967295"));
        assert_eq!(message(&[1, 0]), "no rows");
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_an_error(head in 0u8..6, rest in prop::collection::vec(0u8..4, 0..200), width in 1usize..5) {
            let bytes = [vec![head, 0, 0, 0], rest].concat();
            if let Ok(rows) = parse(bytes.clone(), width) {
                prop_assert_eq!(rows.data.len() % (rows.columns * width), 0);
                prop_assert!(rows.data.len() < bytes.len());
            }
        }
    }
}
