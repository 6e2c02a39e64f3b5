//! The one interface that every front end stands on: gRPC, REST, the embedded API, a cluster router.

use async_trait::async_trait;
use elanus_types::catalog::Properties;
use elanus_types::explain::{Explain, ExplainRequest};
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::search::{HybridRequest, SearchRequest, SearchResult};
use elanus_types::write::{Write, WriteOutcome};
use elanus_types::{Catalog, CollectionId, CollectionRef, FieldSchema, Result, Timestamp};
use std::sync::Arc;

/// A database: plain structs in and out. Every method validates its input and answers with Milvus's codes.
#[async_trait]
pub trait Db: Send + Sync {
    /// Everything that exists now. Describing and listing read this picture.
    fn catalog(&self) -> Arc<Catalog>;

    /// A fresh hybrid timestamp.
    fn timestamp(&self) -> Timestamp;

    /// Changes what exists; durable when it returns. Idempotent where Milvus is.
    async fn alter(&self, change: CatalogChange) -> Result<()>;

    /// Writes rows; durable and visible to every later read when it returns.
    async fn write(&self, write: Write) -> Result<WriteOutcome>;

    /// Reads rows by filter.
    async fn query(&self, request: QueryRequest) -> Result<QueryResult>;

    /// Searches one vector field.
    async fn search(&self, request: SearchRequest) -> Result<SearchResult>;

    /// Searches several vector fields and fuses the lists.
    async fn hybrid_search(&self, request: HybridRequest) -> Result<SearchResult>;

    /// Runs a read and tells how it went.
    async fn explain(&self, request: ExplainRequest) -> Result<Explain>;

    /// Seals what is in memory into files; returns the ids of the sealed segments.
    async fn flush(&self, target: &CollectionRef) -> Result<Vec<i64>>;

    /// Row counts, segments and index progress of a collection.
    async fn status(&self, target: &CollectionRef) -> Result<CollectionStatus>;
}

/// A collection to create. Field ids in `fields` are ignored and assigned; `$meta` is added by `dynamic`.
#[derive(Clone, Debug)]
pub struct NewCollection {
    /// Where and how it is called.
    pub target: CollectionRef,
    /// Free text.
    pub description: String,
    /// User fields in order.
    pub fields: Vec<FieldSchema>,
    /// Struct arrays in order.
    pub structs: Vec<NewStruct>,
    /// Whether undeclared keys are stored.
    pub dynamic: bool,
    /// Shards asked for; 0 = default.
    pub shards: i32,
    /// Partitions asked for with a partition key; 0 = default (16).
    pub partitions: i64,
    /// Consistency level as sent.
    pub consistency_level: i32,
    /// Properties as sent.
    pub properties: Properties,
}

/// A struct array of a new collection.
#[derive(Clone, Debug, Default)]
pub struct NewStruct {
    /// Name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Whether the structs of a row may be null as a whole.
    pub nullable: bool,
    /// Type parameters of the whole as sent.
    pub type_params: Vec<(String, String)>,
    /// Its parts, by their own names: lists of scalars or of vectors.
    pub fields: Vec<FieldSchema>,
}

/// An index to create, parameters as sent (`params` JSON already expanded by the front end).
#[derive(Clone, Debug)]
pub struct NewIndex {
    /// Where.
    pub target: CollectionRef,
    /// Field by name.
    pub field: String,
    /// Name; empty = the field's name.
    pub name: String,
    /// `index_type`, `metric_type` and everything else.
    pub params: Properties,
    /// The parameters in the form they were sent, for describing.
    pub user_params: Vec<(String, String)>,
}

/// A change of the catalog.
#[derive(Clone, Debug)]
pub enum CatalogChange {
    /// New database.
    CreateDatabase {
        /// Name.
        name: String,
        /// Properties.
        properties: Properties,
    },
    /// Removes an empty database.
    DropDatabase {
        /// Name.
        name: String,
    },
    /// Sets and removes database properties.
    AlterDatabase {
        /// Name.
        name: String,
        /// To set.
        set: Properties,
        /// To remove.
        remove: Vec<String>,
    },
    /// New collection.
    CreateCollection(Box<NewCollection>),
    /// Removes a collection; success when there is none.
    DropCollection(CollectionRef),
    /// Renames a collection, possibly into another database.
    RenameCollection {
        /// Which (real name).
        target: CollectionRef,
        /// New database and name.
        to: CollectionRef,
    },
    /// Sets and removes collection properties.
    AlterCollection {
        /// Which.
        target: CollectionRef,
        /// To set.
        set: Properties,
        /// To remove.
        remove: Vec<String>,
    },
    /// Adds a field to a collection; rows that exist have its default or null.
    AddField {
        /// Where.
        target: CollectionRef,
        /// The field; its number is assigned.
        field: Box<FieldSchema>,
    },
    /// Removes every row; partitions, indexes, aliases and the load state stay.
    Truncate(CollectionRef),
    /// Sets and removes parameters of an index that do not change its files.
    AlterIndex {
        /// Where.
        target: CollectionRef,
        /// Index name.
        name: String,
        /// To set.
        set: Properties,
        /// To remove.
        remove: Vec<String>,
    },
    /// New partition.
    CreatePartition {
        /// Where.
        target: CollectionRef,
        /// Name.
        name: String,
    },
    /// Removes a partition and its rows; success when there is none.
    DropPartition {
        /// Where.
        target: CollectionRef,
        /// Name.
        name: String,
    },
    /// New index.
    CreateIndex(NewIndex),
    /// Removes an index; success when there is none.
    DropIndex {
        /// Where.
        target: CollectionRef,
        /// Index name; empty = the field's index.
        name: String,
        /// Field name; empty = by index name.
        field: String,
    },
    /// Points an alias at a collection that it does not point at yet.
    CreateAlias {
        /// Collection.
        target: CollectionRef,
        /// Alias.
        alias: String,
    },
    /// Moves an existing alias.
    AlterAlias {
        /// Collection.
        target: CollectionRef,
        /// Alias.
        alias: String,
    },
    /// Removes an alias; success when there is none.
    DropAlias {
        /// Database.
        database: String,
        /// Alias.
        alias: String,
    },
    /// Serves searches.
    Load {
        /// Which.
        target: CollectionRef,
        /// Only these partitions; empty = all.
        partitions: Vec<String>,
        /// Only these fields; empty = all.
        fields: Vec<String>,
    },
    /// Stops serving searches.
    Release {
        /// Which.
        target: CollectionRef,
        /// Only these partitions; empty = all.
        partitions: Vec<String>,
    },
}

/// Counts and progress of a collection.
#[derive(Clone, Debug, Default)]
pub struct CollectionStatus {
    /// Number.
    pub id: CollectionId,
    /// Visible rows, exact.
    pub rows: u64,
    /// Visible rows by partition id, exact.
    pub partition_rows: Vec<(i64, u64)>,
    /// Segments.
    pub segments: Vec<SegmentStatus>,
    /// One entry per index of the catalog.
    pub indexes: Vec<IndexStatus>,
    /// Unix milliseconds when all files had been compared with their checksums; 0 = not yet.
    pub checked: u64,
    /// Set when the collection's files are damaged: every other call answers this error.
    pub damaged: Option<String>,
}

/// One segment.
#[derive(Clone, Debug, Default)]
pub struct SegmentStatus {
    /// Number.
    pub id: i64,
    /// Partition it belongs to.
    pub partition: i64,
    /// Stored rows, deleted ones included.
    pub rows: u64,
    /// Deleted rows among them.
    pub deleted: u64,
    /// Sealed into files, or still growing in memory.
    pub sealed: bool,
    /// Fields that have a vector index file.
    pub indexed_fields: Vec<i64>,
    /// Bytes in files.
    pub disk_bytes: u64,
    /// Bytes on the heap.
    pub memory_bytes: u64,
}

/// Progress of an index.
#[derive(Clone, Debug, Default)]
pub struct IndexStatus {
    /// Index name.
    pub name: String,
    /// Rows in sealed segments.
    pub total_rows: u64,
    /// Rows covered by built index files (or that need none).
    pub indexed_rows: u64,
    /// Rows whose index is still to be built.
    pub pending_rows: u64,
    /// Why the last build failed; empty = it did not.
    pub failure: String,
    /// What the index resolved to and why, for AUTOINDEX and aliases of other kinds.
    pub resolved: String,
    /// Efforts found sufficient, when it was built or by queries asked since, and their recall, of the segment that finds least; empty = not measured.
    pub measured: String,
    /// Progress of the build under way, 0–1.
    pub progress: f32,
}
