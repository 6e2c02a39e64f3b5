use super::*;
use elanus_kernels::convert::f32_bytes;
use elanus_kernels::{Element, convert};
use proptest::prelude::*;

fn search(filter: Option<&Bitmap>, bound: Option<Bound>, k: usize) -> Vec<(u32, f32)> {
    let data = f32_bytes(&(0..20).map(|i| i as f32).collect::<Vec<_>>());
    let vectors = VectorsView::new(Element::F32, 2, &data);
    let mut out = TopK::new(k);
    let stats = exact_search(&vectors, Metric::L2, &f32_bytes(&[4.0, 5.0]), filter, bound, &mut out);
    assert!(stats.scanned);
    out.into_sorted().iter().map(|hit| (hit.row, hit.key)).collect()
}

#[test]
fn finds_the_nearest_of_all_rows() {
    assert_eq!(search(None, None, 3), [(2, 0.0), (1, 8.0), (3, 8.0)]);
    assert_eq!(search(None, None, 50).len(), 10);
}

#[test]
fn keeps_to_filter_and_bound() {
    let mut filter = Bitmap::zeros(200);
    [1, 5, 9, 150].iter().for_each(|row| filter.set(*row));
    assert_eq!(search(Some(&filter), None, 10), [(1, 8.0), (5, 72.0), (9, 392.0)]);
    let all = Bitmap::ones(10);
    assert_eq!(search(Some(&all), None, 10), search(None, None, 10));
    let bound = Bound { low: 8.0, high: 72.0 };
    assert_eq!(search(None, Some(bound), 10), [(1, 8.0), (3, 8.0), (0, 32.0), (4, 32.0)]);
    assert_eq!(search(Some(&filter), Some(bound), 10), [(1, 8.0)]);
}

#[test]
fn a_wrong_query_finds_nothing() {
    let vectors = VectorsView::new(Element::F32, 2, &[0; 16]);
    let mut out = TopK::new(3);
    exact_search(&vectors, Metric::L2, &[0; 4], None, None, &mut out);
    exact_search(&vectors, Metric::Hamming, &[0; 8], None, None, &mut out);
    assert!(out.is_empty());
}

/// What a batch finds for each query, by so many threads, and what single searches find.
fn both(
    vectors: &VectorsView<'_>,
    metric: Metric,
    queries: &[&[u8]],
    filter: Option<&Bitmap>,
    bound: Option<Bound>,
    k: usize,
    threads: usize,
) -> (Vec<Vec<elanus_kernels::Hit>>, Vec<Vec<elanus_kernels::Hit>>) {
    let mut outs = vec![TopK::new(k); queries.len()];
    let stats = exact_search_batch(vectors, metric, queries, filter, bound, &mut outs, threads);
    assert!(stats.scanned);
    let single = |query: &&[u8]| {
        let mut out = TopK::new(k);
        exact_search(vectors, metric, query, filter, bound, &mut out);
        out.into_sorted()
    };
    (outs.into_iter().map(TopK::into_sorted).collect(), queries.iter().map(single).collect())
}

/// Components near one another, far from zero, odd, or equal in all rows.
fn values(random: &mut fastrand::Rng, style: u8, count: usize) -> Vec<f32> {
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 3e38, 1e-40];
    (0..count)
        .map(|_| match style {
            0 => random.f32() - 0.5,
            1 => 1000.0 + random.f32(),
            2 => random.i32(-2..3) as f32,
            3 if random.u8(..) < 3 => odd[random.usize(0..odd.len())],
            3 => random.f32() - 0.5,
            _ => 0.25,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_batch_finds_what_single_searches_find(
        dim in 1usize..70, rows in 0usize..400, count in 1usize..40, style in 0u8..5, k in 0usize..20, seed: u64,
    ) {
        let mut random = fastrand::Rng::with_seed(seed);
        for element in Element::ALL {
            let (mut data, mut asked) = (Vec::new(), Vec::new());
            let dim = if element == Element::Bit { dim * 8 } else { dim };
            convert::encode(element, &values(&mut random, style, dim * rows), &mut data);
            convert::encode(element, &values(&mut random, style, dim * count), &mut asked);
            let vectors = VectorsView::new(element, dim, &data);
            let queries: Vec<&[u8]> = asked.chunks_exact(element.width(dim)).collect();
            let bits: Vec<bool> = (0..rows + 9).map(|_| random.bool()).collect();
            let filter = Some(Bitmap::from_bools(&bits)).filter(|_| random.bool());
            for metric in Metric::ALL.into_iter().filter(|m| Distance::new(*m, element, dim).is_some()) {
                let bound = Bound { low: random.f32() - 0.6, high: random.f32() * 4.0 };
                for bound in [None, Some(bound)] {
                    let (batch, single) = both(&vectors, metric, &queries, filter.as_ref(), bound, k, 1);
                    prop_assert_eq!(batch, single, "{} {:?} {:?}", metric, element, bound);
                }
            }
        }
    }
}

#[test]
fn threads_and_blunt_floors_change_nothing() {
    let mut random = fastrand::Rng::with_seed(7);
    // Far from zero: floors say little, so that queries are soon compared directly.
    for style in [0, 1, 4] {
        let (rows, dim) = (30_000, 96);
        let data = f32_bytes(&values(&mut random, style, dim * rows));
        let asked = f32_bytes(&values(&mut random, style, dim * 12));
        let vectors = VectorsView::new(Element::F32, dim, &data);
        let queries: Vec<&[u8]> = asked.chunks_exact(dim * 4).collect();
        for threads in [0, 1, 3] {
            let (batch, single) = both(&vectors, Metric::L2, &queries, None, None, 10, threads);
            assert_eq!(batch, single, "style {style}, {threads} threads");
        }
    }
}

#[test]
fn a_wrong_query_in_a_batch_finds_nothing() {
    let data = f32_bytes(&[1.0; 20]);
    let vectors = VectorsView::new(Element::F32, 2, &data);
    let (right, wrong) = (f32_bytes(&[1.0, 1.0]), [0u8; 4]);
    let mut queries: Vec<&[u8]> = vec![&right; 16];
    queries[3] = &wrong;
    let (batch, single) = both(&vectors, Metric::L2, &queries, None, None, 2, 1);
    assert_eq!(batch, single);
    assert!(batch[3].is_empty() && batch[4].len() == 2);
    let mut outs = vec![TopK::new(1); 16];
    exact_search_batch(&vectors, Metric::Hamming, &queries, None, None, &mut outs, 2);
    assert!(outs.iter().all(TopK::is_empty));
}
