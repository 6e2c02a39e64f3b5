//! Mixing the components of vectors so that each holds a part of all.

/// Rounds of mixing.
const ROUNDS: usize = 3;

/// A fixed random rotation: lengths and inner products stay as they are.
///
/// Each round turns random signs and applies the Walsh–Hadamard transform to the first 2ⁿ components, then to the last
/// 2ⁿ, where 2ⁿ is the largest power of two that fits (the fast transform of Ailon and Chazelle, 2009).
#[derive(Clone, Debug)]
pub struct Rotation {
    /// One byte per component, a bit per half round: whether its sign turns.
    signs: Vec<u8>,
}

impl Rotation {
    /// The rotation of `dim` components that belongs to a seed.
    pub fn new(dim: usize, seed: u64) -> Self {
        let mut state = seed;
        Self { signs: (0..dim).map(|_| (next(&mut state) >> 32) as u8).collect() }
    }

    /// Rotates a vector of `dim` components in place; others are left alone.
    pub fn apply(&self, vector: &mut [f32]) {
        let dim = self.signs.len();
        if vector.len() != dim || dim < 2 {
            return;
        }
        let part = 1 << dim.ilog2();
        for half in 0..2 * ROUNDS {
            for (value, signs) in vector.iter_mut().zip(&self.signs) {
                let sign = u32::from(signs >> half & 1) << 31;
                *value = f32::from_bits(value.to_bits() ^ sign);
            }
            match half % 2 {
                0 => hadamard(&mut vector[..part]),
                _ => hadamard(&mut vector[dim - part..]),
            }
        }
    }
}

/// The Walsh–Hadamard transform of a power of two components, scaled to keep lengths.
fn hadamard(values: &mut [f32]) {
    let mut half = 1;
    if values.len() >= 4 {
        // The first two steps at once, in registers.
        for quad in values.as_chunks_mut::<4>().0 {
            let [a, b, c, d] = *quad;
            let [a, b, c, d] = [a + b, a - b, c + d, c - d];
            *quad = [a + c, b + d, a - c, b - d];
        }
        half = 4;
    }
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (values.len() as f32).sqrt();
    values.iter_mut().for_each(|value| *value *= scale);
}

/// SplitMix64 (Steele et al., 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_inner_products_and_mixes() {
        for dim in [1usize, 2, 3, 8, 100, 384, 1000] {
            let rotation = Rotation::new(dim, 7);
            let mut random = fastrand::Rng::with_seed(dim as u64);
            let mut pair: Vec<Vec<f32>> =
                (0..2).map(|_| (0..dim).map(|_| random.f32() - 0.3).collect()).collect();
            let dot = |pair: &[Vec<f32>]| pair[0].iter().zip(&pair[1]).map(|(a, b)| a * b).sum::<f32>();
            let before = dot(&pair);
            pair.iter_mut().for_each(|vector| rotation.apply(vector));
            assert!((dot(&pair) - before).abs() <= 1e-3 * (1.0 + before.abs()), "{dim}");
            let mut one = vec![0.0; dim];
            one[0] = 1.0;
            rotation.apply(&mut one);
            let largest = one.iter().fold(0.0f32, |most, v| most.max(v.abs()));
            assert!(dim < 100 || largest < 0.35, "{dim}: {largest}");
        }
    }

    #[test]
    fn leaves_vectors_of_other_lengths_alone() {
        let mut vector = [1.0, 2.0];
        Rotation::new(3, 1).apply(&mut vector);
        assert_eq!(vector, [1.0, 2.0]);
    }
}
