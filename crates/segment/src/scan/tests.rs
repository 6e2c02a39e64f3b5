use super::*;
use elanus_ann::SearchParams;
use elanus_kernels::Metric;
use elanus_kernels::convert::f32_bytes;
use elanus_types::Timestamp;

const DIM: usize = 64;

/// The hits of some queries over two columns one after the other, by the threads of a pool or without.
fn search(
    data: &[u8],
    valid: &Bitmap,
    queries: &[&[u8]],
    allowed: Option<&Bitmap>,
    pool: Option<&Pool>,
) -> (Vec<Vec<Hit>>, u64) {
    let key = FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) };
    let vector =
        FieldSchema { nullable: true, dim: DIM, ..FieldSchema::new(101, "v", DataType::FloatVector) };
    let schema = CollectionSchema { fields: vec![key, vector], version: 1, ..CollectionSchema::default() };
    let search = SegmentSearch {
        against: crate::Against::Vectors,
        field: 101,
        metric: Metric::L2,
        queries,
        k: 5,
        params: &SearchParams::default(),
        predicate: None,
        read: Timestamp::MAX,
        range: None,
        excluded: None,
        pool,
    };
    let mut scan = Scan::new(&schema, &search).expect("fits");
    let fixed = |data| ColumnRef::Fixed { width: DIM * 4, data };
    let first = ColumnView { data: fixed(data), valid: Some(valid) };
    let second = ColumnView { data: fixed(&data[..DIM * 4 * 100]), valid: None };
    let rows = first.len() as u32;
    scan.feed_all(vec![Piece::whole(first, 0), Piece::whole(second, rows)], allowed);
    let distances = scan.distances();
    (scan.finish(), distances)
}

#[test]
fn threads_of_a_pool_find_the_same() {
    let mut random = fastrand::Rng::with_seed(5);
    let rows = 2 * LARGE_BYTES / (DIM * 4) + 77;
    // Few different values, so that there are ties.
    let data = f32_bytes(&(0..rows * DIM).map(|_| random.i32(-1..2) as f32).collect::<Vec<_>>());
    let bits = |random: &mut fastrand::Rng, rows| (0..rows).map(|_| random.u8(..) < 200).collect::<Vec<_>>();
    let valid = Bitmap::from_bools(&bits(&mut random, rows));
    let allowed = Bitmap::from_bools(&bits(&mut random, rows + 50));
    let queries: Vec<&[u8]> = data.chunks_exact(DIM * 4).take(12).collect();
    let pool = Pool::new("test", 3).expect("threads");
    for count in [1, 12] {
        for allowed in [None, Some(&allowed)] {
            let alone = search(&data, &valid, &queries[..count], allowed, None);
            let shared = search(&data, &valid, &queries[..count], allowed, Some(&pool));
            assert_eq!(alone, shared);
            let may = |row: usize| allowed.is_none_or(|rows| rows.get(row));
            let known = (0..rows).filter(|row| valid.get(*row) && may(*row)).count();
            let all = known + (rows..rows + 100).filter(|row| may(*row)).count();
            assert_eq!(alone.1, (all * count) as u64);
            let hits = alone.0.iter().flatten();
            assert!(hits.clone().all(|hit| may(hit.row as usize)));
            assert!(hits.clone().all(|hit| hit.row as usize >= rows || valid.get(hit.row as usize)));
        }
    }
}
