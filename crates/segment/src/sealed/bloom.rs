//! A filter that says quickly, from one cache line, that a key is not in a segment.
//!
//! Blocks of eight 64-bit words; a key sets one bit in each word of one block. Twelve bits a key let about one
//! absent key in two hundred through.

const WORDS: usize = 8;
const BLOCK_BYTES: usize = WORDS * 8;
const BITS_PER_KEY: usize = 12;

/// Odd constants that pick the bit of every word.
const SALTS: [u64; WORDS] = [
    0x9e37_79b9_7f4a_7c15,
    0xbf58_476d_1ce4_e5b9,
    0x94d0_49bb_1331_11eb,
    0xd6e8_feb8_6659_fd93,
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5895_54a9_3c4d_1a8f,
];

/// The filter's bytes for these key codes.
pub(super) fn build(codes: impl ExactSizeIterator<Item = i64>) -> Vec<u8> {
    let blocks = (codes.len() * BITS_PER_KEY).div_ceil(BLOCK_BYTES * 8).max(1);
    let mut words = vec![[0u64; WORDS]; blocks];
    for code in codes {
        let hash = spread(code);
        let block = &mut words[place(hash, blocks)];
        (0..WORDS).for_each(|i| block[i] |= bit(hash, i));
    }
    words.into_iter().flatten().flat_map(u64::to_le_bytes).collect()
}

/// False only when no row has the code. A filter without blocks says nothing.
pub(super) fn may_contain(filter: &[u8], code: i64) -> bool {
    let (blocks, _) = filter.as_chunks::<BLOCK_BYTES>();
    let hash = spread(code);
    let Some(block) = (!blocks.is_empty()).then(|| &blocks[place(hash, blocks.len())]) else { return true };
    let (words, _) = block.as_chunks::<8>();
    words.iter().enumerate().all(|(i, word)| u64::from_le_bytes(*word) & bit(hash, i) != 0)
}

/// Mixes neighbouring codes apart.
fn spread(code: i64) -> u64 {
    let mut x = code as u64;
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x = (x ^ (x >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

fn place(hash: u64, blocks: usize) -> usize {
    ((u128::from(hash) * blocks as u128) >> 64) as usize
}

fn bit(hash: u64, word: usize) -> u64 {
    1 << (hash.wrapping_mul(SALTS[word]) >> 58)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_key_and_few_others() {
        let filter = build((0..10_000i32).map(|i| i64::from(i) * 3));
        assert!((0..10_000).all(|i| may_contain(&filter, i * 3)));
        let wrong = (0..10_000).filter(|i| may_contain(&filter, i * 3 + 1)).count();
        assert!(wrong < 200, "{wrong} of 10000 absent keys passed");
        assert!(may_contain(&[], 5), "no filter, no claim");
        assert!(!may_contain(&build(std::iter::empty()), 5));
    }
}
