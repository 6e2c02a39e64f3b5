use super::*;
use proptest::prelude::*;

fn vectors(random: &mut fastrand::Rng, rows: usize, dim: usize) -> Vec<f32> {
    (0..rows * dim).map(|_| random.f32() * 2.0 - 1.0).collect()
}

fn train(shape: Shape, floats: &[f32]) -> Codebook {
    let sample = Sample::new(shape, floats);
    let pieces = (0..shape.pieces).flat_map(|piece| train_piece(&sample, piece)).collect();
    Codebook::new(shape, pieces).expect("as many floats as the shape says")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Tables give what decoding the code would give.
    #[test]
    fn sums_are_inner_products_with_what_codes_stand_for(
        dim in 1usize..20, pieces in 1usize..9, stages in 1usize..4, bits in 1usize..10, seed: u64
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        let shape = Shape::new(dim, pieces, stages, bits);
        let floats = vectors(&mut random, 30, dim);
        let book = train(shape, &floats);
        let mut codes = vec![0u8; shape.width() * 30];
        let mut along = Vec::new();
        book.encode(&floats, &mut codes, &mut along);
        // Alone a vector has the same code.
        for (row, code) in codes.chunks_exact(shape.width()).enumerate() {
            let (mut alone, mut product) = (vec![0u8; shape.width()], Vec::new());
            book.encode(&floats[row * dim..][..dim], &mut alone, &mut product);
            prop_assert_eq!((alone.as_slice(), &product[..]), (code, &along[row..=row]));
        }
        for (row, vector) in floats.chunks_exact(dim).enumerate() {
            let (mut table, mut dots) = (Vec::new(), Vec::new());
            book.tables(vector, &mut table);
            book.dots(&table, &codes, &[row as u32, 30], &mut dots);
            prop_assert!((dots[0] - along[row]).abs() < 1e-3, "{} {}", dots[0], along[row]);
            prop_assert_eq!(dots[1], 0.0);
        }
    }
}

fn error(shape: Shape, floats: &[f32]) -> f32 {
    let book = train(shape, floats);
    let rows = floats.len() / shape.dim;
    let (mut codes, mut along) = (vec![0u8; shape.width() * rows], Vec::new());
    book.encode(floats, &mut codes, &mut along);
    let left = |vector: &[f32], along: f32| vector.iter().map(|v| v * v).sum::<f32>() - along;
    floats.chunks_exact(shape.dim).zip(along).map(|(vector, along)| left(vector, along).abs()).sum()
}

#[test]
fn more_pieces_stages_and_bits_err_less() {
    let floats = vectors(&mut fastrand::Rng::with_seed(3), 2_000, 16);
    let of = |pieces, stages, bits| error(Shape::new(16, pieces, stages, bits), &floats);
    let coarse = of(4, 1, 4);
    assert!(of(8, 1, 4) < coarse && of(4, 2, 4) < coarse && of(4, 1, 6) < coarse);
}

#[test]
fn odd_input_is_no_trouble() {
    let shape = Shape::new(4, 9, 0, 99);
    assert_eq!((shape.pieces, shape.stages, shape.bits), (4, 1, MOST_BITS));
    assert!(Codebook::new(shape, vec![0.0; 3]).is_none());
    let book = train(Shape::new(4, 2, 1, 4), &[]);
    let mut code = vec![1];
    let mut along = Vec::new();
    book.encode(&[1.0, 2.0, 3.0, 4.0, 5.0], &mut code, &mut along);
    assert_eq!(along, [0.0]);
    for wrong in [&[1.0f32][..], &[]] {
        book.encode(wrong, &mut code, &mut along);
        assert!(along.is_empty());
    }
    book.encode(&[f32::NAN; 8], &mut [], &mut along);
    assert!(along.is_empty());
    let mut dots = Vec::new();
    book.dots(&[], &[255], &[0], &mut dots);
    assert_eq!(dots, [0.0]);
}
