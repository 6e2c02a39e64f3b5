use super::*;
use crate::convert::{decode, encode};
use crate::{CodeDot, code};
use proptest::prelude::*;

fn numbers(random: &mut fastrand::Rng, element: Element, dim: usize) -> Vec<u8> {
    let scale = if element == Element::I8 { 127.0 } else { 1.0 };
    let values: Vec<f32> = (0..dim).map(|_| (random.f32() * 2.0 - 1.0) * scale).collect();
    let mut bytes = Vec::new();
    encode(element, &values, &mut bytes);
    bytes
}

/// The sum as kernels without fused operations make it, and what rounding may add to it.
fn plain(element: Element, a: &[u8], b: &[u8]) -> (f32, f32) {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    decode(element, a, &mut x);
    decode(element, b, &mut y);
    let sum = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    let size: f32 = x.iter().zip(&y).map(|(x, y)| (x * y).abs()).sum();
    (sum, size * (x.len() as f32 + 2.0) * f32::EPSILON)
}

fn slices(vectors: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    vectors.iter().map(Vec::as_slice)
}

proptest! {
    #[test]
    fn floats_are_the_dot_products(dim in 1usize..120, queries in 1usize..13, rows in 1usize..33, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        for element in Element::ALL.into_iter().filter(|element| *element != Element::Bit) {
            let mut some = |count| (0..count).map(|_| numbers(&mut random, element, dim)).collect::<Vec<_>>();
            let (queries, rows) = (some(queries), some(rows));
            for level in Level::supported() {
                let block = Block::<Numbers>::at(level);
                let (mut tile, mut panel) = (vec![7], vec![7]);
                block.query_packer(element, dim).pack(slices(&queries), &mut tile);
                block.row_packer(element, dim).pack(slices(&rows), &mut panel);
                let mut out = vec![f32::NAN; block.queries() * block.rows()];
                block.dots(&tile[1..], &panel[1..], &mut out);
                for (query, dots) in queries.iter().zip(out.chunks_exact(block.rows())) {
                    for (row, dot) in rows.iter().zip(dots) {
                        let (want, slack) = plain(element, query, row);
                        prop_assert!((dot - want).abs() <= slack, "{level:?} {element:?}: {dot} for {want}");
                    }
                    prop_assert!(dots.iter().skip(rows.len()).all(|dot| *dot == 0.0));
                }
            }
        }
    }

    #[test]
    fn codes_are_exact(len in 0usize..200, queries in 1usize..13, rows in 1usize..33, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut some = |count| -> Vec<Vec<u8>> {
            (0..count).map(|_| (0..len).map(|_| random.u8(..)).collect()).collect()
        };
        let (queries, rows) = (some(queries), some(rows));
        for level in Level::supported() {
            let block = Block::<Codes>::at(level);
            let (mut tile, mut panel) = (Vec::new(), Vec::new());
            block.query_packer(len).pack(slices(&queries), &mut tile);
            block.row_packer(len).pack(slices(&rows), &mut panel);
            let surplus: Vec<i32> = rows.iter().map(|row| block.surplus(row)).collect();
            let mut out = vec![7; block.queries() * block.rows()];
            block.dots(&tile, &panel, &surplus, &mut out);
            for (query, dots) in queries.iter().zip(out.chunks_exact(block.rows())) {
                for (row, dot) in rows.iter().zip(dots) {
                    prop_assert_eq!(*dot, CodeDot::scalar().dot(query, row), "{:?}", level);
                }
            }
        }
    }

    #[test]
    fn the_nearest_is_the_first_of_the_smallest(count in 0usize..90, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let dots: Vec<i32> = (0..count).map(|_| random.i32(-3..3)).collect();
        let odd = [f32::NAN, f32::INFINITY, 0.0, -0.0];
        let mut some = |odd: &[f32]| -> Vec<f32> {
            let mut one = || if random.u8(..) < 9 { odd[random.usize(0..odd.len())] } else { random.i32(-2..3) as f32 };
            (0..count).map(|_| one()).collect()
        };
        let (terms, scales, any) = (some(&odd[1..]), some(&odd[2..]), some(&odd));
        let line = Line { base: 1.0, slope: 1.0, weight: 0.5, limit: 0.25 };
        let keys: Vec<f32> = (0..count).map(|row| line.key(terms[row], scales[row], dots[row] as f32)).collect();
        let want = keys.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map(|(row, _)| row as u32);
        let floats: Vec<f32> = dots.iter().map(|dot| *dot as f32).collect();
        for level in Level::supported() {
            prop_assert_eq!(Block::<Codes>::at(level).nearest(&dots, &terms, &scales, &line), want, "{:?}", level);
            let block = Block::<Numbers>::at(level);
            let rows = block.rows().min(count);
            let mask = block.below(&floats[..rows], &any[..rows], &scales[..rows], &line);
            for row in 0..rows {
                let key = line.key(any[row], scales[row], floats[row]);
                prop_assert_eq!(mask >> row & 1 == 1, key.is_nan() || key <= line.limit, "{:?} {}", level, key);
            }
        }
    }
}

#[test]
fn extreme_codes_do_not_overflow() {
    for (a, b) in [(127u8, 127u8), (127, 128), (128, 128), (129, 127)] {
        let (a, b) = (vec![a; code::stride(32_768)], vec![b; code::stride(32_768)]);
        for level in Level::supported() {
            let block = Block::<Codes>::at(level);
            let (mut tile, mut panel, mut out) = (Vec::new(), Vec::new(), [0]);
            block.query_packer(a.len()).pack([a.as_slice()].into_iter(), &mut tile);
            block.row_packer(b.len()).pack([b.as_slice()].into_iter(), &mut panel);
            let mut all = vec![0; block.queries() * block.rows()];
            block.dots(&tile, &panel, &[block.surplus(&b)], &mut all);
            out.copy_from_slice(&all[..1]);
            assert_eq!(out[0], 32_768 * i32::from(a[0] as i8) * i32::from(b[0] as i8), "{level:?}");
        }
    }
}

#[test]
fn short_vectors_and_none_are_zeros() {
    let block = Block::<Numbers>::default();
    let (mut tile, mut panel) = (Vec::new(), Vec::new());
    block.query_packer(Element::F32, 3).pack([[0u8; 4].as_slice()].into_iter(), &mut tile);
    block.row_packer(Element::F32, 3).pack(std::iter::empty(), &mut panel);
    assert_eq!((tile.len(), panel.len()), (3 * block.queries(), 3 * block.rows()));
    assert!(tile.iter().chain(&panel).all(|word| *word == 0));
}
