//! Large exact scans, which one read shares with all threads, answer as one thread does.

use bytes::Bytes;
use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::write::{InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, ColumnData, DataType, FieldSchema, Result};
use std::path::Path;
use std::sync::Arc;

const DIM: usize = 256;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "things".into() }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn open(folder: &Path, threads: usize) -> Result<Arc<LocalDb>> {
    LocalDb::open(folder, Options { maintenance: false, threads, ..Options::default() })
}

fn create(db: &LocalDb) -> Result<()> {
    let id = FieldSchema { primary_key: true, ..FieldSchema::new(0, "id", DataType::Int64) };
    let vector = FieldSchema { dim: DIM, ..FieldSchema::new(0, "vector", DataType::FloatVector) };
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields: vec![id, vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))?;
    let params = [("index_type", "FLAT"), ("metric_type", "COSINE")];
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target(),
        field: "vector".into(),
        name: String::new(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user_params: Vec::new(),
    })))
}

/// Few different values, so that there are ties.
fn vectors(ids: std::ops::Range<i64>) -> Vec<u8> {
    let row = |id: i64| {
        let mut random = fastrand::Rng::with_seed(id as u64 % 3_000);
        (0..DIM).map(move |_| random.i32(-1..3) as f32)
    };
    ids.flat_map(row).flat_map(f32::to_le_bytes).collect()
}

fn insert(db: &LocalDb, ids: std::ops::Range<i64>) -> Result<()> {
    let field = |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
    let data = vectors(ids.clone()).into();
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: DIM as i64, data };
    let request = InsertRequest {
        target: target(),
        partition: None,
        rows: ids.clone().count(),
        fields: vec![field("id", InputData::Long(ids.collect())), field("vector", vector)],
        schema_timestamp: 0,
        mode: InsertMode::Insert,
    };
    run(db.write(Write::Insert(request))).map(|_| ())
}

/// Keys and scores for some queries, one by one and all in one request.
fn answers(db: &LocalDb) -> Result<Vec<(Vec<i64>, Vec<f32>)>> {
    let queries: Vec<_> = vectors(20_000..20_030).chunks(DIM * 4).map(Bytes::copy_from_slice).collect();
    let ask = |vectors: Vec<Bytes>, filter: &str| -> Result<(Vec<i64>, Vec<f32>)> {
        let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors };
        let request =
            SearchRequest { filter: FilterText::new(filter), ..SearchRequest::new(target(), queries, 20) };
        let result = run(db.search(request))?;
        let ColumnData::Int64(ids) = result.ids.data else { panic!("keys are numbers") };
        Ok((ids, result.scores))
    };
    for filter in ["", "id % 3 != 1"] {
        let single: Vec<(Vec<i64>, Vec<f32>)> =
            queries.iter().map(|query: &Bytes| ask(vec![query.clone()], filter)).collect::<Result<_>>()?;
        let (ids, scores) = ask(queries.clone(), filter)?;
        assert_eq!(ids, single.iter().flat_map(|(ids, _)| ids.clone()).collect::<Vec<_>>());
        assert_eq!(scores, single.iter().flat_map(|(_, scores)| scores.clone()).collect::<Vec<_>>());
    }
    queries.into_iter().map(|query| ask(vec![query], "id > 100")).collect()
}

#[test]
fn threads_change_no_answer() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("elanus-scans-{}", std::process::id()));
    let outcome = (|| {
        let db = open(&folder, 3)?;
        create(&db)?;
        // Enough for a shared scan, first under construction, then in files with others under construction.
        (0..10_000).step_by(500).try_for_each(|start| insert(&db, start..start + 500))?;
        let growing = answers(&db)?;
        db.maintain()?;
        assert_eq!(answers(&db)?, growing);
        (10_000..16_000).step_by(500).try_for_each(|start| insert(&db, start..start + 500))?;
        let mixed = answers(&db)?;
        drop(db);
        assert_eq!(answers(&*open(&folder, 1)?)?, mixed);
        Ok(())
    })();
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}
