//! Sums of table entries.

use super::Shape;
use crate::prefetch;

/// Rows ahead of the one computed that are asked for.
const AHEAD: usize = 4;
/// Cache lines asked for per code.
const LINES: usize = 8;

pub(super) fn dots(shape: &Shape, table: &[f32], codes: &[u8], rows: &[u32], out: &mut Vec<f32>) {
    let width = shape.width();
    let code = |row: u32| {
        let start = row as usize * width;
        codes.get(start..start + width).unwrap_or(&[])
    };
    let each = shape.centres();
    for (at, row) in rows.iter().enumerate() {
        if let Some(later) = rows.get(at + AHEAD) {
            prefetch(code(*later), LINES);
        }
        let code = code(*row);
        out.push(match shape.bits {
            0..=4 => halves(shape, table, code),
            8 => whole(table, code),
            5..=8 => {
                sum(table.chunks_exact(each).zip(code).map(|(table, number)| entry(table, *number as usize)))
            }
            _ => {
                let numbers = code.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
                sum(table
                    .chunks_exact(each)
                    .zip(numbers)
                    .map(|(table, number)| entry(table, number as usize)))
            }
        });
    }
}

/// An entry; damaged codes may name one that does not exist.
#[inline(always)]
fn entry(table: &[f32], number: usize) -> f32 {
    table.get(number).copied().unwrap_or(0.0)
}

/// Tables of 256 entries: there is one for every byte. Adds up in the order of [`sum`].
#[inline(always)]
fn whole(table: &[f32], code: &[u8]) -> f32 {
    let (tables, last) = table.as_chunks::<256>().0.as_chunks::<4>();
    let (numbers, odd) = code.as_chunks::<4>();
    let mut lanes = [0.0f32; 4];
    for (tables, numbers) in tables.iter().zip(numbers) {
        for ((lane, table), number) in lanes.iter_mut().zip(tables).zip(numbers) {
            *lane += table[usize::from(*number)];
        }
    }
    for ((lane, table), number) in lanes.iter_mut().zip(last).zip(odd) {
        *lane += table[usize::from(*number)];
    }
    lanes[0] + lanes[1] + (lanes[2] + lanes[3])
}

#[inline(always)]
fn halves(shape: &Shape, table: &[f32], code: &[u8]) -> f32 {
    let each = shape.centres();
    let pairs = table.chunks_exact(2 * each);
    let last = pairs.remainder();
    let both = |(tables, byte): (&[f32], &u8)| {
        let (low, high) = tables.split_at(each);
        entry(low, usize::from(byte & 15)) + entry(high, usize::from(byte >> 4))
    };
    let odd = match code.last() {
        Some(byte) if !last.is_empty() => entry(last, usize::from(byte & 15)),
        _ => 0.0,
    };
    sum(pairs.zip(code).map(both)) + odd
}

/// A sum over four lanes, so that additions need not wait for each other.
#[inline(always)]
fn sum(values: impl Iterator<Item = f32>) -> f32 {
    let mut lanes = [0.0f32; 4];
    values.enumerate().for_each(|(at, value)| lanes[at % 4] += value);
    lanes[0] + lanes[1] + (lanes[2] + lanes[3])
}
