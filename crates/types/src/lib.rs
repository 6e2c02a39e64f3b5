//! Nouns that cross crates: schema, values, columns, ids, timestamps, requests, results, errors.
//!
//! Only what at least two crates need. Behaviour stays with the crate that owns it.

pub mod builder;
pub mod catalog;
pub mod column;
pub mod data_type;
pub mod error;
pub mod explain;
pub mod input;
pub mod query;
pub mod schema;
pub mod search;
pub mod time;
pub mod value;
pub mod write;

pub use builder::ColumnBuilder;
pub use catalog::{
    Catalog, CollectionId, CollectionMeta, CollectionRef, DatabaseMeta, IndexMeta, LoadState, PartitionId,
    PartitionMeta,
};
pub use column::{Column, ColumnData, ColumnRef, ColumnView, RowBatch};
pub use data_type::DataType;
pub use error::{Error, ErrorKind, Result};
pub use schema::{CollectionSchema, FieldId, FieldSchema, StructSchema};
pub use time::Timestamp;
pub use value::Value;
