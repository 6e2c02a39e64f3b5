//! Bands of MinHash slots against comparing all rows slot by slot.

use elanus_ann::{
    Body, BuildRequest, HnswParams, Index, IvfParams, Kind, SearchParams, VectorsView, build, exact_search,
    open,
};
use elanus_kernels::{Bitmap, Element, Hit, Metric, Slots, TopK};
use elanus_runtime::{Cancel, Progress};
use std::collections::BTreeSet;
use std::sync::Arc;

const BY_SLOTS: SearchParams = SearchParams {
    ef: None,
    nprobe: None,
    refine_k: None,
    mh_jaccard: true,
    recall_target: None,
    bound: None,
};
const BY_BAND: SearchParams = SearchParams { mh_jaccard: false, ..BY_SLOTS };

/// Signatures of 16-bit slots: every row copies a share of an earlier row's slots.
struct Signatures {
    slots: usize,
    data: Vec<u8>,
}

impl Signatures {
    fn random(slots: usize, rows: usize, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut all: Vec<Vec<u16>> = Vec::new();
        for row in 0..rows {
            let like = (row > 0).then(|| all[random.usize(0..row)].clone());
            let share = random.f32();
            let slot = |at: usize, random: &mut fastrand::Rng| match &like {
                Some(like) if random.f32() < share => like[at],
                _ => random.u16(..),
            };
            let signature = (0..slots).map(|at| slot(at, &mut random)).collect();
            all.push(signature);
        }
        let data = all.iter().flatten().flat_map(|slot| slot.to_le_bytes()).collect();
        Self { slots, data }
    }

    fn view(&self) -> VectorsView<'_> {
        VectorsView::new(Element::Bit, self.slots * 16, &self.data)
    }

    fn metric(&self, bands: usize) -> Metric {
        Metric::MhJaccard(Slots::new(16).expect("legal").by_band(bands))
    }

    fn body(&self, bands: usize, threads: usize) -> Vec<u8> {
        let request = BuildRequest {
            kind: Kind::MinHashLsh,
            hnsw: HnswParams::default(),
            ivf: IvfParams::default(),
            metric: self.metric(bands),
            vectors: self.view(),
            threads,
        };
        build(&request, &Progress::new(), &Cancel::new()).expect("builds")
    }

    fn open(&self, body: Vec<u8>) -> elanus_types::Result<Box<dyn Index>> {
        let body: Body = Arc::new(body);
        open(Kind::MinHashLsh, self.metric(0), &self.view(), body)
    }

    fn index(&self, bands: usize) -> Box<dyn Index> {
        self.open(self.body(bands, 2)).expect("opens")
    }

    fn query(&self, row: usize) -> &[u8] {
        self.view().row(row)
    }

    /// The truth, by slots (0 bands) or by bands: rows with anything in common.
    fn exact(&self, bands: usize, query: &[u8], k: usize, filter: Option<&Bitmap>) -> Vec<Hit> {
        let mut out = TopK::new(k);
        let bound = Some((f32::NEG_INFINITY, 0.0).into());
        exact_search(&self.view(), self.metric(bands), query, filter, bound, &mut out);
        out.into_sorted()
    }

    fn search(
        &self,
        index: &dyn Index,
        query: &[u8],
        k: usize,
        params: &SearchParams,
        filter: Option<&Bitmap>,
    ) -> Vec<Hit> {
        let mut out = TopK::new(k);
        index.search(&self.view(), query, k, params, filter, &mut out);
        out.into_sorted()
    }
}

fn filters(rows: usize) -> Vec<Option<Bitmap>> {
    let every = |n: usize| Some(Bitmap::from_bools(&(0..rows).map(|row| row % n == 0).collect::<Vec<_>>()));
    vec![None, every(2), every(50), Some(Bitmap::zeros(rows)), Some(Bitmap::ones(rows))]
}

#[test]
fn one_band_per_slot_finds_what_comparing_all_rows_finds() {
    let column = Signatures::random(24, 3_000, 1);
    let index = column.index(24);
    for filter in filters(3_000).iter().map(Option::as_ref) {
        for (query, k) in (0..40).flat_map(|i| [1, 10, 200].map(|k| (column.query(i * 71), k))) {
            let truth = column.exact(0, query, k, filter);
            assert_eq!(column.search(&*index, query, k, &BY_SLOTS, filter), truth);
        }
    }
}

#[test]
fn without_scores_the_first_rows_that_share_a_band_are_found() {
    let column = Signatures::random(24, 3_000, 2);
    for bands in [1, 3, 5, 24, 100] {
        let index = column.index(bands);
        for filter in filters(3_000).iter().map(Option::as_ref) {
            for (query, k) in (0..20).flat_map(|i| [1, 10, 3_000].map(|k| (column.query(i * 137), k))) {
                let truth = column.exact(bands, query, k, filter);
                assert!(truth.iter().all(|hit| hit.key == -1.0));
                assert_eq!(column.search(&*index, query, k, &BY_BAND, filter), truth, "{bands} bands");
            }
        }
    }
}

#[test]
fn scores_belong_to_rows_that_share_a_band() {
    let column = Signatures::random(24, 3_000, 3);
    let index = column.index(6);
    for query in (0..50).map(|i| column.query(i * 59)) {
        let sharing: BTreeSet<u32> = column.exact(6, query, 3_000, None).iter().map(|hit| hit.row).collect();
        let truth = column.exact(0, query, 3_000, None);
        let truth: Vec<Hit> = truth.into_iter().filter(|hit| sharing.contains(&hit.row)).collect();
        assert_eq!(column.search(&*index, query, 3_000, &BY_SLOTS, None), truth);
        let few = column.search(&*index, query, 3, &SearchParams { refine_k: Some(2.0), ..BY_SLOTS }, None);
        assert!(few.len() == truth.len().min(3) && few.iter().all(|hit| truth.contains(hit)));
        let bound = Some((-0.9, -0.4).into());
        let within = column.search(&*index, query, 9, &SearchParams { bound, ..BY_SLOTS }, None);
        let expected = truth.iter().filter(|hit| (-0.9..-0.4).contains(&hit.key));
        assert_eq!(within, expected.take(9).copied().collect::<Vec<_>>());
    }
}

#[test]
fn recall_grows_with_bands() {
    let column = Signatures::random(48, 4_000, 4);
    let (found, of): (Vec<usize>, usize) = {
        let queries: Vec<&[u8]> = (0..100).map(|i| column.query(i * 39)).collect();
        let near = |query: &&[u8]| {
            column.exact(0, query, 10, None).iter().filter(|hit| hit.key <= -0.5).map(|hit| hit.row).collect()
        };
        let truth: Vec<BTreeSet<u32>> = queries.iter().map(near).collect();
        let found = [2, 6, 12, 48].map(|bands| {
            let index = column.index(bands);
            let hits = |query: &&[u8]| column.search(&*index, query, 10, &BY_SLOTS, None);
            let rows = queries.iter().map(hits).zip(&truth);
            rows.map(|(hits, truth)| hits.iter().filter(|hit| truth.contains(&hit.row)).count()).sum()
        });
        (found.to_vec(), truth.iter().map(BTreeSet::len).sum())
    };
    assert!(found.is_sorted(), "{found:?}");
    assert!(found[0] < of * 9 / 10 && found[2] > of * 9 / 10 && found[3] == of, "{found:?} of {of}");
}

#[test]
fn empty_single_and_equal_rows() {
    let empty = Signatures::random(4, 0, 5);
    assert!(empty.search(&*empty.index(2), &[0; 8], 3, &BY_BAND, None).is_empty());
    let one = Signatures::random(4, 1, 5);
    let index = one.index(4);
    assert_eq!(one.search(&*index, one.query(0), 3, &BY_SLOTS, None), [Hit { key: -1.0, row: 0 }]);
    assert!(one.search(&*index, &[9; 8], 3, &BY_SLOTS, None).is_empty());
    assert!(one.search(&*index, &[0; 6], 3, &BY_SLOTS, None).is_empty(), "a query of the wrong width");
    let equal = Signatures { slots: 4, data: vec![7; 8 * 2_000] };
    let index = equal.index(2);
    for params in [BY_SLOTS, BY_BAND, SearchParams { refine_k: Some(1.0), ..BY_SLOTS }] {
        let rows: Vec<u32> =
            equal.search(&*index, equal.query(5), 3, &params, None).iter().map(|hit| hit.row).collect();
        assert_eq!(rows, [0, 1, 2]);
    }
}

#[test]
fn the_file_does_not_depend_on_threads_and_damage_does_no_harm() {
    let column = Signatures::random(12, 600, 6);
    let body = column.body(5, 1);
    assert_eq!(body, column.body(5, 4));
    let mut random = fastrand::Rng::with_seed(7);
    for len in (0..body.len()).step_by(97) {
        assert!(column.open(body[..len].to_vec()).is_err(), "{len} bytes");
    }
    for _ in 0..400 {
        let mut damaged = body.clone();
        for _ in 0..random.usize(1..30) {
            let at = random.usize(0..damaged.len());
            damaged[at] = random.u8(..);
        }
        let Ok(index) = column.open(damaged) else { continue };
        for params in [BY_SLOTS, BY_BAND] {
            let hits = column.search(&*index, column.query(random.usize(0..600)), 5, &params, None);
            assert!(hits.iter().all(|hit| hit.row < 600));
        }
    }
    let other = Metric::MhJaccard(Slots::BYTES);
    let error = open(Kind::MinHashLsh, other, &column.view(), Arc::new(body)).err().expect("other slots");
    assert!(error.message().contains("MHJACCARD(16)") && error.message().contains("MHJACCARD(8)"), "{error}");
}
