//! The embedded database on a real folder: what is acknowledged is there after every reopen.

use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_runtime::ManualClock;
use elanus_storage::SimDisk;
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{QueryVectors, SearchRequest, SearchResult};
use elanus_types::write::{DeleteRequest, FieldOp, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, Column, ColumnData, DataType, ErrorKind, FieldSchema, Result, Value};
use std::path::Path;
use std::sync::Arc;

#[path = "local/learn.rs"]
mod learn;

const DIM: usize = 4;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "things".into() }
}

/// Runs a future; the database's calls need a runtime around them.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn open(folder: &Path) -> Arc<LocalDb> {
    LocalDb::open(folder, Options { maintenance: false, threads: 2, ..Options::default() }).expect("opens")
}

fn create(db: &LocalDb) -> Result<()> {
    create_at(db, target())
}

fn create_at(db: &LocalDb, target: CollectionRef) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = DIM;
    let mut name = FieldSchema::new(0, "name", DataType::VarChar);
    name.max_length = 100;
    name.nullable = true;
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target,
        description: String::new(),
        fields: vec![id, vector, name],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))
}

fn index(db: &LocalDb, index_type: &str) -> Result<()> {
    let params = [("index_type", index_type), ("metric_type", "L2")];
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target(),
        field: "vector".into(),
        name: String::new(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user_params: Vec::new(),
    })))
}

fn vector_of(id: i64) -> [f32; DIM] {
    [id as f32, (id % 7) as f32, (id % 3) as f32, 1.0]
}

fn field(name: &str, data: InputData) -> InputField {
    InputField { name: name.into(), dynamic: false, data, valid: Vec::new() }
}

fn floats(ids: impl Iterator<Item = i64>) -> InputData {
    let bytes: Vec<u8> = ids.flat_map(vector_of).flat_map(f32::to_le_bytes).collect();
    InputData::Vector { data_type: DataType::FloatVector, dim: DIM as i64, data: bytes.into() }
}

fn insert(db: &LocalDb, ids: std::ops::Range<i64>, mode: InsertMode, name: &str) -> Result<()> {
    let names = ids.clone().map(|id| format!("{name}{id}").into()).collect();
    let request = InsertRequest {
        target: target(),
        partition: None,
        rows: ids.clone().count(),
        fields: vec![
            field("id", InputData::Long(ids.clone().collect())),
            field("vector", floats(ids)),
            field("name", InputData::Text(names)),
        ],
        schema_timestamp: 0,
        mode,
    };
    run(db.write(Write::Insert(request))).map(|_| ())
}

fn delete(db: &LocalDb, filter: &str) -> Result<usize> {
    let request = DeleteRequest { target: target(), partition: None, filter: FilterText::new(filter) };
    run(db.write(Write::Delete(request))).map(|outcome| outcome.count)
}

fn query(db: &LocalDb, filter: &str, outputs: &[&str], limit: Option<usize>) -> Result<QueryResult> {
    run(db.query(QueryRequest {
        filter: FilterText::new(filter),
        output_fields: outputs.iter().map(|name| (*name).to_owned()).collect(),
        limit,
        ..QueryRequest::new(target())
    }))
}

fn count(db: &LocalDb, filter: &str) -> i64 {
    let result = query(db, filter, &["count(*)"], None).expect("counts");
    match result.fields[0].column.view().value(0) {
        Value::Int(count) => count,
        other => panic!("count(*) is {other}"),
    }
}

fn ids(column: &Column) -> Vec<i64> {
    match &column.data {
        ColumnData::Int64(ids) => ids.clone(),
        other => panic!("ids are {other:?}"),
    }
}

fn search(db: &LocalDb, like: i64, limit: i64, filter: &str) -> Result<SearchResult> {
    search_near(db, vector_of(like), limit, filter)
}

fn search_near(db: &LocalDb, vector: [f32; DIM], limit: i64, filter: &str) -> Result<SearchResult> {
    run(db.search(request(vector, limit, filter)))
}

fn request(vector: [f32; DIM], limit: i64, filter: &str) -> SearchRequest {
    let vector: Vec<u8> = vector.into_iter().flat_map(f32::to_le_bytes).collect();
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![vector.into()] };
    SearchRequest {
        filter: FilterText::new(filter),
        output_fields: vec!["name".into()],
        ..SearchRequest::new(target(), queries, limit)
    }
}

const UPSERT: InsertMode = InsertMode::Upsert { partial: false, field_ops: Vec::new() };

#[test]
fn everything_acknowledged_is_there_after_every_reopen() -> Result<()> {
    let folder = tempfile();
    {
        let db = open(&folder);
        create(&db)?;
        index(&db, "AUTOINDEX")?;
        insert(&db, 0..100, InsertMode::Insert, "a")?;
        assert_eq!(delete(&db, "id in [3, 5]")?, 2);
        assert_eq!(delete(&db, "id > 90 and id < 95")?, 4);
        insert(&db, 10..20, UPSERT, "b")?;
        assert_eq!(count(&db, ""), 94);
    }
    for sealed in [false, true] {
        let db = open(&folder);
        assert_eq!(count(&db, ""), 94, "sealed: {sealed}");
        assert_eq!(count(&db, "name like 'b%'"), 10);
        let hits = search(&db, 12, 3, "")?;
        assert_eq!(ids(&hits.ids)[0], 12);
        assert_eq!(hits.fields[0].column.view().value(0), Value::Str("b12".into()));
        assert!(!ids(&search(&db, 3, 5, "")?.ids).contains(&3), "deleted rows do not answer");
        assert_eq!(ids(&search(&db, 50, 2, "id < 10")?.ids), [9, 8]);
        db.maintain()?;
        assert_eq!(count(&db, ""), 94);
    }
    Ok(())
}

#[test]
fn insert_replaces_rows_of_the_same_key_also_in_files() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder);
    create(&db)?;
    insert(&db, 0..10, InsertMode::Insert, "a")?;
    db.maintain()?;
    insert(&db, 5..15, InsertMode::Insert, "b")?;
    assert_eq!(count(&db, ""), 15);
    assert_eq!(count(&db, "name like 'a%'"), 5);
    db.maintain()?;
    drop(db);
    let db = open(&folder);
    assert_eq!(count(&db, "name like 'b%'"), 10);
    assert_eq!(ids(&query(&db, "", &["id"], Some(3))?.fields[0].column), [0, 1, 2], "in key order");
    Ok(())
}

#[test]
fn a_partial_upsert_keeps_what_is_not_sent() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder);
    create(&db)?;
    index(&db, "FLAT")?;
    insert(&db, 0..4, InsertMode::Insert, "a")?;
    let fields =
        vec![field("id", InputData::Long(vec![2])), field("name", InputData::Text(vec!["new".into()]))];
    let mode = InsertMode::Upsert { partial: true, field_ops: vec![("name".into(), FieldOp::Replace)] };
    let request =
        InsertRequest { target: target(), partition: None, rows: 1, fields, schema_timestamp: 0, mode };
    run(db.write(Write::Insert(request)))?;
    assert_eq!(count(&db, ""), 4);
    let hits = search(&db, 2, 1, "")?;
    assert_eq!((ids(&hits.ids), hits.scores), (vec![2], vec![0.0]), "the vector is the old one");
    assert_eq!(count(&db, "name == 'new'"), 1);
    Ok(())
}

#[test]
fn a_flush_that_leaves_nothing_to_seal_shortens_the_log() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder.0);
    create(&db)?;
    for start in (0..60_000).step_by(20_000) {
        insert(&db, start..start + 20_000, InsertMode::Insert, "a")?;
    }
    let log = || -> u64 {
        let files = std::fs::read_dir(folder.0.join("wal")).expect("a folder");
        files.map(|file| file.expect("an entry").metadata().expect("a file").len()).sum()
    };
    assert!(log() > 1 << 20);
    run(db.flush(&target()))?;
    assert!(log() < 10_000, "{} bytes are left in the log", log());
    assert_eq!(count(&db, ""), 60_000);
    Ok(())
}

#[test]
fn a_second_database_on_the_folder_is_refused() -> Result<()> {
    let folder = tempfile();
    let first = open(&folder);
    let second = LocalDb::open(&folder, Options::default());
    assert!(second.is_err());
    drop(first);
    assert!(LocalDb::open(&folder, Options::default()).is_ok());
    Ok(())
}

#[test]
fn released_collections_refuse_searches_until_loaded() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder);
    create(&db)?;
    index(&db, "HNSW")?;
    insert(&db, 0..4, InsertMode::Insert, "a")?;
    run(db.alter(CatalogChange::Release { target: target(), partitions: Vec::new() }))?;
    let error = search(&db, 1, 1, "").expect_err("released");
    assert_eq!(error.kind(), ErrorKind::CollectionNotLoaded);
    run(db.alter(CatalogChange::Load { target: target(), partitions: Vec::new(), fields: Vec::new() }))?;
    assert_eq!(ids(&search(&db, 1, 1, "")?.ids), [1]);
    Ok(())
}

#[test]
fn a_large_segment_gets_an_index_that_finds_the_same() -> Result<()> {
    let folder = tempfile();
    {
        let db = open(&folder);
        create(&db)?;
        index(&db, "AUTOINDEX")?;
        insert(&db, 0..3000, InsertMode::Insert, "a")?;
        db.maintain()?;
        insert(&db, 3000..6000, InsertMode::Insert, "a")?;
        db.maintain()?;
        let status = run(db.status(&target()))?;
        assert_eq!((status.rows, status.segments.len()), (6000, 1), "merged");
        assert_eq!(status.indexes[0].pending_rows, 0);
        assert_eq!(status.segments[0].indexed_fields.len(), 1);
    }
    let db = open(&folder);
    for like in [0, 17, 2999, 3000, 5999] {
        assert_eq!(ids(&search(&db, like, 3, "")?.ids)[0], like);
    }
    assert_eq!(ids(&search(&db, 4000, 1, "id < 100")?.ids), [99]);
    Ok(())
}

/// A folder with one collection, its rows in files and in the log.
fn settled(folder: &Path) -> Result<()> {
    let db = open(folder);
    create(&db)?;
    index(&db, "HNSW")?;
    insert(&db, 0..500, InsertMode::Insert, "a")?;
    db.maintain()
}

fn refusal(folder: &Path) -> String {
    let opened = LocalDb::open(folder, Options { maintenance: false, threads: 1, ..Options::default() });
    let error = opened.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    error.message().to_owned()
}

#[test]
fn a_lost_log_is_refused_and_takes_no_files_with_it() -> Result<()> {
    let folder = tempfile();
    settled(&folder)?;
    let files = || std::fs::read_dir(folder.join("collections/100")).expect("a folder").count();
    let before = files();
    std::fs::rename(folder.join("wal"), folder.join("away")).expect("moved");
    assert!(refusal(&folder).contains("collections/100 belongs to a collection that neither"));
    std::fs::remove_dir_all(folder.join("catalog")).expect("removed");
    assert!(refusal(&folder).contains("restore the whole folder from one backup"));
    assert_eq!(files(), before);
    std::fs::remove_dir_all(folder.join("wal")).expect("removed");
    std::fs::rename(folder.join("away"), folder.join("wal")).expect("moved back");
    assert_eq!(count(&open(&folder), ""), 500, "the log alone brings the catalog back");
    Ok(())
}

#[test]
fn a_log_cut_before_a_manifest_is_an_error_of_that_collection() -> Result<()> {
    let folder = tempfile();
    settled(&folder)?;
    let log = folder.join("wal/00000000000000000001.log");
    let length = std::fs::metadata(&log).expect("a log").len();
    let file = std::fs::File::options().write(true).open(&log).expect("opens");
    file.set_len(length - 4000).expect("cut in the middle of the rows");
    let db = open(&folder);
    let error = query(&db, "", &["id"], Some(1)).expect_err("refused");
    assert!(error.message().contains("files of the log are missing or cut off"), "{error}");
    assert!(error.message().starts_with("collection things cannot be opened"), "{error}");
    run(db.alter(CatalogChange::DropCollection(target())))?;
    create(&db)?;
    insert(&db, 0..3, InsertMode::Insert, "a")?;
    assert_eq!(count(&db, ""), 3, "dropping it is a way out");
    assert_eq!(error.kind(), ErrorKind::Damaged);
    Ok(())
}

#[test]
fn a_collection_can_be_dropped_on_a_full_disk() -> Result<()> {
    let disk = SimDisk::new(1);
    let clock = Arc::new(ManualClock::new(1_700_000_000_000));
    let options = Options { maintenance: false, threads: 1, ..Options::default() };
    let db = LocalDb::open_on(Arc::new(disk.clone()), clock, options)?;
    create(&db)?;
    insert(&db, 0..100, InsertMode::Insert, "a")?;
    disk.set_capacity(disk.used());
    let error = insert(&db, 100..200, InsertMode::Insert, "a").expect_err("full");
    assert_eq!(error.kind(), ErrorKind::DiskFull);
    assert_eq!(count(&db, ""), 100);
    run(db.alter(CatalogChange::DropCollection(target())))?;
    assert!(db.catalog().collections.is_empty());
    create(&db)?;
    insert(&db, 0..10, InsertMode::Insert, "a")?;
    assert_eq!(count(&db, ""), 10);
    Ok(())
}

#[test]
fn vectors_that_are_not_finite_are_no_queries() -> Result<()> {
    let folder = tempfile();
    let db = open(&folder);
    create(&db)?;
    insert(&db, 0..4, InsertMode::Insert, "a")?;
    for (component, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "+Inf"), (f32::NEG_INFINITY, "-Inf")] {
        let error = search_near(&db, [1.0, component, 0.0, 0.0], 1, "").expect_err("refused");
        assert!(error.message().contains(&format!("value '{shown}' is not a number or infinity")), "{error}");
    }
    let zero = search_near(&db, [0.0; DIM], 4, "")?;
    assert!(zero.scores.iter().all(|score| score.is_sign_positive()), "{:?}", zero.scores);
    Ok(())
}

#[test]
fn errors_about_damage_name_the_file_and_what_helps() -> Result<()> {
    let folder = tempfile();
    settled(&folder)?;
    let log = folder.join("wal/00000000000000000001.log");
    let sound = std::fs::read(&log).expect("a log");
    let mut bytes = sound.clone();
    bytes[8344] ^= 1;
    std::fs::write(&log, &bytes).expect("written");
    let error = refusal(&folder);
    assert!(error.contains("wal/00000000000000000001.log is damaged at byte"), "{error}");
    assert!(error.ends_with("; restore the whole folder from one backup"), "{error}");
    std::fs::write(&log, &sound).expect("written");
    let manifest = folder.join("collections/100/manifest/00000000000000000001");
    let mut bytes = std::fs::read(&manifest).expect("a manifest");
    bytes[100] ^= 1;
    std::fs::write(&manifest, &bytes).expect("written");
    let error = query(&open(&folder), "", &["id"], Some(1)).expect_err("refused");
    let shown = error.message();
    assert!(shown.contains("collections/100/manifest/00000000000000000001: is damaged"), "{error}");
    assert!(shown.ends_with("one backup, or drop this collection; others are not affected"), "{error}");
    Ok(())
}

#[test]
fn an_older_catalog_serves_as_long_as_the_log_has_what_came_after() -> Result<()> {
    let folder = tempfile();
    let options = Options { maintenance: false, checkpoint_bytes: 1, ..Options::default() };
    let db = LocalDb::open(&folder, options)?;
    create(&db)?;
    index(&db, "FLAT")?;
    // Not in files: they hold the log.
    insert(&db, 0..50, InsertMode::Insert, "a")?;
    let other = CollectionRef { name: "others".into(), ..target() };
    create_at(&db, other.clone())?;
    run(db.flush(&other))?;
    drop(db);
    let mut versions: Vec<_> = std::fs::read_dir(folder.join("catalog"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    versions.sort();
    assert!(versions.len() > 1, "{versions:?}");
    let newest = versions.pop().expect("a version");
    let mut bytes = std::fs::read(&newest).expect("a catalog");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, &bytes).expect("written");
    for _ in 0..2 {
        let db = open(&folder);
        assert_eq!(count(&db, ""), 50);
        assert_eq!(db.catalog().collections.len(), 2);
    }
    Ok(())
}

/// A folder of its own, removed when dropped.
fn tempfile() -> Folder {
    let name = format!("elanus-local-{}-{:x}", std::process::id(), fastrand::u64(..));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).expect("a temporary folder");
    Folder(path)
}

struct Folder(std::path::PathBuf);

impl std::ops::Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Leaving it behind would not make the test wrong.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
