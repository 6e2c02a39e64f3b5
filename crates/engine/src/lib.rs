//! The API boundary: catalog, write path, maintenance, search and query.

pub mod catalog;
pub mod db;
pub mod validate;

pub use db::{CatalogChange, CollectionStatus, Db, IndexStatus, NewCollection, NewIndex};
