//! What inverted lists find, compared with comparing all.

mod common;

use common::{ANY, Column, pairs, recall, search};
use elanus_ann::{
    Body, Bound, BuildRequest, Coding, HnswParams, Index, IvfParams, Kind, SearchParams, SearchStats, build,
    open, registry::estimate,
};
use elanus_kernels::{Bitmap, Element, Metric, TopK};
use elanus_runtime::{Cancel, Progress};
use elanus_types::ErrorKind;
use std::sync::Arc;

/// Kinds that tell nearly all rows apart.
const FINE: [Kind; 2] = [Kind::IvfFlat, Kind::IvfSq8];
/// Every kind of lists.
const KINDS: [Kind; 5] = [Kind::IvfFlat, Kind::IvfSq8, Kind::IvfPq, Kind::IvfRabitq, Kind::Scann];

fn request(column: &Column, kind: Kind, nlist: Option<usize>, threads: usize) -> BuildRequest<'_> {
    // Few centres to train.
    let few = Coding::Product { pieces: column.dim.div_ceil(2), stages: 1, bits: 5 };
    let coding = (kind == Kind::IvfPq).then_some(few);
    let (hnsw, ivf) = (HnswParams::default(), IvfParams { nlist, coding, ..IvfParams::default() });
    BuildRequest { kind, hnsw, ivf, metric: column.metric, vectors: column.view(), threads }
}

fn body(column: &Column, kind: Kind, nlist: Option<usize>, threads: usize) -> Vec<u8> {
    build(&request(column, kind, nlist, threads), &Progress::new(), &Cancel::new()).expect("builds")
}

fn index(column: &Column, kind: Kind, nlist: Option<usize>) -> Box<dyn Index> {
    let body: Body = Arc::new(body(column, kind, nlist, 2));
    open(kind, column.metric, &column.view(), body).expect("opens")
}

#[test]
fn finds_nearly_all_for_every_metric_and_element() {
    for (element, metric) in pairs() {
        let (column, queries) = Column::clumped(element, metric, 48, 6_050, 1).split(6_000);
        // Which kind makes no difference to how elements and metrics are read.
        let all = metric == Metric::L2 || element == Element::F32;
        for kind in KINDS.into_iter().filter(|kind| all || FINE.contains(kind)) {
            let index = index(&column, kind, None);
            for k in [1, 10, 50] {
                let (found, walked) = recall(index.as_ref(), &column, &queries, k, &ANY, None);
                assert!(
                    found >= 0.93 && walked,
                    "{kind} {metric} {} k {k}: {found} {walked}",
                    element.name()
                );
            }
        }
    }
}

#[test]
fn looking_into_all_lists_is_exact() {
    for (element, metric) in pairs() {
        let (column, queries) = Column::clumped(element, metric, 24, 3_020, 2).split(3_000);
        for kind in FINE {
            let index = index(&column, kind, Some(32));
            let params = SearchParams { nprobe: Some(31), refine_k: Some(20.0), ..ANY };
            let (found, _) = recall(index.as_ref(), &column, &queries, 10, &params, None);
            assert!(found >= 0.995, "{kind} {metric} {}: {found}", element.name());
        }
    }
}

/// In whole lots and in part of one, at measured effort and at a small one, with filters that call for lists or for
/// comparing all.
#[test]
fn many_at_once_find_what_each_finds_alone() {
    for (element, metric) in pairs() {
        let (column, queries) = Column::clumped(element, metric, 40, 4_053, 4).split(4_000);
        let all: Vec<&[u8]> = (0..53).map(|at| queries.view().row(at)).collect();
        let filter =
            |one_in: usize| Bitmap::from_bools(&(0..4_000).map(|row| row % one_in == 0).collect::<Vec<_>>());
        for kind in KINDS {
            let index = index(&column, kind, None);
            for filter in [None, Some(filter(2)), Some(filter(40))] {
                for nprobe in [None, Some(3)] {
                    let params = SearchParams { nprobe, ..ANY };
                    let mut outs = vec![TopK::new(10); all.len()];
                    let many =
                        index.search_many(&column.view(), &all, 10, &params, filter.as_ref(), &mut outs);
                    let mut cost = SearchStats::default();
                    for (query, out) in all.iter().zip(outs) {
                        let (hits, stats) =
                            search(index.as_ref(), &column, query, 10, &params, filter.as_ref());
                        assert_eq!(out.into_sorted(), hits, "{kind} {metric} {}", element.name());
                        cost.add(stats);
                    }
                    assert_eq!(many, cost, "{kind} {metric} {}", element.name());
                }
            }
        }
    }
}

/// Clusters fifty times as far from each other as they are wide: codes of the rows themselves cannot tell their rows
/// apart, those of what they differ from their centres by can.
#[test]
fn one_byte_codes_tell_rows_of_tight_clusters_apart() {
    let mut random = fastrand::Rng::with_seed(6);
    let mut normal = |spread: f32| (0..6).map(|_| random.f32() - 0.5).sum::<f32>() * spread;
    let centres: Vec<f32> = (0..100 * 64).map(|_| normal(1.0)).collect();
    let values: Vec<f32> =
        (0..6_030 * 64).map(|at| centres[at / 64 % 100 * 64 + at % 64] + normal(0.02)).collect();
    for metric in [Metric::Cosine, Metric::L2, Metric::Ip] {
        let (column, queries) = Column::floats(metric, 64, &values).split(6_000);
        let index = index(&column, Kind::IvfSq8, None);
        let coding = if metric == Metric::L2 { "one-byte codes" } else { "8-bit codes" };
        assert!(index.describe().contains(coding), "{metric}: {}", index.describe());
        let (found, walked) = recall(index.as_ref(), &column, &queries, 10, &ANY, None);
        assert!(found >= 0.93 && walked, "{metric}: {found} {walked}; {}", index.describe());
    }
}

#[test]
fn more_lists_find_more_and_cost_more() {
    let (column, queries) = Column::clumped(Element::F32, Metric::Cosine, 64, 10_100, 3).split(10_000);
    for kind in FINE {
        let index = index(&column, kind, Some(128));
        let at = |nprobe| {
            let params = SearchParams { nprobe: Some(nprobe), ..ANY };
            let cost = search(index.as_ref(), &column, queries.view().row(0), 10, &params, None).1;
            (recall(index.as_ref(), &column, &queries, 10, &params, None).0, cost.exact + cost.approximate)
        };
        let (few, many) = (at(1), at(60));
        assert!(few.0 < many.0 && many.0 > 0.99 && few.1 * 4 < many.1, "{kind}: {few:?} {many:?}");
    }
}

#[test]
fn filters_of_any_share_keep_the_recall_and_give_k_rows() {
    for (kind, element, metric) in [
        (Kind::IvfFlat, Element::Bit, Metric::Jaccard),
        (Kind::IvfFlat, Element::F16, Metric::L2),
        (Kind::IvfSq8, Element::F32, Metric::Cosine),
        (Kind::IvfSq8, Element::I8, Metric::Ip),
    ] {
        let (column, queries) = Column::clumped(element, metric, 32, 20_050, 4).split(20_000);
        let index = index(&column, kind, None);
        for share in [0.001, 0.01, 0.1, 0.5, 0.99] {
            let mut random = fastrand::Rng::with_seed(5);
            let bits: Vec<bool> = (0..20_000).map(|_| random.f64() < share).collect();
            let filter = Bitmap::from_bools(&bits);
            for params in [ANY, SearchParams { nprobe: Some(1), ..ANY }] {
                let (found, _) = recall(index.as_ref(), &column, &queries, 10, &params, Some(&filter));
                let tuned = params.nprobe.is_none();
                assert!(!tuned || found >= 0.93, "{kind} {metric} {share}: {found}");
            }
        }
        // Rows of a few clumps, which most queries are not near.
        let clumps: Vec<bool> = (0..20_000).map(|row| row % 401 < 60).collect();
        let (found, _) =
            recall(index.as_ref(), &column, &queries, 10, &ANY, Some(&Bitmap::from_bools(&clumps)));
        assert!(found >= 0.8, "{kind} {metric} clumps: {found}");
    }
}

#[test]
fn bounds_are_kept_and_pages_are_nearly_complete() {
    let (column, queries) = Column::clumped(Element::F32, Metric::L2, 24, 8_020, 6).split(8_000);
    for kind in FINE {
        let index = index(&column, kind, None);
        let (mut right, mut of) = (0, 0);
        for query in (0..20).map(|at| queries.view().row(at)) {
            let truth = column.exact(query, 200, &ANY, None);
            let (low, high) = (truth[20].key, truth[60].key);
            let after = Bound { low, high: f32::INFINITY };
            for (bound, wanted) in [(Bound { low, high }, &truth[20..60]), (after, &truth[20..60])] {
                let params = SearchParams { bound: Some(bound), ..ANY };
                let (hits, _) = search(index.as_ref(), &column, query, 40, &params, None);
                right += hits.iter().filter(|hit| hit.key <= wanted[39].key).count();
                of += 40;
            }
        }
        assert!(right as f64 >= 0.95 * f64::from(of), "{kind}: {right} of {of}");
    }
}

#[test]
fn odd_columns_are_exact() {
    for (element, metric) in pairs() {
        for (kind, rows) in KINDS.into_iter().flat_map(|kind| [0, 1, 2, 17, 90].map(|rows| (kind, rows))) {
            let column = Column::clumped(element, metric, 9, rows, 7);
            let query = Column::clumped(element, metric, 9, 1, 8);
            let index = index(&column, kind, Some(64));
            for k in [0, 1, 2, 100] {
                let params = SearchParams { nprobe: Some(64), ..ANY };
                let (hits, _) = search(index.as_ref(), &column, &query.data, k, &params, None);
                assert_eq!(
                    hits,
                    column.exact(&query.data, k, &ANY, None),
                    "{kind} {metric} {rows} rows, k {k}"
                );
            }
        }
    }
    for metric in [Metric::L2, Metric::Ip, Metric::Cosine] {
        let same = Column::floats(metric, 4, &[0.5, 1.0, -2.0, 0.0].repeat(3_000));
        for kind in KINDS {
            let (hits, _) =
                search(index(&same, kind, None).as_ref(), &same, same.view().row(0), 20, &ANY, None);
            assert_eq!(hits.len(), 20, "{kind} {metric}");
        }
    }
}

#[test]
fn odd_values_do_no_harm() {
    for (kind, metric) in KINDS.into_iter().flat_map(|kind| [(kind, Metric::L2), (kind, Metric::Ip)]) {
        let mut column = Column::clumped(Element::F32, metric, 8, 2_000, 9);
        let (values, _) = column.data.as_chunks_mut::<4>();
        for (at, odd) in [f32::NAN, f32::INFINITY, f32::MAX, 1e-42, -f32::INFINITY].into_iter().enumerate() {
            values[at * 800] = odd.to_le_bytes();
        }
        let index = index(&column, kind, None);
        for row in [0, 100, 200, 300, 400] {
            let mut out = elanus_kernels::TopK::new(5);
            index.search(&column.view(), column.view().row(row), 5, &ANY, None, &mut out);
            index.search(&column.view(), &[1, 2, 3], 5, &ANY, None, &mut out);
        }
        assert_eq!(search(index.as_ref(), &column, column.view().row(1), 5, &ANY, None).0.len(), 5);
    }
}

#[test]
fn the_file_is_the_same_for_any_number_of_threads_and_as_large_as_foretold() {
    for (element, metric) in pairs() {
        let column = Column::clumped(element, metric, 40, 5_000, 10);
        for kind in KINDS {
            let one = body(&column, kind, Some(50), 1);
            assert!(one == body(&column, kind, Some(50), 3), "{kind} {metric} {}", element.name());
            let params = request(&column, kind, Some(50), 1);
            let foretold = estimate(kind, (&params.hnsw, &params.ivf), 5_000, 40, element).index_bytes;
            assert!(
                one.len() <= foretold && foretold <= one.len() * 11 / 10 + 2_048,
                "{kind}: {} {foretold}",
                one.len()
            );
        }
    }
}

#[test]
fn a_file_opens_only_whole_and_for_its_column_and_kind() {
    let column = Column::clumped(Element::F32, Metric::L2, 8, 300, 11);
    let body = body(&column, Kind::IvfSq8, None, 1);
    let refused = |kind, bytes: &[u8]| {
        let body: Body = Arc::new(bytes.to_vec());
        let error = open(kind, Metric::L2, &column.view(), body).err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    };
    refused(Kind::IvfFlat, &body);
    refused(Kind::Hnsw, &body);
    for len in [0, 10, 63, 64, 100, 127, 128, body.len() - 1] {
        refused(Kind::IvfSq8, &body[..len]);
    }
}

#[test]
fn a_cancelled_build_stops() {
    let column = Column::clumped(Element::F32, Metric::L2, 64, 20_000, 12);
    let cancel = Cancel::new();
    cancel.cancel();
    let built = build(&request(&column, Kind::IvfFlat, None, 2), &Progress::new(), &cancel);
    assert_eq!(built.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
}
