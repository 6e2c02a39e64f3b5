//! The API boundary: catalog, write path, maintenance, search and query.

pub mod db;

pub use db::{CatalogChange, CollectionStatus, Db, IndexStatus, NewCollection, NewIndex};
