//! The API boundary: catalog, write path, maintenance, search and query.

pub mod catalog;
pub mod db;
#[doc(hidden)]
pub mod decode;
pub mod local;
pub mod maintain;
pub mod validate;

pub mod metrics;

mod collection;
mod log;
mod read;

pub use db::{
    CatalogChange, CollectionStatus, Db, IndexStatus, NewCollection, NewIndex, NewStruct, SegmentStatus,
};
pub use local::{DuplicateKey, LocalDb, Options};
pub use maintain::Policy;
pub use validate::Limits;
