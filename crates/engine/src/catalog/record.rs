//! What the log says about the catalog.

use elanus_types::catalog::Properties;
use elanus_types::{
    CollectionId, CollectionMeta, CollectionSchema, DatabaseMeta, FieldId, IndexMeta, LoadState, PartitionId,
    PartitionMeta, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One change of the catalog, decided and numbered: everything in it is final.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CatalogRecord {
    /// New database.
    CreateDatabase(DatabaseMeta),
    /// Replaces a database's properties.
    AlterDatabase {
        /// Name.
        name: String,
        /// All properties after the change.
        properties: Properties,
    },
    /// Removes an empty database.
    DropDatabase {
        /// Name.
        name: String,
    },
    /// New collection, its first partitions included.
    CreateCollection(Box<CollectionMeta>),
    /// Removes a collection with everything in it.
    DropCollection {
        /// Number.
        collection: CollectionId,
    },
    /// Renames a collection.
    RenameCollection {
        /// Number.
        collection: CollectionId,
        /// New database.
        database: String,
        /// New name.
        name: String,
    },
    /// Replaces what an alter may change.
    AlterCollection {
        /// Number.
        collection: CollectionId,
        /// All properties after the change.
        properties: Properties,
        /// Consistency level after the change.
        consistency_level: i32,
        /// Schema after the change.
        schema: Arc<CollectionSchema>,
        /// Next free field number after the change.
        next_field_id: FieldId,
        /// When the schema last changed.
        updated: Timestamp,
    },
    /// Removes every row: the partitions begin anew under other numbers.
    Truncate {
        /// Number.
        collection: CollectionId,
        /// All partitions after the change, in the old order.
        partitions: Vec<PartitionMeta>,
    },
    /// New partition.
    CreatePartition {
        /// Where.
        collection: CollectionId,
        /// The partition.
        partition: PartitionMeta,
    },
    /// Removes a partition and its rows.
    DropPartition {
        /// Where.
        collection: CollectionId,
        /// Number.
        partition: PartitionId,
    },
    /// New index.
    CreateIndex {
        /// Where.
        collection: CollectionId,
        /// The index.
        index: IndexMeta,
    },
    /// Removes indexes.
    DropIndexes {
        /// Where.
        collection: CollectionId,
        /// Numbers.
        indexes: Vec<i64>,
    },
    /// Creates or moves an alias.
    SetAlias {
        /// Database.
        database: String,
        /// Alias.
        alias: String,
        /// Where it points.
        collection: CollectionId,
    },
    /// Removes an alias.
    DropAlias {
        /// Database.
        database: String,
        /// Alias.
        alias: String,
    },
    /// Replaces what is loaded.
    SetLoad {
        /// Which.
        collection: CollectionId,
        /// State after the change.
        load: LoadState,
        /// Fields chosen; empty = all.
        fields: Vec<String>,
        /// Partitions that are released although the collection is not.
        released: Vec<PartitionId>,
    },
}

impl CatalogRecord {
    /// The largest number the record gives away.
    pub(super) fn largest_id(&self) -> Option<i64> {
        match self {
            CatalogRecord::CreateDatabase(database) => Some(database.id),
            CatalogRecord::CreateCollection(meta) => {
                let partitions = meta.partitions.iter().map(|partition| partition.id);
                let indexes = meta.indexes.iter().map(|index| index.id);
                partitions.chain(indexes).chain([meta.id]).max()
            }
            CatalogRecord::CreatePartition { partition, .. } => Some(partition.id),
            CatalogRecord::Truncate { partitions, .. } => {
                partitions.iter().map(|partition| partition.id).max()
            }
            CatalogRecord::CreateIndex { index, .. } => Some(index.id),
            _ => None,
        }
    }
}
