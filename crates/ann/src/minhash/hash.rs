//! Hashes of bands. They are part of the file format.

/// Bits of a hash that are kept beside a row.
pub(super) const TAG_BITS: u32 = 16;

/// An odd number without pattern: the fraction of the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of a band's bytes.
pub(super) fn hash(band: &[u8]) -> u64 {
    let (words, rest) = band.as_chunks::<8>();
    let mut last = [0u8; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let all = words.iter().copied().chain((!rest.is_empty()).then_some(last));
    let mut hash = all.fold(band.len() as u64, |hash, word| step(hash ^ u64::from_le_bytes(word)));
    hash ^= hash >> 32;
    step(hash)
}

fn step(hash: u64) -> u64 {
    let product = u128::from(hash ^ MIX) * u128::from(MIX ^ 0xd6e8_feb8_6659_fd93);
    (product as u64) ^ (product >> 64) as u64
}

/// Where a hash lies in a table of 2^`bits` buckets: the bucket and the tag within it.
pub(super) fn place(hash: u64, bits: u32) -> (usize, u16) {
    let bits = bits.min(u64::BITS - TAG_BITS);
    let bucket = hash.checked_shr(u64::BITS - bits).unwrap_or(0);
    (bucket as usize, (hash >> (u64::BITS - TAG_BITS - bits)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_spread_over_buckets() {
        for width in [1usize, 4, 8, 12, 33] {
            let mut seen = vec![0u32; 256];
            for i in 0..2_560u32 {
                let mut band = vec![0u8; width];
                band.iter_mut().zip(i.to_le_bytes()).for_each(|(to, from)| *to = from);
                let (bucket, _) = place(hash(&band), 8);
                seen[bucket] += 1;
            }
            let distinct = if width == 1 { 256 } else { 2_560 };
            let filled = seen.iter().filter(|count| **count > 0).count();
            assert!(
                filled as f64 > 256.0 * 0.6,
                "{filled} of 256 buckets for {distinct} bands of {width} bytes"
            );
        }
    }

    #[test]
    fn bucket_and_tag_are_the_first_bits() {
        let hash = 0xabcd_1234_5678_9abc;
        assert_eq!(place(hash, 0), (0, 0xabcd));
        assert_eq!(place(hash, 8), (0xab, 0xcd12));
        assert_ne!(super::hash(&[1, 0]), super::hash(&[1, 0, 0]));
    }
}
