//! Inputs that say what to change in a valid file: where the fuzzer could hardly build the file itself.

/// A choice from a list by the first byte of the input, and the rest of it.
pub fn chosen<'a, 'b, T>(input: &'a [u8], from: &'b [T]) -> Option<(&'b T, &'a [u8])> {
    let (first, rest) = input.split_first()?;
    Some((from.get(usize::from(*first) % from.len().max(1))?, rest))
}

/// Applies edits of five bytes: what to do, where (two bytes), a value (two bytes).
pub fn edited(bytes: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for [what, a, b, c, d] in edits.as_chunks::<5>().0 {
        let place = usize::from(u16::from_le_bytes([*a, *b]));
        let value = u16::from_le_bytes([*c, *d]);
        // From the front or from the end: heads and footers are where structure is.
        let at = if what & 0x80 == 0 { place } else { bytes.len().saturating_sub(place + 1) };
        let at = at.checked_rem(bytes.len()).unwrap_or(0);
        let mut set = |with: &[u8]| bytes.iter_mut().skip(at).zip(with).for_each(|(byte, new)| *byte = *new);
        match what & 0x7f {
            0..=63 => set(&[value as u8]),
            64..=80 => set(&value.to_le_bytes()),
            81..=95 => set(&u32::from(value).to_le_bytes()),
            96..=105 => set(&i32::from(value as i16).to_le_bytes()),
            106..=115 => set(&i64::from(value as i16).to_le_bytes()),
            116..=121 => bytes.truncate(at),
            _ => bytes.extend(std::iter::repeat_n(value as u8, usize::from(value % 300))),
        }
    }
    bytes
}

/// Inputs that choose each of `count` things and change nothing, or a little.
pub fn samples(count: usize) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(count as u64);
    let mut samples: Vec<Vec<u8>> = (0..count).map(|choice| vec![choice as u8]).collect();
    for _ in 0..20 {
        for choice in 0..count {
            let edits = 5 * random.usize(1..5);
            let edits = (0..edits).map(|_| random.u8(..));
            samples.push([choice as u8].into_iter().chain(edits).collect());
        }
    }
    samples
}
