//! Which indexes a request means, and how far they are.

use crate::call::Call;
use elanus_engine::{CollectionStatus, IndexStatus};
use elanus_types::{CollectionMeta, CollectionRef, Error, ErrorKind, IndexMeta, Result};
use std::sync::Arc;

/// Indexes of a collection, at least one.
pub(super) struct Selected {
    pub meta: Arc<CollectionMeta>,
    status: CollectionStatus,
    name: String,
    field: String,
}

impl Selected {
    /// By index name; else by field, where some clients name the index as if it were a field; else all.
    pub async fn find(call: &Call, target: &CollectionRef, name: &str, field: &str) -> Result<Self> {
        let meta = call.collection(target)?;
        let status = call.status(target).await?;
        let found = Self { meta, status, name: name.to_owned(), field: field.to_owned() };
        if found.indexes().next().is_some() {
            return Ok(found);
        }
        let what = if name.is_empty() { field } else { name };
        let which = if what.is_empty() { String::new() } else { format!("[indexName={what}]") };
        let message = format!("index not found{which}[collection={}]", found.meta.name);
        Err(Error::new(ErrorKind::IndexNotFound, message))
    }

    /// Each index with its progress.
    pub fn each(&self) -> impl Iterator<Item = (&IndexMeta, IndexStatus)> {
        self.indexes().map(|index| {
            let at = self.status.indexes.iter().find(|at| at.name == index.name);
            (index, at.cloned().unwrap_or_default())
        })
    }

    fn indexes(&self) -> impl Iterator<Item = &IndexMeta> {
        let field = self.meta.schema.field(&self.field).map(|field| field.id);
        self.meta.indexes.iter().filter(move |index| match (self.name.as_str(), self.field.as_str()) {
            ("", "") => true,
            ("", named) => field == Some(index.field) || named == index.name,
            (name, _) => name == index.name,
        })
    }
}
