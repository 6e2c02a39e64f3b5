//! One call: the database behind it and what its metadata says.

use elanus_engine::{CollectionStatus, Db};
use elanus_types::catalog::DEFAULT_DATABASE;
use elanus_types::{CollectionMeta, CollectionRef, Error, ErrorKind, Result};
use std::sync::Arc;
use tonic::metadata::MetadataMap;

/// What a handler works with.
pub(crate) struct Call {
    /// The engine.
    pub db: Arc<dyn Db>,
    /// The version that clients are told.
    pub version: Arc<str>,
    /// The database named in the metadata; SDKs name it there and nowhere else.
    database: String,
}

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

    /// A collection by the name in a request or, where that is empty, by its number.
    pub fn target_by(&self, database: &str, name: &str, id: i64) -> Result<CollectionRef> {
        if !name.is_empty() || id == 0 {
            return Ok(self.target(database, name));
        }
        let meta = self.numbered(database, id)?;
        Ok(CollectionRef { database: meta.database.clone(), name: meta.name.clone() })
    }

    /// The description of a collection by name or alias.
    pub fn collection(&self, target: &CollectionRef) -> Result<Arc<CollectionMeta>> {
        self.db.catalog().resolve(target).cloned()
    }

    /// The description of a collection by name or alias or, where that is empty, by its number.
    pub fn collection_by(&self, database: &str, name: &str, id: i64) -> Result<Arc<CollectionMeta>> {
        match name.is_empty() && id != 0 {
            true => self.numbered(database, id),
            false => self.collection(&self.target(database, name)),
        }
    }

    /// Counts and progress of a collection; an error where its files are damaged.
    pub async fn status(&self, target: &CollectionRef) -> Result<CollectionStatus> {
        let status = self.db.status(target).await?;
        match status.damaged {
            Some(reason) => Err(Error::damaged(reason)),
            None => Ok(status),
        }
    }

    fn numbered(&self, database: &str, id: i64) -> Result<Arc<CollectionMeta>> {
        let catalog = self.db.catalog();
        catalog.collections.get(&id).cloned().ok_or_else(|| {
            let database = self.database(database);
            let message = format!("collection not found[database={database}][collection={id}]");
            Error::new(ErrorKind::CollectionNotFound, message)
        })
    }
}

fn or_default(name: &str) -> &str {
    if name.is_empty() { DEFAULT_DATABASE } else { name }
}
