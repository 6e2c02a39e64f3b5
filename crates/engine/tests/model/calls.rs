//! The engine's calls in the terms of the reference.

use crate::encode;
use crate::filter::Filter;
use crate::reference::{Born, Change, Fault, Key, Mode, Row, Rows, Table, World};
use crate::shape::{KEYED_PARTITIONS, Shape};
use elanus_engine::{CatalogChange, Db, NewIndex};
use elanus_types::input::FilterText;
use elanus_types::query::{OutputField, QueryRequest, QueryResult};
use elanus_types::search::{QueryVectors, SearchRequest, SearchResult};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write, WriteOutcome};
use elanus_types::{CollectionMeta, CollectionRef, Column, DataType, Result, Value};
use std::collections::BTreeMap;

pub fn target(name: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: name.into() }
}

/// What a change answers.
#[derive(Debug, Default)]
pub struct Answer {
    /// Keys of the rows written.
    pub keys: Vec<Key>,
    pub count: usize,
}

/// Makes a change. `shape` is that of the collection, as far as it is known.
pub async fn change(db: &dyn Db, shape: &Shape, change: &Change) -> Result<Answer> {
    let database = "default".to_owned();
    let catalog = match change {
        Change::Write(rows) => return Ok(answer(db.write(Write::Insert(insert(shape, rows))).await?)),
        Change::Delete { name, partition, filter } => {
            let filter = FilterText::new(filter.text(shape.text_keys));
            let request = DeleteRequest { target: target(name), partition: partition.clone(), filter };
            return Ok(answer(db.write(Write::Delete(request)).await?));
        }
        Change::Create { name, shape } => shape.create(target(name)),
        Change::Describe { name, text } => CatalogChange::AlterCollection {
            target: target(name),
            set: BTreeMap::from([("collection.description".to_owned(), (*text).to_owned())]),
            remove: Vec::new(),
        },
        Change::Widen { name } => CatalogChange::AlterCollection {
            target: target(name),
            set: BTreeMap::from([("dynamicfield.enabled".to_owned(), "true".to_owned())]),
            remove: Vec::new(),
        },
        Change::Truncate { name } => CatalogChange::Truncate(target(name)),
        Change::Index { name, field, index: (kind, metric) } => {
            let metric = (*field == "vector").then_some(("metric_type", *metric));
            let params = [("index_type", *kind)].into_iter().chain(metric);
            CatalogChange::CreateIndex(NewIndex {
                target: target(name),
                field: (*field).to_owned(),
                name: String::new(),
                params: params.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
                user_params: Vec::new(),
            })
        }
        Change::DropIndex { name, field } => {
            CatalogChange::DropIndex { target: target(name), name: String::new(), field: (*field).to_owned() }
        }
        Change::Drop { name } => CatalogChange::DropCollection(target(name)),
        Change::Rename { name, to } => {
            CatalogChange::RenameCollection { target: target(name), to: target(to) }
        }
        Change::CreateAlias { alias, name } => {
            CatalogChange::CreateAlias { target: target(name), alias: alias.clone() }
        }
        Change::AlterAlias { alias, name } => {
            CatalogChange::AlterAlias { target: target(name), alias: alias.clone() }
        }
        Change::DropAlias { alias } => CatalogChange::DropAlias { database, alias: alias.clone() },
        Change::Release { name, partitions } => {
            CatalogChange::Release { target: target(name), partitions: partitions.clone() }
        }
        Change::Load { name, partitions } => {
            CatalogChange::Load { target: target(name), partitions: partitions.clone(), fields: Vec::new() }
        }
        Change::CreatePartition { name, partition } => {
            CatalogChange::CreatePartition { target: target(name), name: partition.clone() }
        }
        Change::DropPartition { name, partition } => {
            CatalogChange::DropPartition { target: target(name), name: partition.clone() }
        }
    };
    db.alter(catalog).await.map(|()| Answer::default())
}

fn answer(outcome: WriteOutcome) -> Answer {
    let keys = outcome.ids.map_or_else(Vec::new, |ids| encode::read_keys(&ids));
    Answer { keys, count: outcome.count }
}

fn insert(shape: &Shape, rows: &Rows) -> InsertRequest {
    let field_ops = match rows.columns.contains(&"list") {
        true if rows.mode == Mode::Partial => vec![("list".to_owned(), rows.list)],
        _ => Vec::new(),
    };
    InsertRequest {
        target: target(&rows.name),
        partition: rows.partition.clone(),
        rows: rows.rows.len() + usize::from(rows.fault == Some(Fault::RowCount)),
        fields: encode::fields(shape, rows),
        schema_timestamp: 0,
        mode: match rows.mode {
            Mode::Insert => InsertMode::Insert,
            Mode::Upsert => InsertMode::Upsert { partial: false, field_ops },
            Mode::Partial => InsertMode::Upsert { partial: true, field_ops },
        },
    }
}

/// Which rows a read looks at, and when.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub name: String,
    pub partition: Option<String>,
    /// Collection and timestamp of an iterator.
    pub pinned: Option<(i64, u64)>,
}

pub async fn query(
    db: &dyn Db,
    view: &View,
    filter: &str,
    outputs: &[&str],
    page: Option<(usize, usize)>,
) -> Result<QueryResult> {
    let (collection_id, guarantee_timestamp) = view.pinned.unwrap_or_default();
    let request = QueryRequest {
        partitions: view.partition.clone().into_iter().collect(),
        filter: FilterText::new(filter),
        output_fields: outputs.iter().map(|name| (*name).to_owned()).collect(),
        limit: page.map(|(_, limit)| limit),
        offset: page.map_or(0, |(offset, _)| offset),
        iterator: view.pinned.is_some(),
        last_element: None,
        collection_id,
        guarantee_timestamp,
        ..QueryRequest::new(target(&view.name))
    };
    db.query(request).await
}

/// What a search looks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub vector: Value,
    pub filter: Filter,
    pub offset: usize,
    pub limit: usize,
    /// Radius and range filter.
    pub range: Option<(f32, f32)>,
}

pub async fn search(db: &dyn Db, view: &View, shape: &Shape, wanted: &Wanted) -> Result<SearchResult> {
    let vectors = vec![encode::vector(shape.vector, &wanted.vector).into()];
    let queries = QueryVectors::Vectors { data_type: shape.vector, vectors };
    let (collection_id, guarantee_timestamp) = view.pinned.unwrap_or_default();
    let mut params = serde_json::Map::new();
    if let Some((radius, inner)) = wanted.range {
        params.insert("radius".to_owned(), radius.into());
        params.insert("range_filter".to_owned(), inner.into());
    }
    let request = SearchRequest {
        partitions: view.partition.clone().into_iter().collect(),
        filter: FilterText::new(wanted.filter.text(shape.text_keys)),
        offset: wanted.offset as i64,
        params,
        output_fields: vec!["*".to_owned()],
        iterator: view.pinned.is_some(),
        collection_id,
        guarantee_timestamp,
        ..SearchRequest::new(target(&view.name), queries, wanted.limit as i64)
    };
    db.search(request).await
}

pub fn columns(fields: &[OutputField]) -> Vec<(&str, &Column)> {
    fields.iter().map(|output| (output.field.name.as_str(), &output.column)).collect()
}

pub fn column<'a>(result: &'a QueryResult, name: &str) -> &'a Column {
    let found = result.fields.iter().find(|output| output.field.name == name);
    &found.unwrap_or_else(|| panic!("no column {name}")).column
}

/// Everything the engine shows, in the reference's terms. Rows that are released cannot be read.
pub async fn dump(db: &dyn Db) -> Result<World> {
    let catalog = db.catalog();
    let mut world = World::default();
    for meta in catalog.collections.values() {
        for alias in catalog.aliases_of(meta.id) {
            world.aliases.insert(alias.to_owned(), meta.name.clone());
        }
        let mut table = table(meta);
        for partition in readable_partitions(&table) {
            let view = View { name: meta.name.clone(), partition, pinned: None };
            let all = Filter::All.text(table.shape.text_keys);
            let result = query(db, &view, &all, &["*"], None).await?;
            add_rows(&mut table, view.partition, &result);
        }
        world.tables.insert(meta.name.clone(), table);
    }
    Ok(world)
}

/// The partitions to ask one by one; a partition key hides them.
fn readable_partitions(table: &Table) -> Vec<Option<String>> {
    match table.readable(None) {
        Err(_) => Vec::new(),
        Ok(_) if table.shape.keyed => vec![None],
        Ok(_) => {
            let served = table.partitions.iter().filter(|(_, released)| !**released);
            served.map(|(name, _)| Some(name.clone())).collect()
        }
    }
}

fn add_rows(table: &mut Table, partition: Option<String>, result: &QueryResult) {
    let keys = encode::read_keys(column(result, "key"));
    let rows = encode::read_rows(&table.shape, keys.len(), &columns(&result.fields));
    for (key, cells) in keys.into_iter().zip(rows) {
        let partition = partition.clone().unwrap_or_default();
        let row = Row { cells, partition, born: Born::default() };
        assert!(table.rows.insert(key.clone(), row).is_none(), "{key:?} is there twice");
    }
}

fn table(meta: &CollectionMeta) -> Table {
    let field = |name: &str| meta.schema.field(name).unwrap_or_else(|| panic!("no field {name}"));
    let is_text = |name: &str| field(name).data_type == DataType::VarChar;
    let shape = Shape {
        text_keys: is_text("key"),
        auto_id: field("key").auto_id,
        own_ids: meta.properties.contains_key("allow_insert_auto_id"),
        keyed: field("group").partition_key,
        text_groups: is_text("group"),
        dynamic: meta.schema.dynamic().is_some(),
        vector: field("vector").data_type,
        null_vectors: field("vector").nullable,
        ttl: meta.properties.get("collection.ttl.seconds").map_or(0, |ttl| ttl.parse().expect("seconds")),
    };
    assert!(!shape.keyed || meta.partitions.len() == KEYED_PARTITIONS);
    let indexes = meta.indexes.iter().map(|index| {
        let name = ["vector", "number"].into_iter().find(|name| field(name).id == index.field);
        let kind = crate::generate::KINDS.into_iter().find(|kind| *kind == index.index_type);
        let metric =
            crate::generate::METRICS.into_iter().find(|metric| index.metric.as_deref() == Some(metric));
        (name.expect("an indexed field"), (kind.expect("a kind"), metric.unwrap_or_default()))
    });
    Table {
        shape,
        description: meta.properties.get("collection.description").cloned(),
        widened: meta.properties.contains_key("dynamicfield.enabled"),
        partitions: meta.partitions.iter().map(|p| (p.name.clone(), p.released)).collect(),
        indexes: indexes.collect(),
        load: meta.load,
        rows: BTreeMap::new(),
    }
}
