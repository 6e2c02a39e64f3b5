//! The engine's calls in the terms of the reference.

use crate::reference::{Change, DIM, Filter, Key, Row, Table, World};
use elanus_engine::{CatalogChange, Db, NewCollection, NewIndex};
use elanus_types::catalog::LoadState;
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{QueryVectors, SearchRequest, SearchResult};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, Column, DataType, FieldSchema, Result, Value};
use std::collections::{BTreeMap, BTreeSet};

pub fn target(name: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: name.into() }
}

pub async fn change(db: &dyn Db, world: &World, change: &Change) -> Result<()> {
    let text = |name: &str| world.table(name).is_some_and(|table| table.text_keys);
    let small = |name: &str| world.table(name).is_some_and(|table| table.small_vectors);
    let catalog = match change {
        Change::Insert { name, upsert, partition, rows } => {
            let numbers: Vec<_> = rows.iter().map(|(_, row)| row.number).collect();
            let vectors: Vec<&[i8]> = rows.iter().map(|(_, row)| &row.vector[..]).collect();
            let data = vector_data(&vectors, small(name));
            let keys = rows.iter().map(|(key, _)| key);
            let fields = vec![keys_field(keys, text(name)), numbers_field(&numbers), field("vector", data)];
            let upsert_mode = InsertMode::Upsert { partial: false, field_ops: Vec::new() };
            let mode = if *upsert { upsert_mode } else { InsertMode::Insert };
            return insert(db, name, partition.clone(), fields, rows.len(), mode).await;
        }
        Change::Number { name, rows } => {
            let numbers: Vec<_> = rows.iter().map(|(_, number)| *number).collect();
            let keys = rows.iter().map(|(key, _)| key);
            let fields = vec![keys_field(keys, text(name)), numbers_field(&numbers)];
            let mode = InsertMode::Upsert { partial: true, field_ops: Vec::new() };
            return insert(db, name, None, fields, rows.len(), mode).await;
        }
        Change::Delete { name, filter } => {
            let filter = FilterText::new(filter.text(text(name)));
            let request = DeleteRequest { target: target(name), partition: None, filter };
            return db.write(Write::Delete(request)).await.map(|_| ());
        }
        Change::Create { name, text_keys, small_vectors } => create(name, *text_keys, *small_vectors),
        Change::Index { name } => index(name),
        Change::Drop { name } => CatalogChange::DropCollection(target(name)),
        Change::Rename { name, to } => {
            CatalogChange::RenameCollection { target: target(name), to: target(to) }
        }
        Change::Alias { alias, name } if world.aliases.contains_key(alias) => {
            CatalogChange::AlterAlias { target: target(name), alias: alias.clone() }
        }
        Change::Alias { alias, name } => {
            CatalogChange::CreateAlias { target: target(name), alias: alias.clone() }
        }
        Change::DropAlias { alias } => {
            CatalogChange::DropAlias { database: "default".into(), alias: alias.clone() }
        }
        Change::Release { name } => CatalogChange::Release { target: target(name), partitions: Vec::new() },
        Change::Load { name } => {
            CatalogChange::Load { target: target(name), partitions: Vec::new(), fields: Vec::new() }
        }
        Change::CreatePartition { name, partition } => {
            CatalogChange::CreatePartition { target: target(name), name: partition.clone() }
        }
        Change::DropPartition { name, partition } => {
            CatalogChange::DropPartition { target: target(name), name: partition.clone() }
        }
    };
    db.alter(catalog).await
}

fn create(name: &str, text_keys: bool, small_vectors: bool) -> CatalogChange {
    let mut key = FieldSchema::new(0, "key", if text_keys { DataType::VarChar } else { DataType::Int64 });
    key.primary_key = true;
    key.max_length = if text_keys { 20 } else { 0 };
    let mut number = FieldSchema::new(0, "number", DataType::Int64);
    number.nullable = true;
    let vector_type = if small_vectors { DataType::Int8Vector } else { DataType::FloatVector };
    let mut vector = FieldSchema::new(0, "vector", vector_type);
    vector.dim = DIM;
    CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(name),
        description: String::new(),
        fields: vec![key, number, vector],
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))
}

fn index(name: &str) -> CatalogChange {
    let params = [("index_type", "FLAT"), ("metric_type", "L2")];
    CatalogChange::CreateIndex(NewIndex {
        target: target(name),
        field: "vector".into(),
        name: String::new(),
        params: params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        user_params: Vec::new(),
    })
}

async fn insert(
    db: &dyn Db,
    name: &str,
    partition: Option<String>,
    fields: Vec<InputField>,
    rows: usize,
    mode: InsertMode,
) -> Result<()> {
    let request = InsertRequest { target: target(name), partition, rows, fields, schema_timestamp: 0, mode };
    db.write(Write::Insert(request)).await.map(|_| ())
}

fn field(name: &str, data: InputData) -> InputField {
    InputField { name: name.into(), dynamic: false, data, valid: Vec::new() }
}

fn keys_field<'a>(keys: impl Iterator<Item = &'a Key>, text: bool) -> InputField {
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            Key::Int(number) => numbers.push(*number),
            Key::Text(key) => texts.push(key.clone().into()),
        }
    }
    field("key", if text { InputData::Text(texts) } else { InputData::Long(numbers) })
}

fn numbers_field(numbers: &[Option<i64>]) -> InputField {
    let data = InputData::Long(numbers.iter().flatten().copied().collect());
    InputField { valid: numbers.iter().map(Option::is_some).collect(), ..field("number", data) }
}

fn vector_data(vectors: &[&[i8]], small: bool) -> InputData {
    let elements = vectors.iter().flat_map(|vector| vector.iter());
    let (data_type, data): (_, Vec<u8>) = match small {
        true => (DataType::Int8Vector, elements.map(|element| *element as u8).collect()),
        false => {
            (DataType::FloatVector, elements.flat_map(|element| f32::from(*element).to_le_bytes()).collect())
        }
    };
    InputData::Vector { data_type, dim: DIM as i64, data: data.into() }
}

pub async fn query(
    db: &dyn Db,
    name: &str,
    partition: Option<&str>,
    filter: &str,
    outputs: &[&str],
    page: Option<(usize, usize)>,
) -> Result<QueryResult> {
    let request = QueryRequest {
        target: target(name),
        partitions: partition.map(str::to_owned).into_iter().collect(),
        filter: FilterText::new(filter),
        output_fields: outputs.iter().map(|name| (*name).to_owned()).collect(),
        limit: page.map(|(_, limit)| limit),
        offset: page.map_or(0, |(offset, _)| offset),
        iterator: false,
        collection_id: 0,
        guarantee_timestamp: 0,
    };
    db.query(request).await
}

pub async fn search(
    db: &dyn Db,
    name: &str,
    table: &Table,
    query: &[i8],
    filter: &str,
    limit: i64,
) -> Result<SearchResult> {
    let InputData::Vector { data_type, data, .. } = vector_data(&[query], table.small_vectors) else {
        unreachable!("vectors")
    };
    let queries = QueryVectors::Vectors { data_type, vectors: vec![data] };
    let filter = FilterText::new(filter);
    let request = SearchRequest { filter, ..SearchRequest::new(target(name), queries, limit) };
    db.search(request).await
}

pub fn keys(column: &Column) -> Vec<Key> {
    let view = column.view();
    let key = |row| match view.value(row) {
        Value::Int(number) => Key::Int(number),
        Value::Str(text) => Key::Text(text),
        other => panic!("a key is {other}"),
    };
    (0..column.len()).map(key).collect()
}

pub fn column<'a>(result: &'a QueryResult, name: &str) -> &'a Column {
    let found = result.fields.iter().find(|output| output.field.name == name);
    &found.unwrap_or_else(|| panic!("no column {name}")).column
}

/// Everything the engine holds, in the reference's terms.
pub async fn dump(db: &dyn Db) -> Result<World> {
    let catalog = db.catalog();
    let mut world = World::default();
    for meta in catalog.collections.values() {
        for alias in catalog.aliases_of(meta.id) {
            world.aliases.insert(alias.to_owned(), meta.name.clone());
        }
        let of = |name: &str| meta.schema.field(name).map(|field| field.data_type);
        let mut table = Table {
            text_keys: of("key") == Some(DataType::VarChar),
            small_vectors: of("vector") == Some(DataType::Int8Vector),
            partitions: meta
                .partitions
                .iter()
                .map(|partition| partition.name.clone())
                .collect::<BTreeSet<_>>(),
            rows: BTreeMap::new(),
            indexed: !meta.indexes.is_empty(),
            released: meta.load == LoadState::Released,
        };
        if table.released {
            let rows = db.status(&target(&meta.name)).await?.rows;
            world.tables.insert(meta.name.clone(), table);
            assert!(rows < 10_000);
            continue;
        }
        for partition in table.partitions.clone() {
            rows(db, &meta.name, &partition, &mut table).await?;
        }
        world.tables.insert(meta.name.clone(), table);
    }
    Ok(world)
}

async fn rows(db: &dyn Db, name: &str, partition: &str, table: &mut Table) -> Result<()> {
    let all = Filter::All.text(table.text_keys);
    let result = query(db, name, Some(partition), &all, &["key", "number", "vector"], None).await?;
    let (numbers, vectors) = (column(&result, "number").view(), column(&result, "vector").view());
    for (at, key) in keys(column(&result, "key")).into_iter().enumerate() {
        let number = match numbers.value(at) {
            Value::Int(number) => Some(number),
            _ => None,
        };
        let Value::Bytes(bytes) = vectors.value(at) else { panic!("a vector is {}", vectors.value(at)) };
        let vector = match table.small_vectors {
            true => bytes.iter().map(|byte| *byte as i8).collect(),
            false => bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four) as i8).collect(),
        };
        let row = Row { number, vector, partition: partition.to_owned() };
        assert!(table.rows.insert(key.clone(), row).is_none(), "{key:?} is there twice");
    }
    Ok(())
}
