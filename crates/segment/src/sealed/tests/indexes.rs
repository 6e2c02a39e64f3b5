//! Building, attaching and losing vector indexes.

use super::*;
use elanus_runtime::{Cancel, Progress};
use elanus_types::catalog::Properties;

const ROWS: usize = 3000;

fn schema() -> Arc<CollectionSchema> {
    let key = FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) };
    let vector = FieldSchema { nullable: true, dim: 16, ..FieldSchema::new(101, "v", DataType::FloatVector) };
    Arc::new(CollectionSchema { fields: vec![key, vector], version: 1, ..CollectionSchema::default() })
}

fn sealed(disk: &TempDisk) -> Sealed {
    sealed_with(disk, 1)
}

/// A segment in which so many vectors of twenty are null.
fn sealed_with(disk: &TempDisk, nulls: u8) -> Sealed {
    let rng = &mut fastrand::Rng::with_seed(5);
    let schema = schema();
    let growing = Growing::new(1, 2, Arc::clone(&schema));
    for at in 0..10 {
        let keys = (0..ROWS as i64 / 10).map(|i| at * ROWS as i64 / 10 + i).collect();
        let mut vectors = elanus_types::ColumnBuilder::for_field(&schema.fields[1]);
        for _ in 0..ROWS / 10 {
            let null = rng.u8(..20) < nulls;
            let bytes = (0..16).flat_map(|_| rng.f32().to_le_bytes()).collect();
            vectors.push(&if null { Value::Null } else { Value::Bytes(bytes) });
        }
        let columns =
            vec![(100, Column::new(elanus_types::ColumnData::Int64(keys))), (101, vectors.finish())];
        growing.append(&RowBatch { rows: ROWS / 10, columns }, Timestamp(at as u64 + 1));
    }
    let all = (0..ROWS as u32).collect();
    let files = write_sealed(&**disk, "c", 7, 2, &schema, &[(Arc::new(growing), all)]).unwrap();
    Sealed::open(&**disk, "c", schema, &files).unwrap()
}

fn request(params: &Properties) -> IndexRequest<'_> {
    IndexRequest {
        memory: None,
        field: 101,
        index: 9,
        metric: Metric::L2,
        index_type: "HNSW",
        params,
        number: 55,
        threads: 2,
    }
}

/// A search for ten hits with nothing else asked.
fn nearest<'a>(queries: &'a [&'a [u8]], params: &'a SearchParams) -> SegmentSearch<'a> {
    SegmentSearch {
        against: crate::Against::Vectors,
        field: 101,
        metric: Metric::L2,
        queries,
        k: 10,
        params,
        predicate: None,
        read: Timestamp::MAX,
        range: None,
        excluded: None,
        pool: None,
    }
}

/// The part of the exact answers that a segment finds.
fn recall(sealed: &Sealed, reference: &Sealed, filter: &str) -> f64 {
    let rng = &mut fastrand::Rng::with_seed(6);
    let queries: Vec<Vec<u8>> =
        (0..30).map(|_| (0..16).flat_map(|_| rng.f32().to_le_bytes()).collect()).collect();
    let queries: Vec<&[u8]> = queries.iter().map(Vec::as_slice).collect();
    let predicate = elanus_filter::compile(&FilterText::new(filter), sealed.schema()).unwrap();
    let params = SearchParams::default();
    let search = SegmentSearch { predicate: predicate.as_ref(), ..nearest(&queries, &params) };
    let (hits, stats) = sealed.search(&search).unwrap();
    let (truth, _) = reference.search(&search).unwrap();
    assert_eq!((stats.indexed, stats.exact), if sealed.files().indexes.is_empty() { (0, 1) } else { (1, 0) });
    let mut found = 0;
    for (hits, truth) in hits.iter().zip(&truth) {
        assert_eq!(hits.len(), truth.len(), "as many hits as the exact search has");
        found += hits.iter().filter(|hit| truth.contains(hit)).count();
    }
    found as f64 / truth.iter().map(Vec::len).sum::<usize>() as f64
}

#[test]
fn an_index_answers_in_the_place_of_the_scan() {
    let disk = TempDisk::new();
    let segment = sealed(&disk);
    let plain = Sealed::open(&*disk, "c", schema(), &segment.files()).unwrap();
    segment.delete_row(17, Timestamp(50));
    plain.delete_row(17, Timestamp(50));
    let params = Properties::new();
    let file = segment.build_index(&*disk, "c", &request(&params), &Progress::new(), &Cancel::new()).unwrap();
    assert_eq!((file.field, file.index, file.kind.as_str(), file.metric.as_str()), (101, 9, "HNSW", "L2"));
    assert!(file.recall > 0.9, "{}", file.recall);
    assert!(segment.files().indexes.is_empty(), "not in use before it is attached");
    segment.attach_index(&*disk, "c", file.clone()).unwrap();
    assert_eq!(segment.files().index_on(101), Some(&file));
    let measured = segment.measured(101, 0.95).expect("a graph has efforts");
    assert_eq!(measured.recall, file.recall);
    for hits in ["for 1 hits (recall ", "for 10 hits (recall ", "for 100 hits (recall "] {
        assert!(measured.efforts.contains(hits), "{}", measured.efforts);
    }
    assert!(measured.efforts.starts_with("ef "), "{}", measured.efforts);
    assert_eq!(segment.measured(102, 0.95), None);
    let again = Sealed::open(&*disk, "c", schema(), &segment.files()).unwrap();
    again.delete_row(17, Timestamp(50));
    for segment in [&segment, &again] {
        for filter in ["", "id < 1500", "id in [3, 4, 5, 17, 99]", "id > 2990"] {
            let recall = recall(segment, &plain, filter);
            assert!(recall > 0.9, "{recall} with {filter:?}");
        }
    }
    let second = IndexRequest { number: 56, ..request(&params) };
    let file = segment.build_index(&*disk, "c", &second, &Progress::new(), &Cancel::new()).unwrap();
    segment.attach_index(&*disk, "c", file.clone()).unwrap();
    assert_eq!(segment.files().indexes, [file], "one index a field");
    segment.detach_index(101);
    assert_eq!(segment.measured(101, 0.95), None);
    assert_eq!(recall(&segment, &plain, ""), 1.0);
}

#[test]
fn a_cancelled_build_leaves_nothing() {
    let disk = TempDisk::new();
    let segment = sealed(&disk);
    let (params, cancel) = (Properties::new(), Cancel::new());
    cancel.cancel();
    let error = segment.build_index(&*disk, "c", &request(&params), &Progress::new(), &cancel).unwrap_err();
    assert_eq!(error.kind(), elanus_types::ErrorKind::Cancelled);
    assert!(!disk.path("c/7/index-101-55.bin").exists());
}

#[test]
fn without_its_index_a_segment_opens_and_says_so() {
    let disk = TempDisk::new();
    let segment = sealed(&disk);
    let params = Properties::new();
    let file = segment.build_index(&*disk, "c", &request(&params), &Progress::new(), &Cancel::new()).unwrap();
    segment.attach_index(&*disk, "c", file.clone()).unwrap();
    let files = segment.files();
    let path = disk.path("c/7").join(&file.file.name);
    let good = std::fs::read(&path).unwrap();
    let rng = &mut fastrand::Rng::with_seed(2);
    for round in 0..200 {
        let mut bad = good.clone();
        match round % 4 {
            0 => bad.truncate(rng.usize(..good.len())),
            1 => bad[rng.usize(..44)] ^= 1 << rng.u8(..8),
            _ => (0..20).for_each(|_| bad[rng.usize(..good.len())] ^= 1 << rng.u8(..8)),
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, &bad).unwrap();
        let opened = Sealed::open(&*disk, "c", schema(), &files).unwrap();
        let damaged = opened.damaged_indexes();
        assert_eq!(opened.files().indexes.is_empty(), !damaged.is_empty());
        assert!(round % 4 > 1 || !damaged.is_empty(), "round {round} goes unnoticed");
        if !damaged.is_empty() {
            assert_eq!(recall(&opened, &opened, "id < 2000"), 1.0);
        } else {
            let query = [0u8; 64];
            let (hits, _) = opened.search(&nearest(&[&query], &SearchParams::default())).unwrap();
            assert!(hits[0].iter().all(|hit| (hit.row as usize) < ROWS));
        }
    }
}

#[test]
fn indexes_of_every_kind_bear_nulls() {
    for nulls in [12, 20] {
        for kind in
            ["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "IVF_FLAT", "IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "SCANN"]
        {
            let disk = TempDisk::new();
            let segment = sealed_with(&disk, nulls);
            let plain = Sealed::open(&*disk, "c", schema(), &segment.files()).unwrap();
            let m = ("m".to_owned(), "4".to_owned());
            let params: Properties = kind.ends_with("PQ").then_some(m).into_iter().collect();
            let request = IndexRequest { index_type: kind, ..request(&params) };
            let file =
                segment.build_index(&*disk, "c", &request, &Progress::new(), &Cancel::new()).expect(kind);
            segment.attach_index(&*disk, "c", file).expect(kind);
            if nulls == 20 {
                let query = [0_u8; 64];
                let found = segment.search(&nearest(&[&query], &SearchParams::default())).unwrap().0;
                assert_eq!(found, [[]], "{kind}: nulls are no hits");
                continue;
            }
            for filter in ["", "id < 1500"] {
                let recall = recall(&segment, &plain, filter);
                assert!(recall > 0.9, "{kind}: {recall} with {filter:?}");
            }
        }
    }
}
