//! Sparse vectors: rows of little-endian (u32 index, f32 value) pairs with ascending indices.

/// The (index, value) pairs of a row; bytes after the last whole pair are ignored.
pub fn pairs(row: &[u8]) -> impl Iterator<Item = (u32, f32)> + '_ {
    row.as_chunks::<8>().0.iter().map(|[a, b, c, d, e, f, g, h]| {
        (u32::from_le_bytes([*a, *b, *c, *d]), f32::from_le_bytes([*e, *f, *g, *h]))
    })
}

/// Inner product of two rows, both with ascending indices.
pub fn dot(a: &[u8], b: &[u8]) -> f32 {
    let (mut left, mut right) = (pairs(a), pairs(b));
    let (mut x, mut y) = (left.next(), right.next());
    let mut sum = 0.0;
    while let (Some((i, v)), Some((j, w))) = (x, y) {
        if i == j {
            sum += v * w;
        }
        if i <= j {
            x = left.next();
        }
        if j <= i {
            y = right.next();
        }
    }
    sum
}

/// Bytes of a row; the pairs must come in ascending order of index.
pub fn row(pairs: impl IntoIterator<Item = (u32, f32)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, value) in pairs {
        out.extend_from_slice(&index.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn dot_agrees_with_maps(a in prop::collection::btree_map(0u32..40, -4i8..4, 0..20), b in prop::collection::btree_map(0u32..40, -4i8..4, 0..20)) {
            let bytes = |m: &BTreeMap<u32, i8>| row(m.iter().map(|(i, v)| (*i, f32::from(*v))));
            let want: i32 = a.iter().filter_map(|(i, v)| Some(i32::from(*v) * i32::from(*b.get(i)?))).sum();
            prop_assert_eq!(dot(&bytes(&a), &bytes(&b)), want as f32);
        }
    }

    #[test]
    fn an_incomplete_pair_is_ignored() {
        let mut bytes = row([(1, 2.0), (7, 3.0)]);
        assert_eq!(dot(&bytes, &bytes), 13.0);
        bytes.pop();
        assert_eq!(pairs(&bytes).collect::<Vec<_>>(), [(1, 2.0)]);
        assert_eq!(dot(&bytes, &[]), 0.0);
    }
}
