//! Graphs whose codes alone say which rows are nearest.

mod common;

use common::Column;
use elanus_ann::{Bound, BuildRequest, HnswParams, Index, Kind, SearchParams, SearchStats, build};
use elanus_kernels::{Bitmap, Distance, Element, Hit, Metric, TopK};
use elanus_runtime::{Cancel, Progress};

fn compact(column: &Column) -> Box<dyn Index> {
    let request = column.request(2);
    let hnsw = HnswParams { compact: true, ..request.hnsw };
    let request = BuildRequest { kind: Kind::Hnsw, hnsw, ..request };
    column.open(build(&request, &Progress::new(), &Cancel::new()).expect("builds")).expect("opens")
}

fn search(
    index: &dyn Index,
    column: &Column,
    query: &[u8],
    params: &SearchParams,
    filter: Option<&Bitmap>,
) -> (Vec<Hit>, SearchStats) {
    let mut out = TopK::new(10);
    let stats = index.search(&column.view(), query, 10, params, filter, &mut out);
    (out.into_sorted(), stats)
}

#[test]
fn hits_are_found_and_scored_without_the_vectors() {
    for metric in [Metric::Cosine, Metric::L2, Metric::Ip] {
        for element in [Element::F32, Element::F16] {
            let (column, queries) = Column::clumped(element, metric, 48, 6_050, 1).split(6_000);
            let index = compact(&column);
            assert!(index.describe().contains("codes alone"), "{}", index.describe());
            let distance = Distance::new(metric, element, 48).expect("legal");
            let allowed = Bitmap::from_bools(&(0..6_000).map(|row| row % 4 > 0).collect::<Vec<_>>());
            for filter in [None, Some(&allowed)] {
                let (mut right, mut spread, mut off) = (0, 0.0f32, 0.0f32);
                for at in 0..50 {
                    let query = queries.view().row(at);
                    let truth = column.exact(query, 10, &SearchParams::default(), filter);
                    let (hits, stats) =
                        search(index.as_ref(), &column, query, &SearchParams::default(), filter);
                    assert!(stats.exact == 0 || stats.scanned, "{metric}: {stats:?}");
                    assert_eq!(hits.len(), 10);
                    spread = spread.max(truth[9].key - truth[0].key);
                    for hit in hits {
                        let key = distance.key(query, column.view().row(hit.row as usize));
                        right += usize::from(key <= truth[9].key);
                        off = off.max((key - hit.key).abs());
                    }
                }
                assert!(right >= 475, "{metric} {}: {right} of 500", element.name());
                assert!(
                    off < spread / 4.0,
                    "{metric} {}: scores are off by {off} of {spread}",
                    element.name()
                );
            }
        }
    }
}

#[test]
fn pages_are_cut_by_exact_scores() {
    let (column, queries) = Column::clumped(Element::F32, Metric::L2, 32, 6_010, 2).split(6_000);
    let index = compact(&column);
    for at in 0..10 {
        let query = queries.view().row(at);
        let truth = column.exact(query, 20, &SearchParams::default(), None);
        let bound = Bound { low: truth[5].key, high: f32::INFINITY };
        let params = SearchParams { bound: Some(bound), ef: Some(400), ..SearchParams::default() };
        let (hits, _) = search(index.as_ref(), &column, query, &params, None);
        assert_eq!(hits, truth[5..15]);
        let first = SearchParams { bound: Some(Bound::ALL), ..params };
        assert_eq!(search(index.as_ref(), &column, query, &first, None).0, truth[..10]);
    }
}

#[test]
fn codes_that_do_not_suffice_alone_are_compared_with_the_vectors() {
    // Bytes as they are stored are their own codes, and bits have none.
    for (element, metric) in [(Element::I8, Metric::L2), (Element::Bit, Metric::Hamming)] {
        let column = Column::clumped(element, metric, 32, 3_000, 3);
        let index = compact(&column);
        let view = column.view();
        let (hits, _) = search(index.as_ref(), &column, view.row(7), &SearchParams::default(), None);
        let distance = Distance::new(metric, element, 32).expect("legal");
        for hit in hits {
            assert_eq!(hit.key, distance.key(view.row(7), view.row(hit.row as usize)) + 0.0);
        }
    }
}
