//! Log records and their bytes.

use super::codec::{Reader, Writer};
use crate::catalog::CatalogRecord;
use bytes::Bytes;
use elanus_types::{CollectionId, Column, Error, PartitionId, Result, RowBatch, Timestamp};

/// One entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A change of the catalog.
    Catalog {
        /// When it was decided.
        timestamp: Timestamp,
        /// The change.
        change: Box<CatalogRecord>,
    },
    /// A change of rows.
    Write(WriteRecord),
}

/// One insert, upsert or delete, whole: applying it is deterministic given what was applied before.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteRecord {
    /// Collection.
    pub collection: CollectionId,
    /// Commit timestamp of every row and delete in it.
    pub timestamp: Timestamp,
    /// Rows of the same key that exist are deleted first.
    pub replace: bool,
    /// Keys to delete (INT64 or VARCHAR).
    pub deletes: Option<Column>,
    /// Deletes only in this partition; 0 = everywhere.
    pub delete_partition: PartitionId,
    /// Rows to append.
    pub parts: Vec<RowsPart>,
}

/// Rows of one partition.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsPart {
    /// Partition.
    pub partition: PartitionId,
    /// Rows, every stored field.
    pub rows: RowBatch,
}

const CATALOG: u8 = 1;
const WRITE: u8 = 2;
const FLAG_REPLACE: u8 = 1;
const FLAG_DELETES: u8 = 2;

impl Record {
    /// The record's bytes in parts; large vector payloads are shared, not copied.
    pub fn encode(&self) -> Result<Vec<Bytes>> {
        let mut out = Writer::default();
        match self {
            Record::Catalog { timestamp, change } => {
                out.u8(CATALOG);
                out.u64(timestamp.0);
                let json = serde_json::to_vec(change)
                    .map_err(|error| Error::internal(format!("cannot encode a catalog record: {error}")))?;
                out.bytes(&json);
            }
            Record::Write(write) => {
                out.u8(WRITE);
                write.encode(&mut out);
            }
        }
        Ok(out.finish())
    }

    /// Tells the collection a write is about, also when its bytes get damaged in the log; 0 for changes of the catalog.
    pub fn tag(&self) -> u32 {
        match self {
            Record::Catalog { .. } => 0,
            Record::Write(write) => u32::try_from(write.collection).unwrap_or(0),
        }
    }

    /// Whether these bytes are a change of the catalog, without decoding them.
    pub fn is_catalog(bytes: &[u8]) -> bool {
        bytes.first() == Some(&CATALOG)
    }

    /// The collection whose rows these bytes change, without decoding them.
    pub fn collection(bytes: &[u8]) -> Option<CollectionId> {
        let id = bytes.strip_prefix(&[WRITE])?.first_chunk::<8>()?;
        Some(CollectionId::from_le_bytes(*id))
    }

    /// Decodes a record; any bytes give a record or an error.
    pub fn decode(bytes: &[u8]) -> Result<Record> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            CATALOG => {
                let timestamp = Timestamp(input.u64()?);
                let change = serde_json::from_slice(input.bytes()?)
                    .map_err(|error| Error::damaged(format!("a catalog record is not readable: {error}")))?;
                Ok(Record::Catalog { timestamp, change })
            }
            WRITE => WriteRecord::decode(&mut input).map(Record::Write),
            kind => Err(Error::damaged(format!("a log record has the unknown kind {kind}"))),
        }
    }
}

impl WriteRecord {
    /// Number of rows it appends.
    pub fn rows(&self) -> usize {
        self.parts.iter().map(|part| part.rows.rows).sum()
    }

    fn encode(&self, out: &mut Writer) {
        out.i64(self.collection);
        out.u64(self.timestamp.0);
        let deletes = if self.deletes.is_some() { FLAG_DELETES } else { 0 };
        out.u8((u8::from(self.replace) * FLAG_REPLACE) | deletes);
        out.i64(self.delete_partition);
        if let Some(keys) = &self.deletes {
            out.column(keys);
        }
        out.u32(self.parts.len() as u32);
        for part in &self.parts {
            out.i64(part.partition);
            out.u64(part.rows.rows as u64);
            out.u32(part.rows.columns.len() as u32);
            for (field, column) in &part.rows.columns {
                out.i64(*field);
                out.column(column);
            }
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let collection = input.i64()?;
        let timestamp = Timestamp(input.u64()?);
        let flags = input.u8()?;
        let delete_partition = input.i64()?;
        let deletes = if flags & FLAG_DELETES != 0 { Some(input.column()?) } else { None };
        let count = input.u32()?;
        let parts = (0..count).map(|_| RowsPart::decode(input)).collect::<Result<Vec<_>>>()?;
        let replace = flags & FLAG_REPLACE != 0;
        Ok(Self { collection, timestamp, replace, deletes, delete_partition, parts })
    }
}

impl RowsPart {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let partition = input.i64()?;
        let rows = input.u64()? as usize;
        let count = input.u32()?;
        let mut columns = Vec::new();
        for _ in 0..count {
            let (field, column) = (input.i64()?, input.column()?);
            if column.len() != rows {
                return Err(Error::damaged("a log record's columns have different lengths"));
            }
            columns.push((field, column));
        }
        Ok(Self { partition, rows: RowBatch { rows, columns } })
    }
}
