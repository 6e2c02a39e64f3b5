use super::*;
use crate::pq::strips::strips;

#[test]
fn finds_the_nearest_and_the_first_among_equals() {
    let mut random = fastrand::Rng::with_seed(1);
    for (width, count) in [(1, 1), (2, 16), (3, 17), (4, 16), (8, 256), (5, 100)] {
        // Few different values, for ties; then any.
        for whole in [true, false] {
            let mut value = || if whole { f32::from(random.i8(-3..=3)) } else { random.f32() * 2.0 - 1.0 };
            let centres: Vec<f32> = (0..width * count).map(|_| value()).collect();
            let vectors: Vec<f32> = (0..width * LANES).map(|_| value()).collect();
            let strip = strips(&vectors, width);
            for level in Level::supported() {
                let found = nearest(level, &strip, &centres);
                for (lane, vector) in vectors.chunks_exact(width).enumerate() {
                    let square = |centre: &[f32]| {
                        centre.iter().zip(vector).map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
                    };
                    let squares: Vec<f32> = centres.chunks_exact(width).map(square).collect();
                    let want = (0..count).min_by(|a, b| squares[*a].total_cmp(&squares[*b])).unwrap_or(0);
                    assert_eq!((found.numbers[lane] as usize, found.squares[lane]), (want, squares[want]));
                }
            }
        }
    }
}

#[test]
fn odd_input_is_no_trouble() {
    for level in Level::supported() {
        let found = nearest(level, &[[f32::NAN; LANES]], &[1.0, 2.0]);
        assert_eq!((found.numbers, found.squares), ([0; LANES], [f32::INFINITY; LANES]));
        assert_eq!(nearest(level, &[], &[]).numbers, [0; LANES]);
        assert_eq!(nearest(level, &[[0.0; LANES]; 2], &[]).numbers, [0; LANES]);
    }
}
