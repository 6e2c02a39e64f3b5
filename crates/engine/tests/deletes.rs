//! Searches by every kind of index with many rows deleted: as many hits as asked for, the right ones, none of them gone.

use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, ColumnData, DataType, FieldSchema, Result};

const ROWS: i64 = 5_000;
const DIM: usize = 16;
const CLUMPS: i64 = 100;

/// Index types with what they cannot do without.
const KINDS: &[(&str, &[(&str, &str)])] = &[
    ("FLAT", &[]),
    ("AUTOINDEX", &[]),
    ("HNSW", &[]),
    ("HNSW_SQ", &[]),
    ("HNSW_PQ", &[("m", "8")]),
    ("HNSW_PRQ", &[("m", "8")]),
    ("IVF_FLAT", &[]),
    ("IVF_SQ8", &[]),
    ("IVF_PQ", &[("m", "8")]),
    ("IVF_RABITQ", &[]),
    ("SCANN", &[]),
    ("DISKANN", &[]),
];

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn target(kind: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: kind.into() }
}

fn vectors() -> Vec<[f32; DIM]> {
    let mut random = fastrand::Rng::with_seed(21);
    let mut point = |spread: f32| std::array::from_fn::<f32, DIM, _>(|_| (random.f32() - 0.5) * spread);
    let centres: Vec<[f32; DIM]> = (0..CLUMPS).map(|_| point(4.0)).collect();
    let row = |centre: &[f32; DIM], by: [f32; DIM]| std::array::from_fn(|at| centre[at] + by[at]);
    (0..ROWS).map(|id| row(&centres[(id % CLUMPS) as usize], point(2.0))).collect()
}

fn bytes(vectors: &[[f32; DIM]]) -> Vec<u8> {
    vectors.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
}

fn create(db: &LocalDb, kind: &str, vectors: &[[f32; DIM]]) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = DIM;
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(kind),
        description: String::new(),
        fields: vec![id, vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))?;
    let field = |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
    let data = bytes(vectors).into();
    let data = InputData::Vector { data_type: DataType::FloatVector, dim: DIM as i64, data };
    let request = InsertRequest {
        target: target(kind),
        partition: None,
        rows: vectors.len(),
        fields: vec![field("id", InputData::Long((0..ROWS).collect())), field("vector", data)],
        schema_timestamp: 0,
        mode: InsertMode::Insert,
    };
    run(db.write(Write::Insert(request))).map(|_| ())
}

fn index(db: &LocalDb, kind: &str, params: &[(&str, &str)]) -> Result<()> {
    let all = [("index_type", kind), ("metric_type", "L2")].into_iter().chain(params.iter().copied());
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target(kind),
        field: "vector".into(),
        name: String::new(),
        params: all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        user_params: Vec::new(),
    })))?;
    db.maintain()?;
    let status = run(db.status(&target(kind)))?;
    let built = status.segments.iter().filter(|segment| !segment.indexed_fields.is_empty()).count();
    assert_eq!((status.segments.len(), built), (1, usize::from(kind != "FLAT")), "{kind}");
    Ok(())
}

/// The keys of the nearest rows, nearest first.
fn search(db: &LocalDb, kind: &str, query: &[f32; DIM], limit: i64) -> Result<Vec<i64>> {
    let queries = vec![bytes(&[*query]).into()];
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: queries };
    let request =
        SearchRequest { metric: Some("L2".into()), ..SearchRequest::new(target(kind), queries, limit) };
    match run(db.search(request))?.ids.data {
        ColumnData::Int64(ids) => Ok(ids),
        other => panic!("ids are {other:?}"),
    }
}

fn nearest(
    vectors: &[[f32; DIM]],
    query: &[f32; DIM],
    alive: impl Fn(i64) -> bool,
    limit: usize,
) -> Vec<i64> {
    let distance =
        |id: i64| -> f32 { vectors[id as usize].iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum() };
    let mut all: Vec<i64> = (0..ROWS).filter(|id| alive(*id)).collect();
    all.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    all.truncate(limit);
    all
}

fn check(
    db: &LocalDb,
    vectors: &[[f32; DIM]],
    kind: &str,
    what: &str,
    alive: impl Fn(i64) -> bool,
) -> Result<()> {
    for limit in [10, 100] {
        let (mut right, mut of) = (0, 0);
        for query in (0..ROWS).step_by(197) {
            let query = vectors[query as usize].map(|value| value + 0.05);
            let truth = nearest(vectors, &query, &alive, limit);
            let found = search(db, kind, &query, limit as i64)?;
            assert_eq!(found.len(), truth.len(), "{kind} {what}");
            assert!(found.iter().all(|id| alive(*id)), "{kind} {what}: a deleted row");
            right += truth.iter().filter(|id| found.contains(id)).count();
            of += truth.len();
        }
        assert!(right as f64 >= 0.93 * of as f64, "{kind} {what}, {limit} hits: {right} of {of}");
    }
    Ok(())
}

#[test]
fn searches_find_what_is_left_by_every_kind() -> Result<()> {
    let folder = Folder::new();
    let db = LocalDb::open(&folder.0, Options { maintenance: false, threads: 2, ..Options::default() })?;
    let vectors = vectors();
    // Ever more rows go: one in ten, then every row of nearly half the clumps, then nine of ten.
    type Alive = fn(i64) -> bool;
    let steps: [(&str, Alive); 3] = [
        ("id % 10 == 3", |id| id % 10 != 3),
        ("id % 100 < 45", |id| id % 10 != 3 && id % 100 >= 45),
        ("id % 10 != 5", |id| id % 10 == 5 && id % 100 >= 45),
    ];
    for (kind, params) in KINDS {
        create(&db, kind, &vectors)?;
        index(&db, kind, params)?;
        check(&db, &vectors, kind, "nothing deleted", |_| true)?;
        for (text, alive) in steps {
            let filter = FilterText::new(text);
            run(db.write(Write::Delete(DeleteRequest { target: target(kind), partition: None, filter })))?;
            check(&db, &vectors, kind, text, alive)?;
        }
    }
    Ok(())
}

/// Removed when dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("elanus-deletes-{}-{:x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Leaving it behind would not make the test wrong.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
