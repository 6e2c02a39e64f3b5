use super::*;
use proptest::prelude::*;

/// Every level of this processor.
fn levels() -> Vec<BlockSums> {
    Level::supported().map(BlockSums::at).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// All levels give the sums of the scalar version, also where entries are as large as they can be.
    #[test]
    fn levels_agree(groups in 1usize..200, largest: bool, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut bytes = |count: usize| -> Vec<u8> { (0..count).map(|_| random.u8(..)).collect() };
        let block = bytes(groups * GROUP_CODES);
        let others: [Vec<u8>; LOT] = std::array::from_fn(|_| bytes(groups * GROUP_CODES));
        let tables = if largest { vec![255; groups * GROUP_TABLES] } else { bytes(groups * GROUP_TABLES) };
        let lot = [&others[0][..], &others[1], &block, &others[3]];
        let [want] = scalar::sums(&tables, [&block]);
        for sums in levels() {
            prop_assert_eq!((sums.one)(&tables, [&block]), [want]);
            prop_assert_eq!((sums.lot)(&tables, lot), lot.map(|block| scalar::sums(&tables, [block])[0]));
        }
    }

    /// Dots differ from sums of floats by no more than rounding each entry to a byte.
    #[test]
    fn bytes_stand_for_tables(pieces in 1usize..40, stages in 1usize..3, bits in 1usize..5, seed: u64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let shape = Shape::new(pieces, pieces, stages, bits);
        let table: Vec<f32> = (0..shape.names() * shape.centres()).map(|_| random.f32() * 8.0 - 2.0).collect();
        let mut block = vec![0u8; width(&shape) * ROWS];
        let mut want = [0.0f32; ROWS];
        for (row, want) in want.iter_mut().enumerate() {
            let mut code = vec![0u8; shape.width()];
            for name in 0..shape.names() {
                let number = random.usize(..shape.centres());
                code[name / 2] |= (number << (4 * (name % 2))) as u8;
                *want += table[name * shape.centres() + number];
            }
            put(&code, row, &mut block);
        }
        let mut tables = ByteTables::default();
        tables.fill(&shape, &table);
        prop_assert_eq!(tables.block(), block.len());
        for sums in levels() {
            for (dot, want) in sums.dots(&tables, &block).iter().zip(want) {
                let off = shape.names() as f32 * tables.step * 0.51 + 1e-3;
                prop_assert!((dot - want).abs() <= off, "{dot} {want} {off}");
            }
            // Blocks in lots say what each says alone.
            let mut run = Vec::new();
            sums.run(&tables, &block.repeat(6), &mut run);
            prop_assert_eq!(run, sums.dots(&tables, &block).repeat(6));
        }
    }
}

#[test]
fn odd_input_is_no_trouble() {
    let shape = Shape::new(4, 2, 1, 4);
    let mut tables = ByteTables::default();
    for wrong in [vec![], vec![1.0; 31], vec![f32::NAN; 32], vec![f32::INFINITY; 32], vec![f32::MAX; 32]] {
        tables.fill(&shape, &wrong);
        for sums in levels() {
            let mut out = Vec::new();
            sums.run(&tables, &[255; 700], &mut out);
            assert!(out.iter().all(|dot| !dot.is_nan()) && out.len() <= 700 / 2 * ROWS);
            for length in [0, 1, tables.block(), 1000] {
                assert!(sums.dots(&tables, &vec![255; length]).iter().all(|dot| !dot.is_nan()));
            }
        }
    }
    tables.fill(&Shape::new(4, 2, 1, 8), &[0.0; 512]);
    assert_eq!(tables.block(), 0);
    put(&[1, 2, 3], 99, &mut []);
}
