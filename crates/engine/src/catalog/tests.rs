//! Exact answers to catalog changes; random changes live in `random`.

mod random;

use super::*;
use crate::db::{CatalogChange, NewCollection, NewIndex};
use crate::validate::Limits;
use elanus_types::{CollectionRef, DataType, FieldSchema, LoadState, Result};

/// A catalog with a clock.
pub(super) struct World {
    pub catalog: Catalog,
    pub now: Timestamp,
    pub limits: Limits,
}

impl World {
    pub fn new() -> Self {
        Self { catalog: initial(), now: Timestamp(1), limits: Limits::default() }
    }

    /// Plans, sends the record through serde, applies. The answer is whether there was a record.
    pub fn change(&mut self, change: CatalogChange) -> Result<bool> {
        self.now = self.now.next();
        let Some(record) = plan(&self.catalog, &change, &self.limits, self.now)? else { return Ok(false) };
        let text = serde_json::to_vec(&record).expect("serialises");
        let back: CatalogRecord = serde_json::from_slice(&text).expect("parses");
        assert_eq!(back, record);
        let direct = apply(&self.catalog, &record);
        self.catalog = apply(&self.catalog, &back);
        assert_eq!(self.catalog, direct);
        assert_eq!(apply(&self.catalog, &record), self.catalog, "applying twice is the same as once");
        Ok(true)
    }

    fn done(&mut self, change: CatalogChange) {
        assert_eq!(self.change(change).map_err(|error| error.to_string()), Ok(true));
    }

    fn nothing(&mut self, change: CatalogChange) {
        assert_eq!(self.change(change).map_err(|error| error.to_string()), Ok(false));
    }

    /// Code and message, without the sentinel that most 1100 messages end with.
    fn refused(&mut self, change: CatalogChange) -> String {
        let error = self.change(change).expect_err("refused");
        format!("{} {}", error.kind().code(), error.message().trim_end_matches(": invalid parameter"))
    }
}

pub(super) fn at(name: &str) -> CollectionRef {
    CollectionRef { database: "default".into(), name: name.into() }
}

pub(super) fn collection(target: CollectionRef, keyed: bool) -> NewCollection {
    let id = FieldSchema { primary_key: true, ..FieldSchema::new(0, "id", DataType::Int64) };
    let v = FieldSchema { dim: 4, ..FieldSchema::new(0, "v", DataType::FloatVector) };
    let k = FieldSchema { partition_key: keyed, ..FieldSchema::new(0, "k", DataType::Int64) };
    NewCollection {
        target,
        description: String::new(),
        fields: vec![id, v, k],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 2,
        properties: Properties::new(),
    }
}

fn create(name: &str) -> CatalogChange {
    CatalogChange::CreateCollection(Box::new(collection(at(name), false)))
}

pub(super) fn index(target: CollectionRef, field: &str) -> CatalogChange {
    CatalogChange::CreateIndex(NewIndex {
        target,
        field: field.into(),
        name: String::new(),
        params: Properties::new(),
        user_params: vec![],
    })
}

fn load(name: &str, partitions: &[&str], fields: &[&str]) -> CatalogChange {
    let strings = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
    CatalogChange::Load { target: at(name), partitions: strings(partitions), fields: strings(fields) }
}

fn release(name: &str, partitions: &[&str]) -> CatalogChange {
    CatalogChange::Release {
        target: at(name),
        partitions: partitions.iter().map(|text| text.to_string()).collect(),
    }
}

fn alias(name: &str, alias: &str) -> CatalogChange {
    CatalogChange::CreateAlias { target: at(name), alias: alias.into() }
}

fn partition(name: &str, partition: &str) -> CatalogChange {
    CatalogChange::CreatePartition { target: at(name), name: partition.into() }
}

fn drop_partition(name: &str, partition: &str) -> CatalogChange {
    CatalogChange::DropPartition { target: at(name), name: partition.into() }
}

fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn alter(name: &str, set: &[(&str, &str)], remove: &[&str]) -> CatalogChange {
    let remove = remove.iter().map(|key| key.to_string()).collect();
    CatalogChange::AlterCollection { target: at(name), set: properties(set), remove }
}

#[test]
fn databases() {
    let mut world = World::new();
    let create =
        |name: &str| CatalogChange::CreateDatabase { name: name.into(), properties: Properties::new() };
    let remove = |name: &str| CatalogChange::DropDatabase { name: name.into() };
    world.done(create("d"));
    assert_eq!(world.refused(create("d")), "1100 database already exist: d");
    assert!(world.refused(create("1")).starts_with("802 "));
    assert_eq!(world.refused(remove("default")), "1100 can not drop default database");
    world.nothing(remove("missing"));
    let target = CollectionRef { database: "d".into(), name: "c".into() };
    world.done(CatalogChange::CreateCollection(Box::new(collection(target.clone(), false))));
    assert_eq!(
        world.refused(remove("d")),
        "1100 database:d not empty, must drop all collections before drop database"
    );
    world.done(CatalogChange::DropCollection(target));
    world.done(remove("d"));
    world.limits.databases = 1;
    assert_eq!(world.refused(create("e")), "801 exceeded the limit number of database[limit=1]");
    let other = CollectionRef { database: "x".into(), name: "c".into() };
    let in_missing = CatalogChange::CreateCollection(Box::new(collection(other.clone(), false)));
    assert_eq!(world.refused(in_missing), "800 database not found[database=x]");
    world.nothing(CatalogChange::DropCollection(other));
}

#[test]
fn collections_are_created_once() {
    let mut world = World::new();
    world.done(create("c"));
    world.nothing(create("c"));
    let mut other = collection(at("c"), false);
    other.fields[1].dim = 8;
    assert_eq!(
        world.refused(CatalogChange::CreateCollection(Box::new(other))),
        "1100 create duplicate collection with different parameters, collection: c"
    );
    let meta = world.catalog.find("default", "c").expect("there");
    assert_eq!(meta.partitions.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["_default"]);
    assert_eq!((meta.shards, meta.load, meta.next_field_id), (1, LoadState::NotLoaded, 103));
    world.limits.collections_per_database = 1;
    assert_eq!(world.refused(create("d")), "102 exceeded the limit number of collections[limit=1]");
    world.done(CatalogChange::DropCollection(at("c")));
    world.nothing(CatalogChange::DropCollection(at("c")));
}

#[test]
fn renames() {
    let mut world = World::new();
    let rename = |from: &str, to: &str| CatalogChange::RenameCollection { target: at(from), to: at(to) };
    world.done(create("c"));
    world.done(create("d"));
    world.done(alias("c", "a"));
    assert_eq!(world.refused(rename("c", "c")), "1100 collection name or database name should be different");
    assert_eq!(
        world.refused(rename("c", "d")),
        "1100 duplicated new collection name default:d with other collection name or alias"
    );
    assert_eq!(
        world.refused(rename("c", "a")),
        "1100 duplicated new collection name default:a with other collection name or alias"
    );
    assert_eq!(
        world.refused(rename("a", "e")),
        "1100 unsupported use an alias to rename collection, alias:a"
    );
    assert_eq!(world.refused(rename("x", "e")), "100 collection not found[database=default][collection=x]");
    world.done(rename("c", "e"));
    assert_eq!(world.catalog.resolve(&at("a")).expect("alias").name, "e");
    assert!(world.catalog.resolve(&at("c")).is_err());
}

#[test]
fn aliases() {
    let mut world = World::new();
    let alter = |name: &str, alias: &str| CatalogChange::AlterAlias { target: at(name), alias: alias.into() };
    let remove = |alias: &str| CatalogChange::DropAlias { database: "default".into(), alias: alias.into() };
    world.done(create("c"));
    world.done(create("d"));
    world.done(alias("c", "a"));
    world.nothing(alias("c", "a"));
    assert_eq!(
        world.refused(alias("d", "a")),
        "1602 a is alias to another collection: c: alias already exist[database=default][alias=a]"
    );
    assert_eq!(
        world.refused(alias("c", "d")),
        "1601 alias and collection name conflict[database=default][alias=d]"
    );
    assert!(world.refused(create("a")).contains("alias and collection name conflict"));
    assert_eq!(world.refused(alter("c", "b")), "1600 alias not found[database=default][alias=b]");
    world.nothing(alter("c", "a"));
    assert_eq!(
        world.refused(CatalogChange::DropCollection(at("a"))),
        "1100 cannot drop the collection via alias = a"
    );
    assert_eq!(
        world.refused(CatalogChange::DropCollection(at("c"))),
        "1100 unable to drop the collection [c] because it has associated aliases [a], please remove all aliases before dropping the collection"
    );
    world.done(alter("d", "a"));
    world.done(CatalogChange::DropCollection(at("c")));
    world.done(remove("a"));
    world.nothing(remove("a"));
}

#[test]
fn partitions() {
    let mut world = World::new();
    world.done(create("c"));
    world.done(partition("c", "p"));
    world.nothing(partition("c", "p"));
    world.nothing(drop_partition("c", "q"));
    assert_eq!(world.refused(drop_partition("c", "_default")), "1100 default partition cannot be deleted");
    world.done(index(at("c"), "v"));
    world.done(load("c", &[], &[]));
    assert_eq!(
        world.refused(drop_partition("c", "p")),
        "1100 partition cannot be dropped, partition is loaded, please release it first"
    );
    world.done(release("c", &["p"]));
    world.done(drop_partition("c", "p"));
    world.limits.partitions = 1;
    assert_eq!(
        world.refused(partition("c", "q")),
        "1100 partition number (1) exceeds max configuration (1), collection: c"
    );
}

#[test]
fn a_partition_key_owns_the_partitions() {
    let mut world = World::new();
    world.done(CatalogChange::CreateCollection(Box::new(collection(at("c"), true))));
    let meta = world.catalog.find("default", "c").expect("there").clone();
    assert_eq!(meta.partitions.len(), 16);
    assert_eq!(meta.partitions.last().map(|p| p.name.as_str()), Some("_default_15"));
    let text = |action: &str| format!("1100 disable {action} if partition key mode is used");
    assert_eq!(world.refused(partition("c", "p")), text("create partition"));
    assert_eq!(world.refused(drop_partition("c", "_default_1")), text("drop partition"));
    world.done(index(at("c"), "v"));
    assert_eq!(world.refused(load("c", &["_default_1"], &[])), text("load partitions"));
    assert_eq!(world.refused(release("c", &["_default_1"])), text("release partitions"));
}

#[test]
fn loading_needs_indexes() {
    let mut world = World::new();
    world.done(create("c"));
    assert_eq!(world.refused(load("c", &[], &[])), "700 index not found[collection=c]");
    world.done(index(at("c"), "k"));
    assert_eq!(
        world.refused(load("c", &[], &[])),
        "1100 there is no vector index on field: [v], please create index firstly"
    );
    world.done(index(at("c"), "v"));
    world.nothing(index(at("c"), "v"));
    assert_eq!(
        world.refused(load("c", &[], &["v"])),
        "1100 load field list [v] does not contain primary key field id"
    );
    assert_eq!(world.refused(load("c", &["p"], &[])), "200 partition not found[partition=p]");
    world.done(load("c", &[], &["id", "v"]));
    world.done(load("c", &[], &[]));
    world.nothing(load("c", &[], &[]));
}

#[test]
fn indexes_drop_by_name_or_field_and_not_while_loaded() {
    let mut world = World::new();
    let remove = |name: &str, field: &str| CatalogChange::DropIndex {
        target: at("c"),
        name: name.into(),
        field: field.into(),
    };
    assert_eq!(world.refused(remove("v", "")), "100 collection not found[database=default][collection=c]");
    world.done(create("c"));
    world.done(index(at("c"), "v"));
    world.done(index(at("c"), "k"));
    world.done(load("c", &[], &[]));
    let id = world.catalog.find("default", "c").expect("there").id;
    let text = format!("1100 vector index cannot be dropped on loaded collection: {id}");
    assert_eq!(world.refused(remove("", "v")), text);
    assert_eq!(world.refused(remove("", "")), text);
    world.done(remove("k", ""));
    world.nothing(remove("k", ""));
    world.done(release("c", &[]));
    world.done(remove("", "v"));
}

#[test]
fn partitions_load_and_release_by_themselves() {
    let mut world = World::new();
    world.done(create("c"));
    world.done(partition("c", "p"));
    world.done(index(at("c"), "v"));
    let state = |world: &World| {
        let meta = world.catalog.find("default", "c").expect("there");
        let released = meta.partitions.iter().filter(|p| p.released).map(|p| p.name.clone());
        (meta.load, released.collect::<Vec<_>>())
    };
    world.done(load("c", &["p"], &[]));
    assert_eq!(state(&world), (LoadState::Loaded, vec!["_default".to_owned()]));
    world.nothing(load("c", &["p"], &[]));
    world.done(load("c", &["_default"], &[]));
    assert_eq!(state(&world), (LoadState::Loaded, vec![]));
    world.done(release("c", &["_default"]));
    world.done(release("c", &["p"]));
    assert_eq!(state(&world), (LoadState::Released, vec![]));
    world.nothing(release("c", &["p"]));
    world.nothing(release("c", &[]));
}

#[test]
fn properties_change() {
    let mut world = World::new();
    world.done(create("c"));
    assert_eq!(world.refused(alter("c", &[], &[])), "1100 no properties or delete keys provided");
    assert_eq!(
        world.refused(alter("c", &[("a", "1")], &["b"])),
        "1100 can not provide properties and deletekeys at the same time"
    );
    assert_eq!(
        world.refused(alter("c", &[("dynamicfield.enabled", "true"), ("a", "1")], &[])),
        "1100 cannot alter dynamic schema with other properties at the same time"
    );
    assert!(
        world.refused(alter("c", &[("collection.ttl.seconds", "-2")], &[])).contains("TTL is out of range")
    );
    world.done(alter("c", &[("collection.ttl.seconds", "60")], &[]));
    world.nothing(alter("c", &[("collection.ttl.seconds", "60")], &[]));
    world.nothing(alter("c", &[], &["absent"]));
    world.done(alter("c", &[], &["collection.ttl.seconds"]));
    world.done(index(at("c"), "v"));
    world.done(load("c", &[], &[]));
    assert_eq!(
        world.refused(alter("c", &[("mmap.enabled", "True")], &[])),
        "104 can not alter mmap properties if collection loaded: collection already loaded[collection=c]"
    );
    let before = world.catalog.find("default", "c").expect("there").clone();
    world.done(alter("c", &[("consistency_level", "Strong"), ("collection.description", "new")], &[]));
    let after = world.catalog.find("default", "c").expect("there").clone();
    assert_eq!((after.consistency_level, after.schema.version), (0, before.schema.version + 1));
    assert!(after.updated > before.updated);
    world.done(alter("c", &[("dynamicfield.enabled", "True")], &[]));
    let wider = world.catalog.find("default", "c").expect("there").clone();
    assert_eq!(wider.schema.dynamic().map(|field| field.id), Some(after.next_field_id));
    assert_eq!(
        (wider.schema.version, wider.next_field_id),
        (after.schema.version + 1, after.next_field_id + 1)
    );
}

#[test]
fn only_nullable_scalar_fields_can_be_added() {
    let mut world = World::new();
    world.done(create("c"));
    let nullable =
        |name: &str, data_type| FieldSchema { nullable: true, ..FieldSchema::new(0, name, data_type) };
    let add = |field: FieldSchema| CatalogChange::AddField { target: at("c"), field: Box::new(field) };
    let before = world.catalog.find("default", "c").expect("there").clone();
    world.done(add(nullable("size", DataType::Int64)));
    let after = world.catalog.find("default", "c").expect("there").clone();
    assert_eq!(after.schema.field("size").map(|field| field.id), Some(before.next_field_id));
    assert_eq!(
        (after.schema.version, after.next_field_id),
        (before.schema.version + 1, before.next_field_id + 1)
    );
    assert!(after.updated > before.updated, "clients see that their schema is old");
    let vector = FieldSchema { dim: 4, ..nullable("w", DataType::FloatVector) };
    for (field, text) in [
        (nullable("size", DataType::Int64), "1100 duplicate field name: size"),
        (FieldSchema::new(0, "w", DataType::Int64), "1100 added field must be nullable"),
        (vector, "1100 not support to add vector field, field name = w"),
    ] {
        let refused = world.refused(add(field));
        assert!(refused.starts_with(text), "{refused}");
    }
    world.limits.fields = 4;
    let refused = world.refused(add(nullable("more", DataType::Int64)));
    assert!(refused.starts_with("1100 The number of fields has reached the maximum value 4"), "{refused}");
}

#[test]
fn an_index_changes_how_it_is_served_and_nothing_else() {
    let mut world = World::new();
    world.done(create("c"));
    world.done(index(at("c"), "v"));
    let alter = |set: &[(&str, &str)], remove: &[&str]| CatalogChange::AlterIndex {
        target: at("c"),
        name: "v".into(),
        set: set.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        remove: remove.iter().map(|key| key.to_string()).collect(),
    };
    let found = |world: &World| world.catalog.find("default", "c").expect("there").indexes[0].clone();
    let before = found(&world);
    world.done(alter(&[("mmap.enabled", "True")], &[]));
    let after = found(&world);
    assert_eq!((after.id, &after.index_type, &after.metric), (before.id, &before.index_type, &before.metric));
    assert_eq!(after.user_params.last(), Some(&("mmap.enabled".to_owned(), "True".to_owned())));
    world.nothing(alter(&[("mmap.enabled", "True")], &[]));
    world.done(alter(&[], &["mmap.enabled"]));
    assert_eq!(found(&world), before);
    assert_eq!(world.refused(alter(&[("M", "8")], &[])), "1100 M is not a configable index property");
    assert!(world.refused(alter(&[("mmap.enabled", "maybe")], &[])).starts_with("1100 invalid mmap.enabled"));
    world.done(load("c", &[], &[]));
    assert!(
        world.refused(alter(&[("mmap.enabled", "True")], &[])).starts_with("104 can't alter index on loaded")
    );
    let missing = CatalogChange::AlterIndex {
        target: at("c"),
        name: "x".into(),
        set: Properties::new(),
        remove: vec![],
    };
    assert_eq!(world.refused(missing), "700 index not found[indexName=x]");
}
