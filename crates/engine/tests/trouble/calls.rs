//! A small collection and the calls on it.

use elanus_engine::{CatalogChange, CollectionStatus, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_runtime::{Clock, ManualClock};
use elanus_storage::Disk;
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{QueryVectors, SearchRequest, SearchResult};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, Column, ColumnData, DataType, FieldSchema, Result, Value};
use std::sync::Arc;

pub const UPSERT: InsertMode = InsertMode::Upsert { partial: false, field_ops: Vec::new() };
pub const PARTIAL: InsertMode = InsertMode::Upsert { partial: true, field_ops: Vec::new() };

pub fn target(name: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: name.into() }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(1_700_000_000_000))
}

pub fn options() -> Options {
    Options { maintenance: false, threads: 2, ..Options::default() }
}

pub fn open(disk: &Arc<dyn Disk>, clock: &Arc<ManualClock>, options: Options) -> Result<Arc<LocalDb>> {
    LocalDb::open_on(Arc::clone(disk), Arc::clone(clock) as Arc<dyn Clock>, options)
}

/// `id` (key), `number` and `text` (nullable), `vector` of two dimensions.
pub fn create(db: &LocalDb, name: &str, properties: &[(&str, &str)]) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let mut number = FieldSchema::new(0, "number", DataType::Int64);
    number.nullable = true;
    let mut text = FieldSchema::new(0, "text", DataType::VarChar);
    (text.nullable, text.max_length) = (true, 65_535);
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = 2;
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(name),
        description: String::new(),
        fields: vec![id, number, text, vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    }))))
}

pub fn partition(db: &LocalDb, name: &str, partition: &str) -> Result<()> {
    run(db.alter(CatalogChange::CreatePartition { target: target(name), name: partition.into() }))
}

pub fn index(db: &LocalDb, name: &str) -> Result<()> {
    let params = [("index_type", "FLAT"), ("metric_type", "L2")];
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target(name),
        field: "vector".into(),
        name: String::new(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user_params: Vec::new(),
    })))
}

pub fn field(name: &str, data: InputData) -> InputField {
    InputField { name: name.into(), dynamic: false, data, valid: Vec::new() }
}

/// Rows of which `number` is the key's last digit, `text` is `text` and the vector is the key.
pub fn write(
    db: &LocalDb,
    name: &str,
    partition: Option<&str>,
    mode: InsertMode,
    keys: &[i64],
    text: &str,
) -> Result<()> {
    let vectors: Vec<u8> =
        keys.iter().flat_map(|key| [*key as f32, 0.0]).flat_map(f32::to_le_bytes).collect();
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data: vectors.into() };
    let fields = vec![
        field("id", InputData::Long(keys.to_vec())),
        field("number", InputData::Long(keys.iter().map(|key| key % 10).collect())),
        field("text", InputData::Text(vec![text.to_owned().into(); keys.len()])),
        field("vector", vector),
    ];
    send(db, name, partition, mode, fields, keys.len())
}

pub fn send(
    db: &LocalDb,
    name: &str,
    partition: Option<&str>,
    mode: InsertMode,
    fields: Vec<InputField>,
    rows: usize,
) -> Result<()> {
    let partition = partition.map(str::to_owned);
    let request = InsertRequest { target: target(name), partition, rows, fields, schema_timestamp: 0, mode };
    run(db.write(Write::Insert(request))).map(|_| ())
}

pub fn insert(db: &LocalDb, name: &str, keys: &[i64]) -> Result<()> {
    write(db, name, None, InsertMode::Insert, keys, "t")
}

pub fn delete(db: &LocalDb, name: &str, filter: &str) -> Result<usize> {
    let request = DeleteRequest { target: target(name), partition: None, filter: FilterText::new(filter) };
    run(db.write(Write::Delete(request))).map(|outcome| outcome.count)
}

pub fn query(
    db: &LocalDb,
    name: &str,
    partition: Option<&str>,
    filter: &str,
    outputs: &[&str],
) -> Result<QueryResult> {
    run(db.query(QueryRequest {
        partitions: partition.map(str::to_owned).into_iter().collect(),
        filter: FilterText::new(filter),
        output_fields: outputs.iter().map(|name| (*name).to_owned()).collect(),
        ..QueryRequest::new(target(name))
    }))
}

/// The keys that match, in order.
pub fn keys(db: &LocalDb, name: &str, partition: Option<&str>, filter: &str) -> Result<Vec<i64>> {
    let filter = if filter.is_empty() { "id > -1000" } else { filter };
    let result = query(db, name, partition, filter, &["id"])?;
    Ok(integers(&result.fields[0].column))
}

pub fn integers(column: &Column) -> Vec<i64> {
    match &column.data {
        ColumnData::Int64(ids) => ids.clone(),
        other => panic!("not integers: {other:?}"),
    }
}

pub fn count(db: &LocalDb, name: &str) -> Result<i64> {
    let result = query(db, name, None, "", &["count(*)"])?;
    match result.fields[0].column.view().value(0) {
        Value::Int(count) => Ok(count),
        other => panic!("count(*) is {other}"),
    }
}

pub fn request(name: &str, like: i64, limit: i64) -> SearchRequest {
    let vector: Vec<u8> = [like as f32, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
    let vectors = vec![vector.into()];
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors };
    SearchRequest::new(target(name), queries, limit)
}

pub fn search(db: &LocalDb, name: &str, like: i64, limit: i64) -> Result<SearchResult> {
    run(db.search(request(name, like, limit)))
}

pub fn status(db: &LocalDb, name: &str) -> Result<CollectionStatus> {
    run(db.status(&target(name)))
}
