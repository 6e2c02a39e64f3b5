//! A segment in files.
//!
//! Opening maps the files and reads nothing but their ends, so it takes the same time for a hundred rows and
//! for a million. Only deletes live on the heap, and what columns and vector indexes cannot do without.

mod bloom;
mod deletes;
mod explain;
mod files;
mod gather;
mod index;
mod keys;
mod learn;
mod open;
mod read;
mod recall;
mod scalar;
mod statistics;
#[cfg(test)]
mod tests;
mod write;

pub use files::{ColumnFile, DeleteFile, FileEntry, IndexFile, ScalarFile, SegmentFiles, Statistics};
pub use index::{IndexRequest, Measured};
pub use scalar::ScalarRequest;
pub use write::write_sealed;

use crate::{DeleteList, Segment, absent};
use elanus_filter::Zones;
use elanus_kernels::Bitmap;
use elanus_storage::{Disk, Table};
use elanus_types::{CollectionSchema, Column, Error, FieldId, Result, Timestamp};
use index::OpenIndex;
use keys::KeyLookup;
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Delete files beyond this number are written as one.
const MOST_DELETE_FILES: usize = 8;

/// Rows in files.
pub struct Sealed {
    schema: Arc<CollectionSchema>,
    /// Fields that no file has but that have a default, made when first asked for.
    filled: Vec<(FieldId, OnceLock<Column>)>,
    body: Arc<Body>,
}

/// What does not depend on the schema that the rows are read with.
pub struct Body {
    /// Everything but deletes and indexes.
    files: SegmentFiles,
    tables: Vec<Table>,
    keys: KeyLookup,
    deletes: DeleteList,
    filed: Mutex<Filed>,
    left: Mutex<Option<Left>>,
    indexes: RwLock<Vec<Arc<OpenIndex>>>,
    scalars: RwLock<Vec<scalar::OpenScalar>>,
    /// Bounds of blocks of columns, made when a filter first asks for them.
    zones: Mutex<HashMap<FieldId, Option<Arc<Zones>>>>,
    damaged: Mutex<Vec<(FieldId, Error)>>,
}

/// The rows that are left in the newest state, so that not every search makes its own map.
struct Left {
    rows: Arc<Bitmap>,
    /// How many entries of the delete list are taken out.
    count: usize,
    /// The newest of them.
    newest: Timestamp,
}

impl Left {
    fn all(rows: usize) -> Self {
        Self { rows: Arc::new(Bitmap::ones(rows)), count: 0, newest: Timestamp::ZERO }
    }
}

/// The deletes in files.
struct Filed {
    files: Vec<DeleteFile>,
    /// How many entries of the delete list they hold.
    count: usize,
    /// To be written anew.
    distrusted: bool,
}

impl Deref for Sealed {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.body
    }
}

impl Sealed {
    fn new(body: Arc<Body>, schema: Arc<CollectionSchema>) -> Self {
        let stored: Vec<FieldId> =
            body.tables.iter().flat_map(|table| table.fields().map(|field| field.id)).collect();
        let filled = schema
            .fields
            .iter()
            .filter(|field| !stored.contains(&field.id) && field.default.is_some())
            .map(|field| (field.id, OnceLock::new()))
            .collect();
        Self { schema, filled, body }
    }

    /// The same files, deletes and indexes to come, read with a newer schema of the collection.
    pub fn with_schema(&self, schema: &Arc<CollectionSchema>) -> Self {
        Self::new(Arc::clone(&self.body), Arc::clone(schema))
    }

    /// What the manifest must keep of the segment as it is now: deletes and indexes so far included.
    pub fn files(&self) -> SegmentFiles {
        let deletes = self.filed.lock().files.clone();
        let indexes = self.indexes.read().iter().map(|index| index.file.clone()).collect();
        let scalars = self.scalars.read().iter().map(|scalar| scalar.file.clone()).collect();
        SegmentFiles { deletes, indexes, scalars, ..self.files.clone() }
    }

    /// Makes deletes last that are in no file yet; without any, nothing is written. `number` was never used before.
    pub fn write_deletes(&self, disk: &dyn Disk, dir: &str, number: i64) -> Result<()> {
        let mut filed = self.filed.lock();
        let merge = filed.distrusted || filed.files.len() >= MOST_DELETE_FILES;
        let fresh = self.deletes.since(filed.count);
        if fresh.is_empty() && !filed.distrusted {
            return Ok(());
        }
        let entries = if merge { self.deletes.since(0) } else { fresh };
        let file = deletes::write(disk, &self.files.folder(dir), number, &entries)?;
        if merge {
            filed.files.clear();
            (filed.count, filed.distrusted) = (0, false);
        }
        filed.count += entries.len();
        filed.files.push(file);
        Ok(())
    }

    /// The next [`Sealed::write_deletes`] writes all deletes anew: the files so far got damaged. What is in memory was
    /// checked when it was read.
    pub fn distrust_deletes(&self) {
        self.filed.lock().distrusted = true;
    }

    /// Indexes in the manifest that could not be opened, and why; they should be built anew.
    pub fn damaged_indexes(&self) -> Vec<(FieldId, Error)> {
        self.damaged.lock().clone()
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("id", &self.id()).field("rows", &self.rows()).finish_non_exhaustive()
    }
}
