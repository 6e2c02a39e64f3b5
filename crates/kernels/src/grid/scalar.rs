//! The version that every processor runs, and what the others are compared with.

use super::{BLOCK, Layout, code};

pub(super) fn dots(layout: &Layout, query: &[u8], codes: &[u8], rows: &[u32], out: &mut Vec<i32>) {
    out.extend(rows.iter().map(|row| dot(layout, query, code(codes, layout.width(), *row))));
}

pub(super) fn dot(layout: &Layout, query: &[u8], code: &[u8]) -> i32 {
    let blocks = code.chunks_exact(layout.block()).zip(query.chunks_exact(BLOCK));
    blocks.map(|(block, query)| (0..BLOCK).map(|at| product(layout, block, query, at)).sum::<i32>()).sum()
}

fn product(layout: &Layout, block: &[u8], query: &[u8], at: usize) -> i32 {
    i32::from(number(layout, block, at)) * i32::from(query[at] as i8)
}

/// The number of component `at` of a block.
pub(super) fn number(layout: &Layout, block: &[u8], at: usize) -> u8 {
    let (nibbles, planes) = layout.parts();
    let mut number = 0;
    for part in 0..nibbles {
        let byte = block[part * 32 + at % 32];
        number = number << 4 | if at < 32 { byte & 15 } else { byte >> 4 };
    }
    for plane in 0..planes {
        number = number << 1 | block[nibbles * 32 + plane * 8 + at / 8] >> (at % 8) & 1;
    }
    number
}
