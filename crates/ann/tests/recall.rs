//! What a graph finds, compared with comparing all.

mod common;

use common::{ANY, Column, pairs, recall, search};
use elanus_ann::{Bound, SearchParams};
use elanus_kernels::{Bitmap, Element, Metric};

#[test]
fn finds_nearly_all_for_every_metric_and_element() {
    for (element, metric) in pairs() {
        let (column, queries) = Column::clumped(element, metric, 48, 6_050, 1).split(6_000);
        let index = column.index();
        for k in [1, 10, 50] {
            let (found, walked) = recall(index.as_ref(), &column, &queries, k, &ANY, None);
            assert!(found >= 0.95 && walked, "{metric} {} k {k}: {found} {walked}", element.name());
        }
    }
}

#[test]
fn filters_of_any_share_keep_the_recall() {
    let pairs = [(Element::F32, Metric::Cosine), (Element::F16, Metric::L2), (Element::Bit, Metric::Jaccard)];
    for (element, metric) in pairs.into_iter().chain([(Element::I8, Metric::Ip)]) {
        let (column, queries) = Column::clumped(element, metric, 32, 20_050, 2).split(20_000);
        let index = column.index();
        for share in [0.001, 0.01, 0.1, 0.5, 0.99] {
            let mut random = fastrand::Rng::with_seed(3);
            let bits: Vec<bool> = (0..20_000).map(|_| random.f64() < share).collect();
            let filter = Bitmap::from_bools(&bits);
            let (found, walked) = recall(index.as_ref(), &column, &queries, 10, &ANY, Some(&filter));
            assert!(found >= 0.95, "{metric} {} {share}: {found}", element.name());
            assert!(
                walked == (share > 0.9) || (0.1..0.9).contains(&share),
                "{metric} {} {share}",
                element.name()
            );
        }
    }
}

#[test]
fn rows_allowed_far_from_the_query_are_found() {
    let (column, queries) = Column::clumped(Element::F32, Metric::L2, 16, 20_020, 4).split(20_000);
    let index = column.index();
    // A few whole clumps, none of which most queries are near.
    let bits: Vec<bool> = (0..20_000).map(|row| row % 401 < 60).collect();
    let filter = Bitmap::from_bools(&bits);
    for ef in [None, Some(40)] {
        let params = SearchParams { ef, ..ANY };
        let (found, _) = recall(index.as_ref(), &column, &queries, 10, &params, Some(&filter));
        assert!(found >= 0.95, "{found}");
    }
}

#[test]
fn bounds_are_kept_and_pages_are_complete() {
    let (column, queries) = Column::clumped(Element::F32, Metric::L2, 24, 8_020, 5).split(8_000);
    let index = column.index();
    for query in (0..20).map(|at| queries.view().row(at)) {
        let truth = column.exact(query, 200, &ANY, None);
        let (low, high) = (truth[20].key, truth[60].key);
        for (bound, wanted) in [
            (Bound { low: f32::NEG_INFINITY, high }, &truth[..60]),
            (Bound { low, high }, &truth[20..60]),
            (Bound { low, high: f32::INFINITY }, &truth[20..]),
        ] {
            let k = wanted.len().min(50);
            let params = SearchParams { bound: Some(bound), ..ANY };
            let (hits, _) = search(index.as_ref(), &column, query, k, &params, None);
            let right = hits.iter().filter(|hit| hit.key <= wanted[k - 1].key).count();
            assert!(right as f64 >= 0.9 * k as f64, "{bound:?}: {right} of {k}");
        }
        let nothing = Bound { low: 0.0, high: truth[0].key };
        let params = SearchParams { bound: Some(nothing), ..ANY };
        assert!(search(index.as_ref(), &column, query, 5, &params, None).0.is_empty());
    }
}

#[test]
fn a_larger_beam_finds_more_and_costs_more() {
    let (column, queries) = Column::clumped(Element::F32, Metric::Cosine, 64, 10_100, 6).split(10_000);
    let index = column.index();
    let at =
        |ef| recall(index.as_ref(), &column, &queries, 10, &SearchParams { ef: Some(ef), ..ANY }, None).0;
    assert!(at(10) < at(200) && at(200) > 0.99, "{} {}", at(10), at(200));
}

#[test]
fn equal_rows_are_all_found() {
    for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
        let same = Column::floats(metric, 4, &[0.5, 1.0, -2.0, 0.0].repeat(3_000));
        let index = same.index();
        let (hits, _) = search(index.as_ref(), &same, same.view().row(0), 20, &ANY, None);
        assert!(hits.iter().map(|hit| hit.row).eq(0..20), "{metric}: {hits:?}");
        let zeros = Column::floats(metric, 4, &[0.0; 12_000]);
        let index = zeros.index();
        assert_eq!(search(index.as_ref(), &zeros, same.view().row(0), 20, &ANY, None).0.len(), 20);
    }
}

#[test]
fn many_copies_do_not_hide_the_rest() {
    let mut column = Column::clumped(Element::F32, Metric::L2, 8, 3_000, 7);
    let copy = column.data[..32].to_vec();
    for at in (0..3_000).filter(|at| at % 3 != 1) {
        column.data[at * 32..][..32].copy_from_slice(&copy);
    }
    let index = column.index();
    let queries = Column::clumped(Element::F32, Metric::L2, 8, 60, 8);
    let (found, _) = recall(index.as_ref(), &column, &queries, 10, &ANY, None);
    assert!(found >= 0.95, "{found}");
    let filter = Bitmap::from_bools(&(0..3_000).map(|row| row % 3 == 0).collect::<Vec<_>>());
    let near = SearchParams { ef: Some(20), ..ANY };
    let (found, _) = recall(index.as_ref(), &column, &queries, 10, &near, Some(&filter));
    assert!(found >= 0.95, "{found}");
}

#[test]
fn codes_that_cannot_tell_rows_apart_are_not_used() {
    // Two clumps far apart: a byte per component sees only which clump a row is in.
    let mut column = Column::clumped(Element::F32, Metric::L2, 16, 5_000, 9);
    let (values, _) = column.data.as_chunks_mut::<4>();
    for (at, value) in values.iter_mut().enumerate() {
        let far = if at / 16 % 2 == 0 { 1e5 } else { -1e5 };
        *value = (f32::from_le_bytes(*value) * 10.0 + far).to_le_bytes();
    }
    let (column, queries) = column.split(4_960);
    let index = column.index();
    assert!(index.describe().contains("the vectors stored"), "{}", index.describe());
    assert!(recall(index.as_ref(), &column, &queries, 10, &ANY, None).0 >= 0.95);
}

#[test]
fn small_columns_and_large_k_are_exact() {
    for (element, metric) in pairs() {
        for rows in [0, 1, 2, 3, 17] {
            let column = Column::clumped(element, metric, 9, rows, 10);
            let index = column.index();
            let query = Column::clumped(element, metric, 9, 1, 11);
            for k in [0, 1, 2, 100] {
                let (hits, _) = search(index.as_ref(), &column, &query.data, k, &ANY, None);
                assert_eq!(hits, column.exact(&query.data, k, &ANY, None), "{metric} {rows} rows, k {k}");
            }
        }
    }
    let column = Column::clumped(Element::F32, Metric::Cosine, 8, 2_000, 12);
    let index = column.index();
    let (hits, _) = search(index.as_ref(), &column, column.view().row(0), 5_000, &ANY, None);
    assert_eq!(hits.len(), 2_000);
}

#[test]
fn odd_values_and_wrong_queries_do_no_harm() {
    for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
        let mut column = Column::clumped(Element::F32, metric, 8, 2_000, 13);
        let (values, _) = column.data.as_chunks_mut::<4>();
        for (at, odd) in [f32::NAN, f32::INFINITY, f32::MAX, 1e-42, -f32::INFINITY].into_iter().enumerate() {
            values[at * 800] = odd.to_le_bytes();
        }
        let index = column.index();
        for row in [0, 100, 200, 300, 400, 1] {
            let mut out = elanus_kernels::TopK::new(5);
            index.search(&column.view(), column.view().row(row), 5, &ANY, None, &mut out);
            index.search(&column.view(), &[1, 2, 3], 5, &ANY, None, &mut out);
        }
        let (hits, _) = search(index.as_ref(), &column, column.view().row(1), 5, &ANY, None);
        assert_eq!(hits.len(), 5);
    }
}

#[test]
fn queries_find_the_same_together_as_alone() {
    for (element, metric) in pairs() {
        let (column, queries) = Column::clumped(element, metric, 40, 4_011, 14).split(4_000);
        let filter = Bitmap::from_bools(&(0..4_000).map(|row| row % 3 != 0).collect::<Vec<_>>());
        let index = column.index();
        let view = queries.view();
        let mut asked: Vec<&[u8]> = (0..view.rows).map(|at| view.row(at)).collect();
        // One of them is of the wrong width, and finds nothing.
        asked[6] = &[1, 2, 3];
        let bound =
            Some(Bound { low: f32::NEG_INFINITY, high: column.exact(asked[0], 30, &ANY, None)[29].key });
        for (k, ef, bound, filter) in [
            (10, None, None, None),
            (1, Some(7), None, None),
            (100, None, None, None),
            (10, None, None, Some(&filter)),
            (10, None, bound, None),
            (5_000, None, None, None),
        ] {
            let params = SearchParams { ef, bound, ..ANY };
            let mut outs = vec![elanus_kernels::TopK::new(k); asked.len()];
            let together = index.search_many(&column.view(), &asked, k, &params, filter, &mut outs);
            let mut alone = elanus_ann::SearchStats::default();
            for (query, out) in asked.iter().zip(outs) {
                let mut one = elanus_kernels::TopK::new(k);
                alone.add(index.search(&column.view(), query, k, &params, filter, &mut one));
                assert_eq!(out.into_sorted(), one.into_sorted(), "{metric} {} k {k}", element.name());
            }
            assert_eq!(together, alone, "{metric} {} k {k}", element.name());
        }
    }
}
