use super::*;
use crate::convert::{decode, encode};
use proptest::prelude::*;

/// The definition, in double precision over decoded floats.
fn definition(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let pairs = || a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let sum = |f: fn(f64, f64) -> f64| pairs().map(|(x, y)| f(x, y)).sum::<f64>();
    match metric {
        Metric::L2 => sum(|x, y| (x - y) * (x - y)),
        Metric::Ip => -sum(|x, y| x * y),
        Metric::Cosine => {
            let norms = (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt();
            if norms == 0.0 { 0.0 } else { -sum(|x, y| x * y) / norms }
        }
        Metric::Hamming => sum(|x, y| (x - y).abs()),
        Metric::Jaccard => {
            let any = sum(f64::max);
            if any == 0.0 { 1.0 } else { 1.0 - sum(|x, y| x * y) / any }
        }
        Metric::MhJaccard(slots) => {
            let slot = |row: &[f32]| row.chunks(slots.bits()).map(<[f32]>::to_vec).collect::<Vec<_>>();
            let (a, b) = (slot(a), slot(b));
            -(a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64) / a.len() as f64
        }
    }
}

fn rows(element: Element, dim: usize, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let scale = if element == Element::I8 { 127.0 } else { 1.0 };
    let mut row = || {
        let values: Vec<f32> = (0..dim).map(|_| (random.f32() * 2.0 - 1.0) * scale).collect();
        let mut bytes = Vec::new();
        encode(element, &values, &mut bytes);
        bytes
    };
    (row(), row())
}

/// `row` at an odd address, with rubbish on both sides.
fn shifted(row: &[u8], by: usize) -> Vec<u8> {
    [vec![0xff; by], row.to_vec(), vec![0xff; 40]].concat()
}

/// The versions of all levels that this processor has.
fn levels(metric: Metric, element: Element, dim: usize) -> impl Iterator<Item = (Level, Distance)> {
    let at = move |level| Some((level, Distance::at(level, metric, element, dim)?));
    Level::supported().filter_map(at)
}

/// A level that the processor has must be tested: on a processor with AVX2 the tests of this crate run more than the plain
/// versions, and this test says which.
#[test]
fn levels_of_the_processor_are_tested() {
    let run: Vec<&str> = levels(Metric::L2, Element::F32, 8).map(|(level, _)| level.name()).collect();
    println!("levels tested: {}; used: {}", run.join(", "), Level::chosen().name());
    assert_eq!(run.first(), Some(&"scalar"));
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        assert_eq!(run.contains(&"avx2"), has_avx2);
        assert_eq!(run.contains(&"avx512"), has_avx2 && is_x86_feature_detected!("avx512vpopcntdq"));
    }
    #[cfg(target_arch = "aarch64")]
    assert_eq!(run.contains(&"neon"), std::arch::is_aarch64_feature_detected!("neon"));
    // Every level has a function of its own for every operation; slots are compared alike on all.
    let by_level = Metric::ALL.into_iter().filter(|metric| metric.slots().is_none());
    for (metric, element) in by_level.flat_map(|m| Element::ALL.map(|e| (m, e))) {
        let mut all: Vec<String> =
            levels(metric, element, 8).map(|(_, distance)| format!("{:?}", distance.kernel)).collect();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "{metric} {element:?}");
    }
}

proptest! {
    #[test]
    fn odd_values_come_out_alike(dim in 1usize..300, seed: u64, shift in 0usize..40) {
        const ODD: [f32; 6] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e-40];
        for element in [Element::F32, Element::F16, Element::BF16] {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut row = || {
                let mut values: Vec<f32> = (0..dim).map(|_| random.f32() * 2.0 - 1.0).collect();
                for _ in 0..random.usize(0..3) {
                    values[random.usize(0..dim)] = ODD[random.usize(0..ODD.len())];
                }
                let mut bytes = Vec::new();
                encode(element, &values, &mut bytes);
                bytes
            };
            let (a, b) = (row(), row());
            let far = shifted(&b, shift);
            for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
                let want = Distance::scalar(metric, element, dim).expect("legal pair").key(&a, &b);
                for (level, distance) in levels(metric, element, dim) {
                    let got = distance.key(&a, &far[shift..shift + b.len()]);
                    let near = want.is_finite() && (got - want).abs() <= 1e-4 * (1.0 + want.abs());
                    prop_assert!(got == want || near, "{level:?} {metric} {element:?}: {got} for {want}");
                }
            }
        }
    }

    #[test]
    fn all_versions_follow_the_definition(dim in 1usize..300, seed: u64, shift in 0usize..40) {
        for element in Element::ALL {
            let (a, b) = rows(element, dim, seed);
            let (mut x, mut y) = (Vec::new(), Vec::new());
            decode(element, &a, &mut x);
            decode(element, &b, &mut y);
            let far = shifted(&b, shift);
            for metric in Metric::ALL {
                if Distance::new(metric, element, dim).is_none() {
                    continue;
                }
                let want = definition(metric, &x, &y);
                let slack = 1e-5 * definition(Metric::L2, &x, &y.iter().map(|v| -v).collect::<Vec<_>>()).max(1.0);
                for (level, distance) in levels(metric, element, dim) {
                    let got = distance.key(&a, &far[shift..shift + b.len()]);
                    prop_assert!((f64::from(got) - want).abs() <= slack, "{level:?} {metric} {element:?}: {got} for {want}");
                    let mut many = Vec::new();
                    distance.keys(&a, &[&b[..], &a[..], &b[..]].concat(), &mut many);
                    prop_assert_eq!(many, vec![distance.key(&a, &b), distance.key(&a, &a), got], "{:?}", level);
                }
            }
        }
    }
}

#[test]
fn only_fitting_pairs_exist() {
    for element in Element::ALL {
        for metric in Metric::ALL {
            let bits = matches!(metric, Metric::Hamming | Metric::Jaccard | Metric::MhJaccard(_));
            let fits = bits == (element == Element::Bit);
            assert_eq!(Distance::new(metric, element, 8).is_some(), fits, "{metric} {element:?}");
        }
        assert!(Distance::new(Metric::L2, element, 0).is_none());
    }
    assert!(Distance::new(Metric::L2, Element::F32, MAX_DIM + 1).is_none());
}

#[test]
fn bytes_do_not_overflow() {
    let (low, high) = (vec![0x80u8; MAX_DIM], vec![0x7fu8; MAX_DIM]);
    for level in Level::supported() {
        let key = |metric: Metric, a: &[u8], b: &[u8]| {
            Distance::at(level, metric, Element::I8, MAX_DIM).expect("legal pair").key(a, b)
        };
        assert_eq!(key(Metric::L2, &low, &high), (255.0f64 * 255.0 * MAX_DIM as f64) as f32);
        assert_eq!(key(Metric::Ip, &low, &low), (-128.0f64 * 128.0 * MAX_DIM as f64) as f32);
        assert_eq!(key(Metric::Ip, &low, &high), (128.0f64 * 127.0 * MAX_DIM as f64) as f32);
        assert_eq!(key(Metric::Cosine, &low, &low), -1.0);
    }
}

#[test]
fn odd_values_have_defined_keys() {
    for element in [Element::F32, Element::F16, Element::BF16] {
        for dim in [1, 7, 8, 33, 100] {
            let row = |value: f32| {
                let mut bytes = Vec::new();
                encode(element, &vec![value; dim], &mut bytes);
                bytes
            };
            let key = |metric, a: f32, b: f32| {
                let plain = Distance::scalar(metric, element, dim).expect("legal pair").key(&row(a), &row(b));
                for (level, distance) in levels(metric, element, dim) {
                    assert_eq!(
                        distance.key(&row(a), &row(b)),
                        plain,
                        "{level:?} {metric} {element:?} {a} {b}"
                    );
                }
                plain
            };
            for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
                assert_eq!(key(metric, f32::NAN, 1.0), f32::INFINITY);
                assert_eq!(key(metric, 0.0, -0.0), 0.0);
            }
            assert_eq!(key(Metric::Cosine, 0.0, 1.0), 0.0);
            assert_eq!(key(Metric::L2, f32::INFINITY, f32::INFINITY), f32::INFINITY);
        }
    }
}

#[test]
fn cosine_survives_tiny_and_huge_norms() {
    for (level, distance) in levels(Metric::Cosine, Element::F32, 9) {
        for scale in [1e-38f32, 1e-25, 1e25, 3e38] {
            let row = crate::convert::f32_bytes(&[scale; 9]);
            assert_eq!(distance.key(&row, &row), -1.0, "{level:?} {scale}");
        }
    }
}

#[test]
fn a_row_of_the_wrong_width_is_infinitely_far() {
    let distance = Distance::new(Metric::L2, Element::F32, 2).expect("legal pair");
    assert_eq!(distance.key(&[0; 8], &[0; 7]), f32::INFINITY);
    assert_eq!(distance.key(&[], &[0; 8]), f32::INFINITY);
    let mut keys = Vec::new();
    distance.keys(&[0; 4], &[0; 17], &mut keys);
    assert_eq!(keys, [f32::INFINITY; 2]);
}
