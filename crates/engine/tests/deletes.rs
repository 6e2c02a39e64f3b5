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

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "clumps".into() }
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

fn create(db: &LocalDb, vectors: &[[f32; DIM]]) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = DIM;
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields: vec![id, vector],
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
        target: target(),
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
        target: target(),
        field: "vector".into(),
        name: String::new(),
        params: all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        user_params: Vec::new(),
    })))?;
    db.maintain()
}

/// The keys of the nearest rows, nearest first.
fn search(db: &LocalDb, query: &[f32; DIM], limit: i64) -> Result<Vec<i64>> {
    let queries = vec![bytes(&[*query]).into()];
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: queries };
    let request = SearchRequest { metric: Some("L2".into()), ..SearchRequest::new(target(), queries, limit) };
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
        for query in (0..ROWS).step_by(131) {
            let query = vectors[query as usize].map(|value| value + 0.05);
            let truth = nearest(vectors, &query, &alive, limit);
            let found = search(db, &query, limit as i64)?;
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
    create(&db, &vectors)?;
    db.maintain()?;
    // Ever more rows go: one in ten, then every row of half the clumps, then nine of ten.
    type Alive = fn(i64) -> bool;
    let steps: [(&str, &str, Alive); 4] = [
        ("nothing deleted", "", |_| true),
        ("10 % deleted", "id % 10 == 3", |id| id % 10 != 3),
        ("50 % deleted in clumps", "id % 100 < 45", |id| id % 10 != 3 && id % 100 >= 45),
        ("90 % deleted", "id % 10 != 5", |id| id % 10 == 5 && id % 100 >= 45),
    ];
    for (what, filter, alive) in steps {
        if !filter.is_empty() {
            let filter = FilterText::new(filter);
            run(db.write(Write::Delete(DeleteRequest { target: target(), partition: None, filter })))?;
        }
        check(&db, &vectors, "no index", what, alive)?;
        for (kind, params) in KINDS {
            index(&db, kind, params)?;
            check(&db, &vectors, kind, what, alive)?;
            run(db.alter(CatalogChange::DropIndex {
                target: target(),
                name: "vector".into(),
                field: String::new(),
            }))?;
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
