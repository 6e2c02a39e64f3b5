//! A small database with something of everything in it, and its files.

use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, NewStruct, Options, Policy};
use elanus_runtime::ManualClock;
use elanus_segment::SegmentFiles;
use elanus_storage::{Disk, SimDisk, Versioned};
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionMeta, CollectionRef, DataType, FieldSchema, Result, Value};
use std::sync::{Arc, OnceLock};

/// Rows of each collection.
pub const ROWS: usize = 24;
/// The collections.
pub const NAMES: [&str; 2] = ["things", "others"];

/// The database as it lies on the disk, after it was closed.
pub struct Sample {
    pub files: Vec<(String, Vec<u8>)>,
    pub collections: Vec<Arc<CollectionMeta>>,
}

pub fn target(name: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: name.into() }
}

/// Opens what lies on a disk.
pub fn open(disk: &SimDisk) -> Result<Arc<LocalDb>> {
    let policy = Policy { index_min_rows: 8, ..Policy::default() };
    let options =
        Options { maintenance: false, threads: 1, log_file_bytes: 3_000, policy, ..Options::default() };
    LocalDb::open_on(Arc::new(disk.clone()), Arc::new(ManualClock::new(1_700_000_000_000)), options)
}

pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

/// A disk with these files.
pub fn disk(files: &[(String, Vec<u8>)]) -> SimDisk {
    let disk = SimDisk::new(1);
    for (path, bytes) in files {
        let (dir, _) = elanus_storage::disk::split(path);
        disk.create_dir_all(dir).expect("a folder");
        let mut file = disk.create(path).expect("a file");
        file.append(&[bytes]).expect("space");
    }
    disk
}

/// The sample, made once.
pub fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| make().expect("the sample database is made"))
}

fn make() -> Result<Sample> {
    let disk = SimDisk::new(1);
    let db = open(&disk)?;
    for name in NAMES {
        wait(fill(&db, name))?;
    }
    let collections = db.catalog().collections.values().cloned().collect();
    drop(db);
    let paths = disk.files().into_iter().map(|(path, _)| path);
    let files = paths.map(|path| Ok((path.clone(), disk.read(&path)?))).collect::<Result<_>>()?;
    Ok(Sample { files, collections })
}

async fn fill(db: &LocalDb, name: &str) -> Result<()> {
    db.alter(CatalogChange::CreateCollection(Box::new(collection(name)))).await?;
    db.alter(CatalogChange::CreateIndex(index(name))).await?;
    db.write(Write::Insert(rows(name, 0, ROWS))).await?;
    db.flush(&target(name)).await?;
    db.maintain()?;
    // Deleted rows in files, and records that only the log has.
    let filter = FilterText::new("id in [3, 4]");
    db.write(Write::Delete(DeleteRequest { target: target(name), partition: None, filter })).await?;
    db.flush(&target(name)).await?;
    db.write(Write::Insert(rows(name, 3, 2))).await?;
    Ok(())
}

fn collection(name: &str) -> NewCollection {
    let mut fields = vec![
        FieldSchema::new(0, "id", DataType::Int64),
        FieldSchema::new(0, "small", DataType::Int8),
        FieldSchema::new(0, "name", DataType::VarChar),
        FieldSchema::new(0, "tags", DataType::Array),
        FieldSchema::new(0, "doc", DataType::Json),
        FieldSchema::new(0, "at", DataType::Timestamptz),
        FieldSchema::new(0, "place", DataType::Geometry),
        FieldSchema::new(0, "vector", DataType::FloatVector),
        FieldSchema::new(0, "bits", DataType::BinaryVector),
    ];
    for field in &mut fields {
        field.primary_key = field.name == "id";
        field.nullable = ["small", "name", "doc", "at"].contains(&field.name.as_str());
        field.max_length = 20;
        (field.max_capacity, field.element_type) = (4, (field.name == "tags").then_some(DataType::VarChar));
        field.dim = if field.data_type.is_vector() { 8 } else { 0 };
    }
    fields[2].default = Some(Value::Str("none".to_owned()));
    let part = |name: &str, data_type, element| FieldSchema {
        element_type: Some(element),
        max_capacity: 4,
        ..FieldSchema::new(0, name, data_type)
    };
    let vectors = FieldSchema { dim: 8, ..part("v", DataType::ArrayOfVector, DataType::FloatVector) };
    let parts = NewStruct {
        name: "parts".to_owned(),
        nullable: true,
        fields: vec![part("n", DataType::Array, DataType::Int64), vectors],
        ..NewStruct::default()
    };
    NewCollection {
        target: target(name),
        description: String::new(),
        fields,
        structs: vec![parts],
        dynamic: true,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }
}

fn index(name: &str) -> NewIndex {
    let params = [("index_type", "HNSW"), ("metric_type", "L2")];
    NewIndex {
        target: target(name),
        field: "vector".into(),
        name: String::new(),
        params: params.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect(),
        user_params: Vec::new(),
    }
}

pub fn rows(name: &str, first: i64, rows: usize) -> InsertRequest {
    let keys = first..first + rows as i64;
    let field = |name: &str, data| InputField {
        name: name.into(),
        dynamic: name == "$meta",
        data,
        valid: Vec::new(),
    };
    let nullable = |name: &str, data| InputField {
        valid: keys.clone().map(|key| key % 3 > 0).collect(),
        ..field(name, data)
    };
    let texts = |of: fn(i64) -> String| keys.clone().map(|key| of(key).into()).collect::<Vec<bytes::Bytes>>();
    let list = |key: i64| InputData::Text((0..key % 4).map(|i| i.to_string().into()).collect());
    let valid = |key: &i64| key % 3 > 0;
    let numbers = |key: i64| InputData::Long((0..key % 4).collect());
    let vectors = |key: i64| dense_of(DataType::FloatVector, (0..key % 4).flat_map(vector).collect());
    let floats: Vec<u8> = keys.clone().flat_map(vector).collect();
    let bits: Vec<u8> = keys.clone().map(|key| key as u8).collect();
    let dense = dense_of;
    InsertRequest {
        target: target(name),
        partition: None,
        rows,
        fields: vec![
            field("id", InputData::Long(keys.clone().collect())),
            nullable("small", InputData::Int(keys.clone().map(|key| key as i32).collect())),
            nullable("name", InputData::Text(texts(|key| format!("name {key}")))),
            field("tags", InputData::Array(keys.clone().map(list).collect())),
            nullable("doc", InputData::Json(texts(|key| format!("{{\"a\": [{key}]}}")))),
            nullable("at", InputData::Text(texts(|key| format!("2025-01-01T00:00:{:02}Z", key % 60)))),
            field("place", InputData::Wkt(texts(|key| format!("LINESTRING (0 0, {key} 1)")))),
            field("vector", dense(DataType::FloatVector, floats)),
            field("bits", dense(DataType::BinaryVector, bits)),
            nullable("parts[n]", InputData::Array(keys.clone().filter(valid).map(numbers).collect())),
            nullable("parts[v]", InputData::Vectors(keys.clone().filter(valid).map(vectors).collect())),
            field("$meta", InputData::Json(texts(|key| format!("{{\"color\": {key}}}")))),
        ],
        schema_timestamp: 0,
        mode: InsertMode::Insert,
    }
}

fn dense_of(data_type: DataType, data: Vec<u8>) -> InputData {
    InputData::Vector { data_type, dim: 8, data: data.into() }
}

/// A vector of a row.
pub fn vector(key: i64) -> Vec<u8> {
    (0..8).flat_map(|i| ((key * (i + 3) % 11) as f32).to_le_bytes()).collect()
}

/// The segments that the newest manifest of a collection names.
pub fn segments(meta: &CollectionMeta) -> Vec<SegmentFiles> {
    let disk = Arc::new(disk(&sample().files));
    let versions = Versioned::open(disk, &format!("{}/manifest", folder(meta)), *b"ELANMNF\0");
    let newest = versions.and_then(|versions| versions.load_newest()).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&newest.expect("a version").1).expect("json");
    serde_json::from_value(manifest["segments"].clone()).expect("segments")
}

/// Where the files of a collection are.
pub fn folder(meta: &CollectionMeta) -> String {
    format!("collections/{}", meta.id)
}
