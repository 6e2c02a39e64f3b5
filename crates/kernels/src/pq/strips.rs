//! Vectors in strips of sixteen, component by component, so that many are compared with a centre at once.

/// Vectors of a strip.
pub(super) const LANES: usize = 16;

/// One component of all vectors of a strip.
pub(super) type Lane = [f32; LANES];

/// Brings vectors of `dim` floats each into strips of `dim` lanes; zeros where the last strip has fewer vectors.
pub(super) fn strips(vectors: &[f32], dim: usize) -> Vec<Lane> {
    let dim = dim.max(1);
    let mut lanes = vec![[0.0; LANES]; (vectors.len() / dim).div_ceil(LANES) * dim];
    for (strip, vectors) in lanes.chunks_exact_mut(dim).zip(vectors.chunks(dim * LANES)) {
        for (at, vector) in vectors.chunks_exact(dim).enumerate() {
            strip.iter_mut().zip(vector).for_each(|(lane, value)| lane[at] = *value);
        }
    }
    lanes
}

/// Takes off every vector of a strip the centre whose number it has.
pub(super) fn subtract(strip: &mut [Lane], centres: &[f32], numbers: &[u32; LANES]) {
    let width = strip.len();
    for (at, number) in numbers.iter().enumerate() {
        let centre = centres.get(*number as usize * width..).unwrap_or(&[]);
        strip.iter_mut().zip(centre).for_each(|(lane, centre)| lane[at] -= centre);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_lie_side_by_side() {
        let vectors: Vec<f32> = (0..17 * 3 + 2).map(|at| at as f32).collect();
        let strips = strips(&vectors, 3);
        assert_eq!(strips.len(), 6);
        for (at, value) in vectors.iter().take(17 * 3).enumerate() {
            assert_eq!(strips[at / 48 * 3 + at % 3][at / 3 % LANES], *value);
        }
        assert_eq!(strips[3][1..], [0.0; 15]);
        assert!(super::strips(&[], 0).is_empty());
    }
}
