use super::*;
use proptest::prelude::*;

fn bytes(random: &mut fastrand::Rng, len: usize, least: i8) -> Vec<u8> {
    (0..len).map(|_| random.i8(least..=127) as u8).collect()
}

/// The versions of all levels, and whether they take every byte.
fn versions() -> impl Iterator<Item = (CodeDot, &'static str, bool)> {
    let any = Level::supported().map(|level| (CodeDot::any_bytes_at(level), level.name(), true));
    Level::supported().map(|level| (CodeDot::at(level), level.name(), false)).chain(any)
}

proptest! {
    #[test]
    fn versions_agree(len in 0usize..300, rows in prop::collection::vec(0u32..12, 0..20), seed: u64, shift in 0usize..3) {
        let mut random = fastrand::Rng::with_seed(seed);
        for (version, name, any) in versions() {
            let least = if any { -128 } else { -127 };
            let query = bytes(&mut random, len, least);
            let block = bytes(&mut random, len * 10 + shift, least);
            let (mut fast, mut plain) = (vec![7], Vec::new());
            version.dots(&query, &block[shift..], &rows, &mut fast);
            CodeDot::scalar().dots(&query, &block[shift..], &rows, &mut plain);
            prop_assert_eq!(&fast, &plain, "{}", name);
            let singles: Vec<i32> =
                rows.iter().map(|row| version.dot(&query, code(&block[shift..], len, *row))).collect();
            prop_assert_eq!(singles, plain, "{}", name);
        }
    }

    #[test]
    fn quantizing_keeps_components_within_half_a_step(vector in prop::collection::vec(-9f32..9.0, 1..100)) {
        let mut out = vec![1];
        let scale = quantize(&vector, &mut out);
        prop_assert_eq!(out.len(), 1 + stride(vector.len()));
        for (value, byte) in vector.iter().zip(&out[1..]) {
            let back = f32::from(*byte as i8) * scale;
            prop_assert!((value - back).abs() <= scale * 0.501, "{} as {}", value, back);
        }
    }
}

#[test]
fn extreme_codes_do_not_overflow() {
    for (a, b) in [(127i8, 127i8), (127, -127), (-127, -127)] {
        let (a, b) = (vec![a as u8; 64], vec![b as u8; 64 * 4]);
        for (version, name, _) in versions() {
            let mut fast = Vec::new();
            version.dots(&a, &b, &[0, 1, 2, 3], &mut fast);
            assert_eq!(fast, vec![64 * i32::from(a[0] as i8) * i32::from(b[0] as i8); 4], "{name}");
        }
    }
}

#[test]
fn vectors_without_a_scale_become_zeros() {
    for vector in [[0.0, -0.0], [f32::NAN, 0.0], [f32::INFINITY, 1.0], [1e-45, 0.0]] {
        let mut out = Vec::new();
        assert_eq!(quantize(&vector, &mut out), 0.0);
        assert_eq!(out, vec![0; 32]);
    }
}
