//! How graphs are built, kept and opened.

mod common;

use common::{Column, pairs, search};
use elanus_ann::{BuildRequest, Coding, Kind, SearchParams, build, registry::estimate};
use elanus_kernels::{Bitmap, Element, Metric, TopK};
use elanus_runtime::{Cancel, Progress};
use elanus_types::ErrorKind;
use proptest::prelude::*;
use std::sync::LazyLock;

#[test]
fn the_file_does_not_depend_on_the_number_of_threads() {
    for (element, metric) in pairs() {
        let column = Column::clumped(element, metric, 16, 1_500, 1);
        let one = column.build(1);
        assert!(one == column.build(3), "{metric} {}", element.name());
    }
}

#[test]
fn the_file_is_about_as_large_as_foretold() {
    for (element, metric) in pairs() {
        let column = Column::clumped(element, metric, 40, 5_000, 2);
        for kind in Kind::ALL.into_iter().filter(|kind| kind.is_graph()) {
            let mut request = BuildRequest { kind, ..column.request(2) };
            // Without a coding it may also choose one that is smaller than foretold.
            request.hnsw.coding = match kind {
                Kind::HnswPq => Some(Coding::Product { pieces: 20, stages: 1, bits: 4 }),
                kind => kind.coding(40),
            };
            let size = build(&request, &Progress::new(), &Cancel::new()).expect("builds").len();
            let foretold = estimate(kind, (&request.hnsw, &request.ivf), 5_000, 40, element).index_bytes;
            assert!(
                size <= foretold && foretold <= size * 11 / 10 + 2_048,
                "{kind} {metric} {}: {size} {foretold}",
                element.name()
            );
        }
    }
}

#[test]
fn a_cancelled_build_stops() {
    let column = Column::clumped(Element::F32, Metric::L2, 64, 20_000, 3);
    let (progress, cancel) = (Progress::new(), Cancel::new());
    let error = std::thread::scope(|scope| {
        let building = scope.spawn(|| build(&column.request(2), &progress, &cancel));
        while progress.done() < 100 {
            std::thread::yield_now();
        }
        cancel.cancel();
        building.join().expect("no panic")
    });
    assert_eq!(error.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
    assert!(progress.done() < progress.total(), "{} of {}", progress.done(), progress.total());
}

#[test]
fn a_file_opens_only_for_its_column() {
    let column = Column::clumped(Element::F32, Metric::L2, 8, 300, 4);
    let body = column.build(1);
    let wider = Column { dim: 4, ..Column::clumped(Element::F32, Metric::L2, 8, 150, 4) };
    let other = Column::clumped(Element::F32, Metric::Ip, 8, 300, 4);
    let half =
        Column { element: Element::F16, dim: 16, ..Column::clumped(Element::F32, Metric::L2, 8, 300, 4) };
    for column in [wider, other, half] {
        let error = column.open(body.clone()).err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    }
}

/// Small columns with equal rows, and their files.
fn small() -> &'static [(Column, Vec<u8>)] {
    static SMALL: LazyLock<Vec<(Column, Vec<u8>)>> = LazyLock::new(make_small);
    &SMALL
}

fn make_small() -> Vec<(Column, Vec<u8>)> {
    let pairs = [(Element::F32, Metric::L2), (Element::I8, Metric::Cosine), (Element::Bit, Metric::Hamming)];
    let column = |(element, metric)| {
        let mut column = Column::clumped(element, metric, 8, 200, 5);
        let width = column.view().width();
        column.data.copy_within(..20 * width, 100 * width);
        let body = column.build(1);
        (column, body)
    };
    pairs.into_iter().map(column).collect()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for (column, body) in small() {
        for len in 0..body.len() {
            let error = column.open(body[..len].to_vec()).err().expect("refused");
            assert_eq!(error.kind(), ErrorKind::Damaged, "{len}");
        }
        assert!(column.open([&body[..], &[0]].concat()).is_err());
    }
}

/// Searches in every way; hits must be legal whatever the file holds.
fn probe(column: &Column, body: Vec<u8>) {
    let Ok(index) = column.open(body) else { return };
    let filter = Bitmap::from_bools(&(0..200).map(|row| row % 4 != 0).collect::<Vec<_>>());
    let far = SearchParams { ef: Some(3), bound: Some((1.0, 50.0).into()), ..SearchParams::default() };
    for params in [SearchParams { ef: Some(2), ..SearchParams::default() }, SearchParams::default(), far] {
        for filter in [None, Some(&filter)] {
            search(index.as_ref(), column, column.view().row(7), 2, &params, filter);
        }
    }
    assert!(!index.describe().is_empty());
}

proptest! {
    #[test]
    fn a_damaged_file_is_refused_or_searched(seed: u64, flips in 1usize..40, in_head: bool) {
        for (column, body) in small() {
            let mut body = body.clone();
            let mut random = fastrand::Rng::with_seed(seed);
            let end = if in_head { 256 } else { body.len() };
            for _ in 0..flips {
                body[random.usize(..end)] = random.u8(..);
            }
            probe(column, body);
        }
    }

    #[test]
    fn rubbish_is_refused(rubbish in prop::collection::vec(any::<u8>(), 0..600), keep in 0usize..300) {
        for (column, body) in small().iter().take(1) {
            let keep = keep.min(body.len());
            probe(column, [&body[..keep], &rubbish[..]].concat());
        }
    }
}

#[test]
fn a_file_full_of_the_largest_numbers_does_no_harm() {
    for (column, body) in small() {
        for byte in [0xff, 0x7f, 0x00, 0x01] {
            let mut body = body.clone();
            body[256..].fill(byte);
            probe(column, body);
        }
    }
}

#[test]
fn another_column_than_the_one_opened_with_is_still_searched() {
    let column = Column::clumped(Element::F32, Metric::L2, 8, 2_000, 6);
    let index = column.index();
    let fewer = Column::clumped(Element::F32, Metric::L2, 8, 1_900, 6);
    let mut out = TopK::new(3);
    let stats = index.search(&fewer.view(), fewer.view().row(5), 3, &SearchParams::default(), None, &mut out);
    assert!(stats.scanned && out.len() == 3);
}
