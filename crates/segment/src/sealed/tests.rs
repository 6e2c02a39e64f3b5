use super::*;
use crate::testing::{self, TempDisk, choose};
use crate::{Against, Growing, KeyRange, PrimaryKey, SegmentSearch};
use elanus_ann::SearchParams;
use elanus_kernels::Metric;
use elanus_types::input::FilterText;
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{Column, DataType, FieldSchema, RowBatch, Value};

mod damage;
mod indexes;
mod scalars;

/// Growing segments with random rows and deletes.
fn sources(rng: &mut fastrand::Rng, schema: &Arc<CollectionSchema>) -> Vec<Arc<Growing>> {
    let mut at = 10;
    let count = rng.usize(1..4);
    let segments = (0..count).map(|id| {
        let segment = Growing::new(id as i64, 5, Arc::clone(schema));
        for _ in 0..rng.usize(1..6) {
            at += rng.u64(..3);
            let rows = rng.usize(1..40);
            segment.append(&testing::batch(rng, schema, rows), Timestamp(at));
            delete_some(rng, &segment, &mut at);
        }
        Arc::new(segment)
    });
    segments.collect()
}

fn delete_some(rng: &mut fastrand::Rng, segment: &dyn Segment, at: &mut u64) {
    for _ in 0..rng.usize(..6) {
        *at += rng.u64(..2);
        let row = rng.u32(..segment.rows() as u32);
        if rng.bool() {
            segment.delete_row(row, Timestamp(*at));
        } else if let Some(key) = segment.primary_key(row) {
            segment.delete_key(&key, Timestamp(*at));
        }
    }
}

/// A random part of every source's rows, in random order now and then.
fn select(rng: &mut fastrand::Rng, sources: &[Arc<Growing>]) -> Vec<(Arc<dyn Segment>, Vec<u32>)> {
    let keep = rng.u8(1..=10);
    let pick = |segment: &Arc<Growing>| {
        let mut rows: Vec<u32> = (0..segment.rows() as u32).filter(|_| rng.u8(..10) < keep).collect();
        if rng.u8(..4) == 0 {
            rng.shuffle(&mut rows);
        }
        (Arc::clone(segment) as Arc<dyn Segment>, rows)
    };
    sources.iter().map(pick).collect()
}

/// The same rows in memory, in the same order: the reference.
fn reference(schema: &Arc<CollectionSchema>, selection: &[(Arc<dyn Segment>, Vec<u32>)]) -> Growing {
    let reference = Growing::new(77, 5, Arc::clone(schema));
    let fields: Vec<FieldId> = schema.fields.iter().map(|field| field.id).collect();
    let mut deletes = Vec::new();
    for (segment, rows) in selection {
        let gone = segment.deletes_since(0);
        for row in rows {
            let columns = segment.take(&[*row], &fields).unwrap();
            let batch = RowBatch { rows: 1, columns: fields.iter().copied().zip(columns).collect() };
            let place = reference.append(&batch, segment.timestamp(*row)).start;
            deletes.extend(gone.iter().filter(|(other, _)| other == row).map(|(_, at)| (*at, place)));
        }
    }
    deletes.sort();
    deletes.iter().for_each(|(at, row)| assert!(reference.delete_row(*row, *at)));
    reference
}

/// Every read on both gives the same.
fn assert_same(rng: &mut fastrand::Rng, sealed: &dyn Segment, reference: &dyn Segment) {
    let rows = reference.rows();
    assert_eq!(sealed.rows(), rows);
    assert_eq!(sealed.min_timestamp(), reference.min_timestamp());
    assert_eq!(sealed.max_timestamp(), reference.max_timestamp());
    assert_eq!(deletes(sealed), deletes(reference));
    let mut reads: Vec<Timestamp> = (0..6).map(|_| Timestamp(rng.u64(5..60))).collect();
    reads.extend([Timestamp::ZERO, Timestamp::MAX, reference.max_timestamp()]);
    for row in 0..rows as u32 + 2 {
        assert_eq!(sealed.timestamp(row), reference.timestamp(row));
        let key = reference.primary_key(row);
        assert_eq!(sealed.primary_key(row), key);
        if let Some(key) = &key {
            let sorted = |mut rows: Vec<u32>| {
                rows.sort_unstable();
                rows
            };
            assert_eq!(sorted(sealed.rows_of(key)), sorted(reference.rows_of(key)), "{key}");
            assert_eq!(sealed.find(key), reference.find(key), "{key}");
        }
    }
    assert!(sealed.rows_of(&PrimaryKey::Int(1_000_000)).is_empty());
    assert!(sealed.rows_of(&PrimaryKey::Text("nowhere".into())).is_empty());
    assert_same_columns(rng, sealed, reference);
    for read in reads {
        let all = |segment: &dyn Segment| segment.visible(read).unwrap_or_else(|| Bitmap::ones(rows));
        assert_eq!(all(sealed), all(reference), "visible at {read}");
        for filter in filters(rng, reference.schema()) {
            let predicate = elanus_filter::compile(&FilterText::new(&filter), reference.schema()).unwrap();
            let matching = |segment: &dyn Segment| segment.matching(predicate.as_ref(), read).unwrap();
            assert_eq!(matching(sealed), matching(reference), "{filter} at {read}");
            if let Some(predicate) = &predicate {
                let rows: Vec<u32> = matching(sealed).iter().map(|row| row as u32).collect();
                let elements = |segment: &dyn Segment| segment.elements(predicate, &rows).unwrap();
                assert_eq!(elements(sealed), elements(reference), "{filter} at {read}");
            }
            assert_same_search(rng, sealed, reference, predicate.as_ref(), read);
        }
    }
}

/// The delete list; one key's rows are deleted in no order.
fn deletes(segment: &dyn Segment) -> Vec<(u32, Timestamp)> {
    let mut deletes = segment.deletes_since(0);
    deletes.sort_unstable();
    deletes
}

fn assert_same_columns(rng: &mut fastrand::Rng, sealed: &dyn Segment, reference: &dyn Segment) {
    let fields: Vec<FieldId> =
        reference.schema().fields.iter().map(|field| field.id).chain([TIMESTAMP_FIELD]).collect();
    let rows: Vec<u32> = match reference.rows() as u32 {
        0 => Vec::new(),
        count => (0..count).chain((0..20).map(|_| rng.u32(..count))).collect(),
    };
    let columns = |segment: &dyn Segment| segment.take(&rows, &fields).unwrap();
    for (left, right) in columns(sealed).iter().zip(&columns(reference)) {
        let rows =
            |column: &Column| (0..column.len()).map(|row| column.view().value(row)).collect::<Vec<_>>();
        assert_eq!(rows(left), rows(right));
    }
    assert!(sealed.take(&[reference.rows() as u32], &fields).is_err());
    assert!(sealed.take(&rows, &[999]).is_err());
}

fn assert_same_search(
    rng: &mut fastrand::Rng,
    sealed: &dyn Segment,
    reference: &dyn Segment,
    predicate: Option<&elanus_filter::Predicate>,
    read: Timestamp,
) {
    for field in reference.schema().vectors() {
        let metric = *choose(rng, metrics(field.vector_type()));
        let against = match field.data_type {
            DataType::ArrayOfVector => *choose(rng, &[Against::Lists, Against::Elements]),
            _ => Against::Vectors,
        };
        let queries: Vec<Vec<u8>> = (0..3).map(|_| query(rng, field, against)).collect();
        let queries: Vec<&[u8]> = queries.iter().map(Vec::as_slice).collect();
        let excluded =
            Bitmap::from_bools(&(0..reference.rows()).map(|_| rng.u8(..4) == 0).collect::<Vec<_>>());
        let search = SegmentSearch {
            against,
            field: field.id,
            metric,
            queries: &queries,
            k: rng.usize(..12),
            params: &SearchParams::default(),
            predicate,
            read,
            range: rng.bool().then(|| KeyRange { low: rng.f32() * 20.0 - 10.0, below: rng.f32() * 90.0 }),
            excluded: rng.bool().then_some(&excluded),
            pool: None,
        };
        let hits = |segment: &dyn Segment| segment.search(&search).unwrap().0;
        let found = hits(sealed);
        assert_eq!(found, hits(reference), "{metric} on {}", field.data_type);
        if against == Against::Elements {
            let rows: Vec<u32> = found[1].iter().map(|hit| hit.row).collect();
            let nearest = |segment: &dyn Segment| segment.nearest_elements(&search, 1, &rows).unwrap();
            assert_eq!(nearest(sealed), nearest(reference));
        }
    }
}

fn query(rng: &mut fastrand::Rng, field: &FieldSchema, against: Against) -> Vec<u8> {
    if against != Against::Vectors {
        let count = if against == Against::Lists { rng.usize(1..14) } else { 1 };
        return (0..count).flat_map(|_| testing::vector(rng, field)).collect();
    }
    match testing::value(rng, field, field.data_type) {
        Value::Bytes(bytes) => bytes,
        other => panic!("{other} is no vector"),
    }
}

fn metrics(data_type: DataType) -> &'static [Metric] {
    match data_type {
        DataType::BinaryVector => &[Metric::Hamming, Metric::Jaccard],
        DataType::SparseFloatVector => &[Metric::Ip],
        _ => &[Metric::L2, Metric::Ip, Metric::Cosine],
    }
}

/// Filters over whatever scalar fields there are.
fn filters(rng: &mut fastrand::Rng, schema: &CollectionSchema) -> Vec<String> {
    let mut simple = vec!["id == id".to_owned()];
    simple.clear();
    for field in schema.fields.iter().filter(|field| !field.dynamic) {
        let mut literal = || match testing::value(rng, field, field.data_type) {
            Value::Str(text) => format!("{text:?}"),
            other => other.to_string(),
        };
        let name = &field.name;
        match field.data_type {
            DataType::Bool => simple.push(format!("{name} == {}", literal())),
            DataType::VarChar => {
                simple.push(format!("{name} in [{}, {}, {}]", literal(), literal(), literal()));
                simple.push(format!("{name} >= {}", literal()));
            }
            other if other.is_integer() => {
                simple.push(format!("{name} in [{}, {}, 500]", literal(), literal()));
                simple.push(format!("{name} < {}", literal()));
                simple.push(format!("{name} > 1000"));
            }
            other if other.is_float() => simple.push(format!("{name} <= {}", literal())),
            _ => {}
        }
    }
    if !schema.structs.is_empty() {
        simple.push(format!("match_any(s, $[n] > {})", rng.u8(..90)));
        simple.push("s is null or array_length(s[v]) == 2".to_owned());
    }
    let both = format!("{} and not ({})", choose(rng, &simple), choose(rng, &simple));
    let either = format!("{} or {}", choose(rng, &simple), choose(rng, &simple));
    let one = choose(rng, &simple).clone();
    let mut filters = vec![String::new(), one.clone(), both, either];
    if !schema.structs.is_empty() {
        filters.push(format!("({one}) and element_filter(s, $[n] > {})", rng.u8(..60)));
    }
    filters
}

#[test]
fn files_answer_like_memory() {
    for seed in 0..60 {
        let rng = &mut fastrand::Rng::with_seed(seed);
        let disk = TempDisk::new();
        let schema = testing::schema(rng);
        let sources = sources(rng, &schema);
        let selection = select(rng, &sources);
        let reference = reference(&schema, &selection);
        let files = write_sealed(&*disk, "c", 77, 5, &schema, &selection).unwrap();
        let sealed = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap();
        assert_eq!(sealed.files(), files);
        assert_eq!((sealed.id(), sealed.partition(), sealed.sealed()), (77, 5, true));
        sealed.verify().unwrap();
        assert_same(rng, &sealed, &reference);
        let mut sealed = sealed;
        for number in 0..12 {
            let mut at = 100 + number;
            if reference.rows() > 0 {
                let again = rng.clone();
                delete_some(rng, &reference, &mut at);
                at = 100 + number;
                delete_some(&mut again.clone(), &sealed, &mut at);
            }
            sealed.write_deletes(&*disk, "c", 500 + number as i64).unwrap();
            let files = sealed.files();
            let text = serde_json::to_string(&files).unwrap();
            assert_eq!(serde_json::from_str::<SegmentFiles>(&text).unwrap(), files);
            assert!(files.deletes.len() <= MOST_DELETE_FILES);
            sealed = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap();
        }
        assert_same(rng, &sealed, &reference);
        sealed.write_deletes(&*disk, "c", 999).unwrap();
        assert!(!disk.path("c/77/deletes-999.bin").exists(), "nothing new, no file");
        let again: Vec<(Arc<dyn Segment>, Vec<u32>)> =
            vec![(Arc::new(sealed), (0..reference.rows() as u32).collect())];
        let files = write_sealed(&*disk, "c", 78, 5, &schema, &again).unwrap();
        let copy = Sealed::open(&*disk, "c", Arc::clone(&schema), &files).unwrap();
        assert_eq!(deletes(&copy), deletes(&reference));
        assert_same_columns(rng, &copy, &reference);
    }
}

#[test]
fn fields_newer_than_the_files_read_as_default_or_null() {
    let disk = TempDisk::new();
    let key = FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) };
    let old =
        Arc::new(CollectionSchema { fields: vec![key.clone()], version: 1, ..CollectionSchema::default() });
    let size = FieldSchema { default: Some(Value::Int(7)), ..FieldSchema::new(101, "size", DataType::Int32) };
    let note = FieldSchema { nullable: true, ..FieldSchema::new(102, "note", DataType::VarChar) };
    let vector = FieldSchema { nullable: true, dim: 2, ..FieldSchema::new(103, "v", DataType::FloatVector) };
    let fields = vec![key, size, note, vector];
    let new = Arc::new(CollectionSchema { fields, version: 2, ..CollectionSchema::default() });
    let growing = Growing::new(1, 2, Arc::clone(&old));
    let keys = Column::new(elanus_types::ColumnData::Int64(vec![1, 2, 3]));
    growing.append(&RowBatch { rows: 3, columns: vec![(100, keys)] }, Timestamp(5));
    let selection: [(Arc<dyn Segment>, Vec<u32>); 1] = [(Arc::new(growing), vec![0, 2])];
    for (id, written) in [(1, &old), (2, &new)] {
        let files = write_sealed(&*disk, "c", id, 2, written, &selection).unwrap();
        let sealed = Sealed::open(&*disk, "c", Arc::clone(&new), &files).unwrap();
        let columns = sealed.take(&[1], &[100, 101, 102]).unwrap();
        let values: Vec<Value> = columns.iter().map(|column| column.view().value(0)).collect();
        assert_eq!(values, [Value::Int(3), Value::Int(7), Value::Null]);
        let matching = |text: &str| {
            let predicate = elanus_filter::compile(&FilterText::new(text), &new).unwrap();
            sealed.matching(predicate.as_ref(), Timestamp::MAX).unwrap().count()
        };
        assert_eq!((matching("size == 7"), matching("size > 7"), matching("note == \"a\"")), (2, 0, 0));
        let search = SegmentSearch {
            against: crate::Against::Vectors,
            field: 103,
            metric: Metric::L2,
            queries: &[&[0; 8]],
            k: 3,
            params: &SearchParams::default(),
            predicate: None,
            read: Timestamp::MAX,
            range: None,
            excluded: None,
            pool: None,
        };
        assert_eq!(sealed.search(&search).unwrap().0, [[]]);
    }
}

#[test]
fn a_failed_write_leaves_no_folder_and_takes_no_name() {
    let disk = TempDisk::new();
    let rng = &mut fastrand::Rng::with_seed(1);
    let schema = testing::schema(rng);
    let growing = Growing::new(1, 2, Arc::clone(&schema));
    growing.append(&testing::batch(rng, &schema, 3), Timestamp(5));
    let growing: Arc<dyn Segment> = Arc::new(growing);
    let wrong = [(Arc::clone(&growing), vec![0, 3])];
    assert!(write_sealed(&*disk, "c", 4, 2, &schema, &wrong).is_err(), "no row 3");
    assert!(!disk.path("c/4").exists());
    write_sealed(&*disk, "c", 4, 2, &schema, &[(growing, vec![0, 2])]).unwrap();
}
