use super::*;
use crate::{KeyRange, PrimaryKey, Segment, SegmentSearch};
use elanus_ann::SearchParams;
use elanus_filter::Predicate;
use elanus_kernels::{Bitmap, Metric};
use elanus_types::input::FilterText;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{Column, ColumnData, DataType, FieldSchema, Value};

fn schema() -> Arc<CollectionSchema> {
    let key = FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) };
    let note = FieldSchema { nullable: true, ..FieldSchema::new(101, "note", DataType::VarChar) };
    let size = FieldSchema { default: Some(Value::Int(7)), ..FieldSchema::new(102, "size", DataType::Int32) };
    let vector = FieldSchema { dim: 4, ..FieldSchema::new(103, "vector", DataType::FloatVector) };
    let fields = vec![key, note, size, vector];
    Arc::new(CollectionSchema { fields, version: 1, ..CollectionSchema::default() })
}

fn batch(keys: &[i64]) -> RowBatch {
    let data: Vec<u8> = keys.iter().flat_map(|key| [*key as f32; 4]).flat_map(f32::to_le_bytes).collect();
    let vectors = Column::new(ColumnData::Fixed { width: 16, data: data.into() });
    RowBatch {
        rows: keys.len(),
        columns: vec![(100, Column::new(ColumnData::Int64(keys.to_vec()))), (103, vectors)],
    }
}

#[test]
fn rows_appear_with_their_defaults_at_their_timestamp() {
    let segment = Growing::new(1, 2, schema());
    assert_eq!(segment.append(&batch(&[10, 20]), Timestamp(5)), 0..2);
    assert_eq!(segment.append(&batch(&[30]), Timestamp(7)), 2..3);
    let seen = |read| segment.visible(Timestamp(read)).map(|rows| rows.iter().collect::<Vec<_>>());
    assert_eq!(seen(4), Some(vec![]));
    assert_eq!(seen(5), Some(vec![0, 1]));
    assert_eq!(seen(7), Some(vec![0, 1, 2]));
    assert_eq!((segment.min_timestamp(), segment.max_timestamp()), (Timestamp(5), Timestamp(7)));
    let columns = segment.take(&[2, 0], &[100, 101, 102, TIMESTAMP_FIELD]).unwrap();
    let row = |i: usize| columns.iter().map(|column| column.view().value(i)).collect::<Vec<_>>();
    assert_eq!(row(0), [Value::Int(30), Value::Null, Value::Int(7), Value::Int(7)]);
    assert_eq!(row(1), [Value::Int(10), Value::Null, Value::Int(7), Value::Int(5)]);
    assert!(segment.take(&[3], &[100]).is_err(), "row 3 does not exist");
    assert!(segment.take(&[0], &[999]).is_err(), "field 999 does not exist");
}

#[test]
fn deletes_hide_rows_from_their_timestamp_on() {
    let segment = Growing::new(1, 2, schema());
    segment.append(&batch(&[1, 2, 1]), Timestamp(1));
    segment.append(&batch(&[1]), Timestamp(4));
    let one = PrimaryKey::Int(1);
    assert_eq!(segment.find(&one), Some(3));
    assert_eq!(segment.delete_key(&one, Timestamp(4)), 2, "the row written at 4 stays");
    assert_eq!(segment.delete_key(&one, Timestamp(4)), 0, "repeating changes nothing");
    assert_eq!(segment.find(&one), Some(3));
    assert!(segment.delete_row(3, Timestamp(6)));
    assert!(!segment.delete_row(3, Timestamp(6)));
    assert!(!segment.delete_row(4, Timestamp(6)), "no such row");
    assert_eq!(segment.find(&one), None);
    assert_eq!(segment.deletes_since(2), [(3, Timestamp(6))]);
    let seen = |read| segment.visible(Timestamp(read)).map(|rows| rows.iter().collect::<Vec<_>>());
    assert_eq!(seen(3), Some(vec![0, 1, 2]));
    assert_eq!(seen(5), Some(vec![1, 3]));
    assert_eq!(seen(6), Some(vec![1]));
}

#[test]
fn many_chunks_read_as_one_segment() {
    let segment = Growing::new(1, 2, schema());
    for start in (0..20_000).step_by(500) {
        segment.append(&batch(&(start..start + 500).collect::<Vec<_>>()), Timestamp(start as u64 + 1));
    }
    assert!(segment.rows.read().frozen.len() >= 4);
    let rows = [0u32, 4095, 4096, 19_999, 4500, 12_345];
    let columns = segment.take(&rows, &[100]).unwrap();
    let keys: Vec<Value> = (0..rows.len()).map(|i| columns[0].view().value(i)).collect();
    assert_eq!(keys, rows.map(|row| Value::Int(i64::from(row))));
    assert_eq!(segment.find(&PrimaryKey::Int(15_000)), Some(15_000));
    assert_eq!(segment.primary_key(19_999), Some(PrimaryKey::Int(19_999)));
    assert!(segment.memory_bytes() > 20_000 * (16 + 8 + 4));
}

#[test]
fn large_batches_stay_where_they_are_between_small_ones() {
    let segment = Growing::new(1, 2, schema());
    let sizes = [3, 40_000, 5, 1, 40_000, 33_000, 2];
    let mut next = 0;
    let mut sent = Vec::new();
    for (at, size) in sizes.into_iter().enumerate() {
        sent.push(batch(&(next..next + size).collect::<Vec<_>>()));
        segment.append(&sent[at], Timestamp(at as u64 + 1));
        next += size;
    }
    let rows: Vec<u32> =
        (0..next as u32).step_by(997).chain([2, 3, 40_002, 40_003, 40_008, 40_009]).collect();
    let columns = segment.take(&rows, &[100, 101, 102, 103]).unwrap();
    for (i, row) in rows.iter().enumerate() {
        let value = |column: usize| columns[column].view().value(i);
        assert_eq!((value(0), value(1), value(2)), (Value::Int(i64::from(*row)), Value::Null, Value::Int(7)));
        let ColumnData::Fixed { data, .. } = &columns[3].data else { panic!("vectors") };
        assert_eq!(&data[i * 16..i * 16 + 4], (*row as f32).to_le_bytes());
    }
    let ColumnData::Fixed { data, .. } = &sent[1].columns[1].1.data else { panic!("vectors") };
    assert!(!data.is_unique(), "the segment shares the batch's bytes");
    assert_eq!(segment.primary_key(next as u32 - 1), Some(PrimaryKey::Int(next - 1)));
    assert_eq!(segment.find(&PrimaryKey::Int(40_004)), Some(40_004));
}

#[test]
fn search_is_exact_over_the_rows_of_its_snapshot() {
    let segment = Growing::new(1, 2, schema());
    for start in (0..10_000).step_by(500) {
        segment.append(&batch(&(start..start + 500).collect::<Vec<_>>()), Timestamp(start as u64 + 1));
    }
    segment.delete_row(4999, Timestamp(20_000));
    let query: Vec<u8> = [4999.2f32; 4].into_iter().flat_map(f32::to_le_bytes).collect();
    let search = SegmentSearch {
        against: crate::Against::Vectors,
        field: 103,
        metric: Metric::L2,
        queries: &[&query],
        k: 3,
        params: &SearchParams::default(),
        predicate: None,
        read: Timestamp::MAX,
        range: None,
        excluded: None,
        pool: None,
    };
    let rows = |search: &SegmentSearch<'_>| {
        let (hits, _) = segment.search(search).unwrap();
        hits[0].iter().map(|hit| hit.row).collect::<Vec<_>>()
    };
    assert_eq!(rows(&search), [5000, 4998, 5001]);
    assert_eq!(rows(&SegmentSearch { read: Timestamp(19_999), ..search }), [4999, 5000, 4998]);
    assert_eq!(rows(&SegmentSearch { read: Timestamp(4501), ..search }), [4999, 4998, 4997]);
    let excluded = Bitmap::from_bools(&[vec![false; 5000], vec![true]].concat());
    assert_eq!(rows(&SegmentSearch { excluded: Some(&excluded), ..search }), [4998, 5001, 4997]);
    let last = segment.search(&search).unwrap().0[0][1].key;
    assert_eq!(rows(&SegmentSearch { range: Some(KeyRange::after(last)), ..search }), [5001, 4997, 5002]);
    assert!(segment.search(&SegmentSearch { queries: &[&query[1..]], ..search }).is_err());
    assert!(segment.search(&SegmentSearch { metric: Metric::Hamming, ..search }).is_err());
    assert!(segment.search(&SegmentSearch { field: 100, ..search }).is_err());
}

fn filter(text: &str) -> Predicate {
    elanus_filter::compile(&FilterText::new(text), &schema()).unwrap().expect("not blank")
}

#[test]
fn a_filter_gives_the_visible_rows_it_is_true_for() {
    let segment = Growing::new(1, 2, schema());
    for start in (0..10_000).step_by(1000) {
        segment.append(&batch(&(start..start + 1000).collect::<Vec<_>>()), Timestamp(start as u64 + 1));
    }
    segment.delete_row(5000, Timestamp(20_000));
    let matching = |text: &str, read| {
        let rows = segment.matching(Some(&filter(text)), Timestamp(read)).unwrap();
        assert_eq!(rows.len(), 10_000);
        rows.iter().collect::<Vec<_>>()
    };
    assert_eq!(matching("id >= 4998 and id < 5002", 30_000), [4998, 4999, 5001]);
    assert_eq!(matching("id >= 4998 and id < 5002", 10_000), [4998, 4999, 5000, 5001]);
    assert_eq!(matching("id >= 4998 and id < 5002", 4_001), [4998, 4999]);
    assert_eq!(matching("id in [5000, 3, 9999, 77777]", 10_000), [3, 5000, 9999]);
    assert_eq!(matching("id == 5000", 30_000), [0usize; 0]);
    assert_eq!(segment.matching(None, Timestamp::MAX).unwrap().count(), 9_999);
}

#[test]
fn a_long_visit_holds_up_no_writer() {
    let segment = Growing::new(1, 2, schema());
    segment.append(&batch(&[1, 2]), Timestamp(1));
    let mut seen = 0;
    let visited = segment.newer(&[], true, |chunk| {
        assert!(segment.rows.try_write().is_some(), "a writer would wait for the visit");
        seen += chunk.end() - chunk.start;
        Ok(())
    });
    assert_eq!((visited, seen), (Ok(()), 2));
    // A search with many queries is one.
    let query: Vec<u8> = [2.2f32; 4].into_iter().flat_map(f32::to_le_bytes).collect();
    let search = SegmentSearch {
        against: crate::Against::Vectors,
        field: 103,
        metric: Metric::L2,
        queries: &[&query[..]; 20],
        k: 1,
        params: &SearchParams::default(),
        predicate: None,
        read: Timestamp::MAX,
        range: None,
        excluded: None,
        pool: None,
    };
    let (hits, _) = segment.search(&search).unwrap();
    assert!(hits.len() == 20 && hits.iter().all(|hits| hits[0].row == 1));
}

#[test]
fn the_size_of_texts_is_known_before_they_are_copied() {
    let segment = Growing::new(1, 2, schema());
    let mut rows = batch(&[1, 2, 3]);
    rows.columns.push((101, Column::from_bytes(["four", "", "seven 7"])));
    segment.append(&rows, Timestamp(1));
    let size = |rows: &[u32]| segment.varying_bytes(rows, &[100, 101, 103]);
    assert_eq!((size(&[0]), size(&[1]), size(&[2, 0, 2]), size(&[77])), (4, 0, 18, 0));
}
