//! What exists: databases, collections, partitions, indexes, aliases.
//!
//! A [`Catalog`] is an immutable picture; the engine publishes a new one after every change.

use crate::{CollectionSchema, Error, ErrorKind, FieldId, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Number of a collection, never reused.
pub type CollectionId = i64;
/// Number of a partition, never reused.
pub type PartitionId = i64;
/// Properties in the order they were set.
pub type Properties = BTreeMap<String, String>;

/// The database that always exists.
pub const DEFAULT_DATABASE: &str = "default";
/// The partition that always exists.
pub const DEFAULT_PARTITION: &str = "_default";

/// Names a collection (or an alias of one) in a database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CollectionRef {
    /// Database name, never empty.
    pub database: String,
    /// Collection name or alias.
    pub name: String,
}

/// One database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatabaseMeta {
    /// Number, never reused; the default database has 1.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Properties as set.
    pub properties: Properties,
    /// When it was created.
    pub created: Timestamp,
}

/// One partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionMeta {
    /// Number.
    pub id: PartitionId,
    /// Name, unique in the collection.
    pub name: String,
    /// When it was created.
    pub created: Timestamp,
    /// Set when the partition alone was released.
    #[serde(default)]
    pub released: bool,
}

/// One index, as the user asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexMeta {
    /// Number, never reused.
    pub id: i64,
    /// Name, unique in the collection.
    pub name: String,
    /// The indexed field.
    pub field: FieldId,
    /// The type the user named, for example `HNSW`; `AUTOINDEX` when none was named.
    pub index_type: String,
    /// The metric of a vector index, upper case.
    #[serde(default)]
    pub metric: Option<String>,
    /// All other parameters as given (`M`, `efConstruction`, `mmap.enabled`…).
    #[serde(default)]
    pub params: Properties,
    /// Parameters in the user's own form, echoed by describe.
    #[serde(default)]
    pub user_params: Vec<(String, String)>,
    /// When it was created.
    pub created: Timestamp,
}

/// Whether searches are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LoadState {
    /// Never loaded: `get_load_state` says NotLoad, but a search loads it.
    #[default]
    NotLoaded,
    /// Loaded.
    Loaded,
    /// Released by the user: searches fail.
    Released,
}

/// One collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollectionMeta {
    /// Number.
    pub id: CollectionId,
    /// Name.
    pub name: String,
    /// Database it lives in.
    pub database: String,
    /// The present schema.
    pub schema: Arc<CollectionSchema>,
    /// Partitions in order of creation, `_default` (or `_default_0…` with a partition key) first.
    pub partitions: Vec<PartitionMeta>,
    /// Indexes in order of creation.
    pub indexes: Vec<IndexMeta>,
    /// Properties as set.
    pub properties: Properties,
    /// Number of shards the user asked for.
    pub shards: i32,
    /// Consistency level as the client sent it (0 Strong … 4 Customized).
    pub consistency_level: i32,
    /// When it was created.
    pub created: Timestamp,
    /// When its schema last changed; what clients cache.
    pub updated: Timestamp,
    /// Whether searches are served.
    pub load: LoadState,
    /// Fields chosen at load; empty = all.
    #[serde(default)]
    pub load_fields: Vec<String>,
    /// Next free field id.
    pub next_field_id: FieldId,
}

/// Everything that exists at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// By name.
    pub databases: BTreeMap<String, DatabaseMeta>,
    /// By number.
    pub collections: BTreeMap<CollectionId, Arc<CollectionMeta>>,
    /// Alias → collection, by database.
    pub aliases: BTreeMap<String, BTreeMap<String, CollectionId>>,
    /// Next free number for databases, collections, partitions and indexes.
    pub next_id: i64,
}

impl CollectionMeta {
    /// The partition with this name.
    pub fn partition(&self, name: &str) -> Option<&PartitionMeta> {
        self.partitions.iter().find(|partition| partition.name == name)
    }

    /// The index on a field.
    pub fn index_on(&self, field: FieldId) -> Option<&IndexMeta> {
        self.indexes.iter().find(|index| index.field == field)
    }

    /// The index with this name.
    pub fn index(&self, name: &str) -> Option<&IndexMeta> {
        self.indexes.iter().find(|index| index.name == name)
    }
}

impl Catalog {
    /// The database with this name, or Milvus's error 800.
    pub fn database(&self, name: &str) -> Result<&DatabaseMeta> {
        self.databases.get(name).ok_or_else(|| {
            Error::new(ErrorKind::DatabaseNotFound, format!("database not found[database={name}]"))
        })
    }

    /// Resolves a name or an alias, or Milvus's error 800 or 100.
    pub fn resolve(&self, target: &CollectionRef) -> Result<&Arc<CollectionMeta>> {
        self.database(&target.database)?;
        self.find(&target.database, &target.name)
            .or_else(|| self.alias(&target.database, &target.name))
            .ok_or_else(|| Error::collection_not_found(&target.database, &target.name))
    }

    /// The collection with this very name (aliases do not count).
    pub fn find(&self, database: &str, name: &str) -> Option<&Arc<CollectionMeta>> {
        self.collections.values().find(|meta| meta.database == database && meta.name == name)
    }

    /// The collection an alias points to.
    pub fn alias(&self, database: &str, alias: &str) -> Option<&Arc<CollectionMeta>> {
        self.collections.get(self.aliases.get(database)?.get(alias)?)
    }

    /// Aliases of a collection, in order.
    pub fn aliases_of(&self, collection: CollectionId) -> Vec<&str> {
        let all = self.aliases.values().flatten();
        all.filter(|(_, id)| **id == collection).map(|(alias, _)| alias.as_str()).collect()
    }

    /// Collections of a database, in order of creation.
    pub fn collections_in<'a>(
        &'a self,
        database: &'a str,
    ) -> impl Iterator<Item = &'a Arc<CollectionMeta>> + 'a {
        self.collections.values().filter(move |meta| meta.database == database)
    }
}
