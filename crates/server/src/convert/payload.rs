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
    values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into()
}

/// Bytes that the protocol defines as a text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| Error::invalid(format!("a text is not valid UTF-8: {error}")))
}

/// The rows of a variable-length column as slices of one buffer.
pub(crate) fn rows(offsets: &[i32], data: Vec<u8>) -> Vec<Bytes> {
    let data = Bytes::from(data);
    let row = |range: &[i32]| {
        let range = range[0] as usize..range[1] as usize;
        if range.start <= range.end && range.end <= data.len() { data.slice(range) } else { Bytes::new() }
    };
    offsets.windows(2).map(row).collect()
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
        assert!(rows(&[0], Vec::new()).is_empty());
    }
}
