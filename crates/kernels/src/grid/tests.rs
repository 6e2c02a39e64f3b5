use super::*;
use crate::code::quantize;
use proptest::prelude::*;

fn vector(random: &mut fastrand::Rng, dim: usize) -> Vec<f32> {
    (0..dim).map(|_| random.f32() * 2.0 - 1.0 + random.f32() - 0.5).collect()
}

proptest! {
    #[test]
    fn versions_agree(bits in 1usize..=8, dim in 1usize..200, rows in prop::collection::vec(0u32..12, 0..20), seed: u64, shift in 0usize..3) {
        let mut random = fastrand::Rng::with_seed(seed);
        let layout = Layout::new(bits, dim);
        let query: Vec<u8> = (0..layout.query_width()).map(|_| random.i8(-127..=127) as u8).collect();
        let codes: Vec<u8> = (0..layout.width() * 10 + shift).map(|_| random.u8(..)).collect();
        let mut plain = Vec::new();
        GridDot::at(Level::Scalar).dots(&layout, &query, &codes[shift..], &rows, &mut plain);
        for level in Level::supported() {
            let (version, name) = (GridDot::at(level), level.name());
            let mut fast = vec![7];
            version.dots(&layout, &query, &codes[shift..], &rows, &mut fast);
            prop_assert_eq!(&fast, &plain, "{} with {} bits", name, bits);
            version.dots(&layout, &query[1..], &codes, &rows, &mut fast);
            prop_assert_eq!(&fast, &vec![0; rows.len()]);
        }
    }

    #[test]
    fn numbers_come_back_and_scales_fit(bits in 1usize..=8, dim in 1usize..200, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let (layout, vector) = (Layout::new(bits, dim), vector(&mut random, dim));
        let (mut numbers, mut code) = (Vec::new(), vec![9; layout.width()]);
        let scale = encode(&layout, &vector, &mut numbers, &mut code);
        for (at, number) in numbers.iter().enumerate() {
            let block = &code[at / BLOCK * layout.block()..];
            prop_assert_eq!(scalar::number(&layout, block, at % BLOCK), *number);
        }
        let along: f32 = numbers.iter().zip(&vector).map(|(u, v)| (f32::from(*u) - layout.middle()) * v).sum();
        let square: f32 = vector.iter().map(|v| v * v).sum();
        prop_assert!((along * scale - square).abs() <= 1e-3 * square);
    }
}

/// The mean error of inner products, relative to the lengths.
fn error(bits: usize, dim: usize) -> f32 {
    let mut random = fastrand::Rng::with_seed(5);
    let layout = Layout::new(bits, dim);
    let mut sum = 0.0;
    for _ in 0..50 {
        let (v, q) = (vector(&mut random, dim), vector(&mut random, dim));
        let (mut numbers, mut code, mut query) = (Vec::new(), vec![0; layout.width()], Vec::new());
        let scale = encode(&layout, &v, &mut numbers, &mut code);
        let step = quantize(&q, &mut query);
        query.resize(layout.query_width(), 0);
        let mut dots = Vec::new();
        GridDot::new().dots(&layout, &query, &code, &[0], &mut dots);
        let total: i32 = query.iter().map(|q| i32::from(*q as i8)).sum();
        let estimate = scale * step * (dots[0] as f32 - layout.middle() * total as f32);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        sum += (estimate - dot(&v, &q)).abs() / (dot(&v, &v) * dot(&q, &q)).sqrt();
    }
    sum / 50.0
}

#[test]
fn every_bit_makes_estimates_better() {
    let errors: Vec<f32> = (1..=8).map(|bits| error(bits, 256)).collect();
    assert!(errors.windows(2).all(|pair| pair[1] < pair[0]), "{errors:?}");
    assert!(errors[0] < 0.05 && errors[3] < 0.006 && errors[7] < 0.002, "{errors:?}");
}

#[test]
fn vectors_without_a_direction_have_no_scale() {
    for vector in [[0.0, -0.0], [f32::NAN, 0.0], [f32::INFINITY, 1.0], [1e-30, 0.0]] {
        for bits in 1..=8 {
            let layout = Layout::new(bits, 2);
            let mut code = vec![0; layout.width()];
            assert_eq!(encode(&layout, &vector, &mut Vec::new(), &mut code), 0.0);
        }
    }
}
