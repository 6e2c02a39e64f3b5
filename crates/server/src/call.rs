//! One call: the database behind it and what its metadata says.

use elanus_engine::Db;
use elanus_types::catalog::DEFAULT_DATABASE;
use elanus_types::{CollectionMeta, CollectionRef, Result};
use std::sync::Arc;
use tonic::metadata::MetadataMap;

/// What a handler works with.
#[allow(dead_code)]
pub(crate) struct Call {
    /// The engine.
    pub db: Arc<dyn Db>,
    /// The version that clients are told.
    pub version: Arc<str>,
    /// The database named in the metadata; SDKs name it there and nowhere else.
    database: String,
}

#[allow(dead_code)]
impl Call {
    pub fn new(db: Arc<dyn Db>, version: Arc<str>, metadata: &MetadataMap) -> Self {
        let stated = metadata.get("dbname").and_then(|name| name.to_str().ok()).unwrap_or_default();
        Self { db, version, database: or_default(stated).to_owned() }
    }

    /// The database a request is about: the one in its body, else the one in the metadata, else the default.
    pub fn database<'a>(&'a self, stated: &'a str) -> &'a str {
        if stated.is_empty() { &self.database } else { stated }
    }

    /// A collection by the name in a request.
    pub fn target(&self, database: &str, collection: &str) -> CollectionRef {
        CollectionRef { database: self.database(database).to_owned(), name: collection.to_owned() }
    }

    /// The description of a collection by name or alias.
    pub fn collection(&self, target: &CollectionRef) -> Result<Arc<CollectionMeta>> {
        self.db.catalog().resolve(target).cloned()
    }
}

fn or_default(name: &str) -> &str {
    if name.is_empty() { DEFAULT_DATABASE } else { name }
}
