//! The two payloads that our messages carry as plain bytes: packed floats and texts.

use bytes::Bytes;
use elanus_types::{Error, Result};

/// Packed little-endian floats as numbers.
pub(crate) fn floats_in(data: &[u8]) -> Result<Vec<f32>> {
    let (chunks, rest) = data.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Error::invalid(format!("{} bytes are not a whole number of 32-bit floats", data.len())));
    }
    Ok(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect())
}

/// Numbers as packed little-endian floats.
pub(crate) fn floats_out(values: &[f32]) -> Bytes {
    let mut data = Vec::with_capacity(values.len() * 4);
    values.iter().for_each(|value| data.extend_from_slice(&value.to_le_bytes()));
    data.into()
}

/// Bytes that the protocol defines as a text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| Error::invalid(format!("a text is not valid UTF-8: {error}")))
}

/// The rows of a variable-length column as slices of one buffer.
pub(crate) fn rows(offsets: &[i32], data: Vec<u8>) -> Vec<Bytes> {
    let data = Bytes::from(data);
    offsets.windows(2).map(|range| data.slice(span(range, data.len()))).collect()
}

/// The span between two neighbouring offsets, empty where they do not lie in `0..=len`.
pub(crate) fn span(offsets: &[i32], len: usize) -> std::ops::Range<usize> {
    let [start, end] = offsets else { return 0..0 };
    match (usize::try_from(*start), usize::try_from(*end)) {
        (Ok(start), Ok(end)) if start <= end && end <= len => start..end,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_travel_unchanged() {
        let values = [0.0, -1.5, f32::MIN_POSITIVE, f32::INFINITY];
        assert_eq!(floats_in(&floats_out(&values)).unwrap(), values);
        assert!(floats_in(&[1, 2, 3]).is_err());
    }

    #[test]
    fn rows_are_cut_at_offsets() {
        assert_eq!(rows(&[0, 2, 2, 3], b"abc".to_vec()), ["ab", "", "c"]);
        assert_eq!(rows(&[0, 9, -1], b"abc".to_vec()), ["", ""], "offsets out of range cut nothing");
        assert!(rows(&[0], Vec::new()).is_empty());
    }
}
