//! Vectors from one element type to another, as little-endian bytes without alignment.

use crate::Element;
use half::{bf16, f16};

/// Appends the components of a row (or of many rows) as floats; bits become 0 and 1, lowest bit first.
pub fn decode(element: Element, row: &[u8], out: &mut Vec<f32>) {
    match element {
        Element::F32 => out.extend(row.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b))),
        Element::F16 => out.extend(row.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32())),
        Element::BF16 => out.extend(row.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32())),
        Element::I8 => out.extend(row.iter().map(|b| f32::from(*b as i8))),
        Element::Bit => {
            out.extend(row.iter().flat_map(|byte| (0..8).map(move |bit| f32::from(byte >> bit & 1))))
        }
    }
}

/// Appends floats as `element`, rounded to nearest even; integers saturate, bits are set where positive.
pub fn encode(element: Element, values: &[f32], out: &mut Vec<u8>) {
    match element {
        Element::F32 => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        Element::F16 => out.extend(values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes())),
        Element::BF16 => out.extend(values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes())),
        Element::I8 => out.extend(values.iter().map(|v| v.round_ties_even() as i8 as u8)),
        Element::Bit => out.extend(values.chunks(8).map(|eight| {
            eight.iter().enumerate().fold(0u8, |byte, (bit, v)| byte | u8::from(*v > 0.0) << bit)
        })),
    }
}

/// Converts raw rows from one element type to another.
pub fn convert(from: Element, to: Element, rows: &[u8]) -> Vec<u8> {
    let mut floats = Vec::new();
    decode(from, rows, &mut floats);
    let mut out = Vec::with_capacity(to.width(floats.len()));
    encode(to, &floats, &mut out);
    out
}

/// Little-endian bytes of floats.
pub fn f32_bytes(values: &[f32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() * 4);
    encode(Element::F32, values, &mut out);
    out
}

/// The position of the first component that is NaN or infinite.
pub fn first_not_finite(element: Element, rows: &[u8]) -> Option<usize> {
    match element {
        Element::F32 => {
            rows.as_chunks().0.iter().position(|b| u32::from_le_bytes(*b) & 0x7f80_0000 == 0x7f80_0000)
        }
        Element::F16 => rows.as_chunks().0.iter().position(|b| u16::from_le_bytes(*b) & 0x7c00 == 0x7c00),
        Element::BF16 => rows.as_chunks().0.iter().position(|b| u16::from_le_bytes(*b) & 0x7f80 == 0x7f80),
        Element::I8 | Element::Bit => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_round_trips() {
        let values = [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
        for element in Element::ALL {
            let mut bytes = Vec::new();
            encode(element, &values, &mut bytes);
            assert_eq!(bytes.len(), element.width(values.len()));
            let mut back = Vec::new();
            decode(element, &bytes, &mut back);
            assert_eq!(back, values, "{}", element.name());
        }
    }

    #[test]
    fn integers_saturate_and_halves_round() {
        let mut out = Vec::new();
        encode(Element::I8, &[300.0, -300.0, 1.5, f32::NAN], &mut out);
        assert_eq!(out, [127, 128, 2, 0]);
        assert_eq!(
            convert(Element::F32, Element::F16, &f32_bytes(&[65504.0])),
            f16::from_f32(65504.0).to_le_bytes()
        );
    }

    #[test]
    fn finds_what_is_not_finite() {
        for element in [Element::F32, Element::F16, Element::BF16] {
            let mut rows = Vec::new();
            encode(element, &[1.0, -0.0, f32::INFINITY, f32::NAN], &mut rows);
            assert_eq!(first_not_finite(element, &rows), Some(2));
            assert_eq!(first_not_finite(element, &rows[..element.width(2)]), None);
        }
    }
}
