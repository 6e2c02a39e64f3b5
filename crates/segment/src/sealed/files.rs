//! What the manifest keeps of a sealed segment: its files and what is known about them.

use crate::SegmentId;
use elanus_ann::Curves;
use elanus_storage::FinishedFile;
use elanus_storage::disk::join;
use elanus_types::catalog::PartitionId;
use elanus_types::{FieldId, Timestamp, Value};
use serde::{Deserialize, Serialize};

/// One immutable file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Name inside the segment's folder, never reused.
    pub name: String,
    /// Exact length.
    pub bytes: u64,
    /// CRC-32C of every block of 1 MiB, the last one shorter.
    pub checksums: Vec<u32>,
    /// CRC-32C of what opening a column file reads; 0 for files that carry it inside.
    #[serde(default)]
    pub ends: u32,
}

/// An Arrow file with some columns of all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnFile {
    /// The file.
    pub file: FileEntry,
    /// The fields in it.
    pub fields: Vec<FieldId>,
}

/// A list of deletes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteFile {
    /// The file.
    pub file: FileEntry,
    /// Number of deletes in it.
    pub deletes: usize,
}

/// A vector index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexFile {
    /// The file.
    pub file: FileEntry,
    /// The indexed field.
    pub field: FieldId,
    /// The catalog's number of the index it serves.
    pub index: i64,
    /// Metric it was built for, as in the protocol.
    pub metric: String,
    /// Kind of index, for example `HNSW`.
    pub kind: String,
    /// Why this kind and these parameters.
    pub reason: String,
    /// Recall against exact search, sampled after the build.
    pub recall: f32,
    /// Seconds the build took.
    pub seconds: f32,
    /// What efforts found for queries asked since, which tells better what is enough than what the build measured.
    #[serde(default)]
    pub asked: Option<Curves>,
}

/// A scalar index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalarFile {
    /// The file.
    pub file: FileEntry,
    /// The indexed field.
    pub field: FieldId,
    /// The catalog's number of the index it serves; the field's own, negated, for columns of JSON places, which nobody asks for.
    pub index: i64,
    /// Kind of index, for example `INVERTED`.
    pub kind: String,
    /// Different values (terms, n-grams, places) in it.
    pub distinct: u64,
    /// Seconds the build took.
    pub seconds: f32,
}

/// What is known about the values of a scalar field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// The field.
    pub field: FieldId,
    /// Number of nulls.
    pub nulls: usize,
    /// No value is smaller; `None` = not known, or no value.
    pub min: Option<Value>,
    /// No value is larger; `None` = not known, or no value.
    pub max: Option<Value>,
}

/// Everything needed to open a sealed segment. Files lie in the folder `<collection>/<id>/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SegmentFiles {
    /// Number of the segment.
    pub id: SegmentId,
    /// Its partition.
    pub partition: PartitionId,
    /// Rows, deleted ones included.
    pub rows: usize,
    /// The oldest row's commit timestamp.
    pub min_timestamp: Timestamp,
    /// The newest row's commit timestamp.
    pub max_timestamp: Timestamp,
    /// Version of the schema it was written with.
    pub schema_version: u32,
    /// Columns: scalars together, every vector field alone.
    pub columns: Vec<ColumnFile>,
    /// The key look-up.
    pub keys: FileEntry,
    /// Deletes, oldest first.
    pub deletes: Vec<DeleteFile>,
    /// Vector indexes.
    pub indexes: Vec<IndexFile>,
    /// Scalar indexes.
    #[serde(default)]
    pub scalars: Vec<ScalarFile>,
    /// Values of scalar fields.
    pub statistics: Vec<Statistics>,
}

impl FileEntry {
    pub(super) fn new(name: String, file: FinishedFile, ends: u32) -> Self {
        Self { name, bytes: file.bytes, checksums: file.checksums, ends }
    }
}

impl SegmentFiles {
    /// The folder of the segment, in the collection's folder `dir`.
    pub fn folder(&self, dir: &str) -> String {
        join(dir, &self.id.to_string())
    }

    /// Every file, for copying, checking and removing.
    pub fn all(&self) -> impl Iterator<Item = &FileEntry> {
        let columns = self.columns.iter().map(|column| &column.file);
        let deletes = self.deletes.iter().map(|deletes| &deletes.file);
        let indexes = self.indexes.iter().map(|index| &index.file);
        let scalars = self.scalars.iter().map(|scalar| &scalar.file);
        columns.chain([&self.keys]).chain(deletes).chain(indexes).chain(scalars)
    }

    /// Bytes of all files.
    pub fn disk_bytes(&self) -> u64 {
        self.all().map(|file| file.bytes).sum()
    }

    /// The index file of a field.
    pub fn index_on(&self, field: FieldId) -> Option<&IndexFile> {
        self.indexes.iter().find(|index| index.field == field)
    }

    /// Whether a column file holds a field.
    pub fn stores(&self, field: FieldId) -> bool {
        self.columns.iter().any(|column| column.fields.contains(&field))
    }

    /// What is known about a field's values.
    pub fn statistics_of(&self, field: FieldId) -> Option<&Statistics> {
        self.statistics.iter().find(|statistics| statistics.field == field)
    }
}
