use super::*;
use elanus_kernels::{Hit, convert};
use std::collections::BTreeMap;

/// Random lists of vectors.
struct Case {
    element: Element,
    dim: usize,
    /// The vectors of all rows, and where those of each begin and end.
    items: Vec<Vec<f64>>,
    ends: Vec<usize>,
    queries: Vec<Vec<Vec<f64>>>,
}

const METRICS: [(Metric, Element); 6] = [
    (Metric::L2, Element::F32),
    (Metric::Ip, Element::F32),
    (Metric::Cosine, Element::F32),
    (Metric::Cosine, Element::BF16),
    (Metric::L2, Element::I8),
    (Metric::Hamming, Element::Bit),
];

fn bytes(element: Element, vector: &[f64]) -> Vec<u8> {
    match element {
        Element::Bit => vector
            .chunks(8)
            .map(|bits| bits.iter().enumerate().map(|(i, bit)| u8::from(*bit > 0.0) << i).sum())
            .collect(),
        element => {
            let floats: Vec<f32> = vector.iter().map(|x| *x as f32).collect();
            let mut out = Vec::new();
            convert::encode(element, &floats, &mut out);
            out
        }
    }
}

impl Case {
    /// Components are small integers, which every element type holds exactly.
    fn random(rng: &mut fastrand::Rng, element: Element, list: usize) -> Self {
        let dim = if element == Element::Bit { 32 } else { rng.usize(1..40) };
        let vector = |rng: &mut fastrand::Rng| {
            let range = if element == Element::Bit { 0..2 } else { -9..10 };
            (0..dim).map(|_| f64::from(rng.i32(range.clone()))).collect::<Vec<f64>>()
        };
        let (mut items, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..rng.usize(0..300) {
            let length = if rng.u8(..4) == 0 { 0 } else { rng.usize(0..7) };
            (0..length).for_each(|_| items.push(vector(rng)));
            ends.push(items.len());
        }
        let queries = (0..rng.usize(1..4))
            .map(|_| (0..if list == 1 { 1 } else { rng.usize(1..=list) }).map(|_| vector(rng)).collect());
        Self { element, dim, queries: queries.collect(), items, ends }
    }

    fn range(&self, row: usize) -> Range<usize> {
        row.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[row]
    }

    /// Keys in double precision of the rows that have one, by plain loops.
    fn expected(&self, metric: Metric, query: usize, allowed: Option<&Bitmap>) -> BTreeMap<u32, f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let key = |a: &[f64], b: &[f64]| match metric {
            Metric::L2 => a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum(),
            Metric::Ip => -dot(a, b),
            Metric::Hamming => a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum(),
            _ if dot(a, a) == 0.0 || dot(b, b) == 0.0 => 0.0,
            _ => -dot(a, b) / (dot(a, a) * dot(b, b)).sqrt(),
        };
        let mut found = BTreeMap::new();
        for row in 0..self.ends.len() {
            let there: Vec<usize> =
                self.range(row).filter(|item| allowed.is_none_or(|allowed| allowed.get(*item))).collect();
            if there.is_empty() {
                continue;
            }
            let nearest = |vector: &Vec<f64>| {
                there.iter().map(|item| key(vector, &self.items[*item])).fold(f64::INFINITY, f64::min)
            };
            found.insert(row as u32, self.queries[query].iter().map(nearest).sum());
        }
        found
    }

    /// What a batch finds, the rows given in several goes.
    fn found(&self, metric: Metric, allowed: Option<&Bitmap>, bound: Bound, k: usize) -> Vec<Vec<Hit>> {
        let data: Vec<u8> = self.items.iter().flat_map(|item| bytes(self.element, item)).collect();
        let vectors = VectorsView::new(self.element, self.dim, &data);
        let lists: Vec<Vec<u8>> = self
            .queries
            .iter()
            .map(|list| list.iter().flat_map(|vector| bytes(self.element, vector)).collect())
            .collect();
        let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        let batch = ListBatch::new(metric, self.element, self.dim, &lists, Some(bound)).expect("legal pair");
        let (mut room, mut outs) = (ListRoom::default(), vec![TopK::new(k); lists.len()]);
        for part in (0..self.ends.len()).collect::<Vec<_>>().chunks(71) {
            let rows = part.iter().map(|row| (*row as u32, self.range(*row)));
            batch.offer(&vectors, 0, rows, allowed, &mut room, &mut outs);
        }
        outs.into_iter().map(TopK::into_sorted).collect()
    }
}

#[test]
fn finds_what_plain_loops_in_double_precision_find() {
    let mut rng = fastrand::Rng::with_seed(11);
    for round in 0..400 {
        let (metric, element) = METRICS[round % METRICS.len()];
        let list = *rng.choice([1, 3, 40].iter()).expect("some");
        let case = Case::random(&mut rng, element, list);
        let some: Vec<bool> = case.items.iter().map(|_| rng.bool()).collect();
        let some = (round % 3 == 0).then(|| Bitmap::from_bools(&some));
        let k = rng.usize(1..40);
        let found = case.found(metric, some.as_ref(), Bound::ALL, k);
        for (query, hits) in found.iter().enumerate() {
            let expected = case.expected(metric, query, some.as_ref());
            assert_eq!(hits.len(), k.min(expected.len()), "round {round}");
            let mut order: Vec<f64> = expected.values().copied().collect();
            order.sort_by(f64::total_cmp);
            for (hit, best) in hits.iter().zip(order) {
                let own = expected[&hit.row];
                let close = |a: f64| (f64::from(hit.key) - a).abs() <= 1e-5 * (1.0 + a.abs());
                assert!(close(own) && close(best), "round {round}: {hit:?}, {own} or {best}");
            }
        }
    }
}

#[test]
fn bounds_keep_what_lies_between_them() {
    let mut rng = fastrand::Rng::with_seed(5);
    for _ in 0..50 {
        let case = Case::random(&mut rng, Element::F32, 20);
        let all = case.found(Metric::L2, None, Bound::ALL, 1000);
        let Some(middle) = all[0].get(all[0].len() / 2) else { continue };
        let bound = Bound { low: middle.key, high: middle.key * 1.5 };
        let within = case.found(Metric::L2, None, bound, 1000);
        let kept: Vec<Hit> = all[0].iter().copied().filter(|hit| bound.keeps(hit.key)).collect();
        assert_eq!(within[0], kept);
    }
}

#[test]
fn many_query_vectors_give_the_very_keys_that_few_give() {
    let mut rng = fastrand::Rng::with_seed(6);
    for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
        let mut case = Case::random(&mut rng, Element::F32, 9);
        // Components that are no small integers, so that rounding differs.
        let blur = |vector: &mut Vec<f64>| vector.iter_mut().for_each(|x| *x = (*x * 0.37).sin());
        case.items.iter_mut().for_each(blur);
        case.queries.iter_mut().flatten().for_each(blur);
        let few: Vec<Vec<Hit>> = (0..case.queries.len())
            .map(|query| {
                let alone = Case { queries: vec![case.queries[query].clone()], ..clone(&case) };
                alone.found(metric, None, Bound::ALL, 7).remove(0)
            })
            .collect();
        while case.queries.iter().flatten().count() < FEW {
            case.queries.push(case.queries[0].clone());
        }
        let many = case.found(metric, None, Bound::ALL, 7);
        assert_eq!(many[..few.len()], few, "{metric}");
    }
}

fn clone(case: &Case) -> Case {
    Case { items: case.items.clone(), ends: case.ends.clone(), queries: case.queries.clone(), ..*case }
}

#[test]
fn the_nearest_vector_of_a_row_has_a_place() {
    let data = convert::f32_bytes(&[9.0, 9.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    let vectors = VectorsView::new(Element::F32, 2, &data);
    let query = convert::f32_bytes(&[0.0, 0.0]);
    let lists = [query.as_slice()];
    let batch = ListBatch::new(Metric::L2, Element::F32, 2, &lists, None).expect("legal pair");
    assert_eq!(batch.nearest(0, &vectors, 1..4, None), Some(1), "the first of equals");
    let some = Bitmap::from_bools(&[true, true, false, false]);
    assert_eq!(batch.nearest(0, &vectors, 1..4, Some(&some)), Some(0));
    assert_eq!(batch.nearest(0, &vectors, 2..4, Some(&some)), None);
    assert_eq!(batch.nearest(1, &vectors, 0..4, None), None);
}
