//! The plain version that every processor runs.

use super::{ENTRIES, GROUP_CODES, GROUP_TABLES, ROWS};

pub(super) fn sums<const N: usize>(tables: &[u8], blocks: [&[u8]; N]) -> [[u32; ROWS]; N] {
    blocks.map(|block| block_sums(tables, block))
}

fn block_sums(tables: &[u8], block: &[u8]) -> [u32; ROWS] {
    let mut sums = [0u32; ROWS];
    for (tables, codes) in tables.chunks_exact(GROUP_TABLES).zip(block.chunks_exact(GROUP_CODES)) {
        let (first, second) = tables.split_at(GROUP_TABLES / 2);
        let tables = first.chunks_exact(ENTRIES).zip(second.chunks_exact(ENTRIES));
        for (codes, (first, second)) in codes.chunks_exact(ROWS).zip(tables) {
            for (sum, byte) in sums.iter_mut().zip(codes) {
                *sum += u32::from(first[usize::from(byte & 15)]) + u32::from(second[usize::from(byte >> 4)]);
            }
        }
    }
    sums
}
