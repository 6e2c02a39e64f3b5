//! What the database holds, collected for one answer.

use elanus_engine::{CollectionStatus, Db};
use elanus_types::{CollectionMeta, CollectionRef};
use serde_json::{Value, json};
use std::sync::Arc;

/// A collection and its counts.
pub(super) struct Picture {
    pub(super) meta: Arc<CollectionMeta>,
    pub(super) status: CollectionStatus,
}

/// All collections that exist. One that is dropped meanwhile is left out; one that fails says why.
pub(super) async fn collections(db: &dyn Db) -> Vec<Picture> {
    let catalog = db.catalog();
    let mut all = Vec::with_capacity(catalog.collections.len());
    for meta in catalog.collections.values() {
        let target = CollectionRef { database: meta.database.clone(), name: meta.name.clone() };
        let status = db.status(&target).await;
        let failed = |error: elanus_types::Error| {
            (error.kind() != elanus_types::ErrorKind::CollectionNotFound).then(|| error.to_string())
        };
        let status = match status {
            Ok(status) => status,
            Err(error) => match failed(error) {
                Some(damaged) => {
                    CollectionStatus { id: meta.id, damaged: Some(damaged), ..Default::default() }
                }
                None => continue,
            },
        };
        all.push(Picture { meta: Arc::clone(meta), status });
    }
    all
}

impl Picture {
    /// Segments in files and segments in memory.
    pub(super) fn segments(&self, sealed: bool) -> usize {
        self.status.segments.iter().filter(|segment| segment.sealed == sealed).count()
    }

    /// Bytes in files.
    pub(super) fn disk_bytes(&self) -> u64 {
        self.status.segments.iter().map(|segment| segment.disk_bytes).sum()
    }

    /// Bytes on the heap.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.status.segments.iter().map(|segment| segment.memory_bytes).sum()
    }

    /// Rows stored though deleted.
    pub(super) fn deleted(&self) -> u64 {
        self.status.segments.iter().map(|segment| segment.deleted).sum()
    }

    /// Rows whose index is still to be built, of all indexes.
    pub(super) fn pending(&self) -> u64 {
        self.status.indexes.iter().map(|index| index.pending_rows).sum()
    }

    pub(super) fn to_json(&self) -> Value {
        let status = &self.status;
        let indexes: Vec<Value> = status.indexes.iter().map(index_json).collect();
        json!({
            "database": self.meta.database,
            "name": self.meta.name,
            "id": self.meta.id,
            "load": format!("{:?}", self.meta.load),
            "rows": status.rows,
            "deleted_rows_kept": self.deleted(),
            "segments_sealed": self.segments(true),
            "segments_growing": self.segments(false),
            "disk_bytes": self.disk_bytes(),
            "memory_bytes": self.memory_bytes(),
            "indexes": indexes,
            "checked_millis": status.checked,
            "damaged": status.damaged,
        })
    }
}

fn index_json(index: &elanus_engine::IndexStatus) -> Value {
    json!({
        "name": index.name,
        "resolved": index.resolved,
        "measured": index.measured,
        "total_rows": index.total_rows,
        "indexed_rows": index.indexed_rows,
        "pending_rows": index.pending_rows,
        "progress": index.progress,
        "failure": index.failure,
    })
}
