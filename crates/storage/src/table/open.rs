//! Opening a table.

use super::schema::{self, StoredField};
use super::stored::{Reader, StoredColumn};
use super::{ALIGNMENT, CONTINUATION, END, FORMAT, MAGIC};
use crate::blocks::check_blocks;
use crate::{Disk, Mapped};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::{Footer, root_as_footer, root_as_message};
use elanus_types::{ColumnView, Error, FieldId, Result};
use std::ops::Range;

/// A table in a mapped file.
#[derive(Debug)]
pub struct Table {
    path: String,
    map: Mapped,
    rows: usize,
    columns: Vec<StoredColumn>,
}

/// Where things are in a file.
struct Parts {
    message: Range<usize>,
    body: Range<usize>,
}

impl Table {
    /// Maps a file written by [`super::write_table`] and reads its head and tail; `bytes` and `ends` are what that
    /// call returned. A file of another length, or with damage in what is read, is an error that names it.
    pub fn open(disk: &dyn Disk, path: &str, bytes: u64, ends: u32) -> Result<Self> {
        let map = disk.map(path)?;
        if map.len() as u64 != bytes {
            let found = map.len();
            return Err(Error::damaged(format!(
                "{path} has {found} bytes, not the {bytes} it was written with"
            )));
        }
        let damaged = |what: &str| Error::damaged(format!("{path} is damaged: {what}"));
        let footer = footer(&map).ok_or_else(|| damaged("its end is not that of an Arrow file"))?;
        let parts = parts(&footer, map.len()).ok_or_else(|| damaged("its footer is wrong"))?;
        let (head, tail) = (map.get(..parts.body.start), map.get(parts.body.end..));
        let crc = head.zip(tail).map(|(head, tail)| crc32c::crc32c_append(crc32c::crc32c(head), tail));
        if crc != Some(ends) || !map.starts_with(MAGIC) {
            return Err(damaged("its head or footer is not as it was written"));
        }
        check_format(path, &footer)?;
        let (rows, columns) =
            read_columns(&map, &footer, &parts).ok_or_else(|| damaged("its columns are not all there"))?;
        Ok(Self { path: path.to_owned(), map, rows, columns })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What columns there are.
    pub fn fields(&self) -> impl Iterator<Item = &StoredField> {
        self.columns.iter().map(|column| &column.field)
    }

    /// A column in place; `None` when the file has none for the field. The first use of texts and lists looks
    /// through their offsets.
    pub fn column(&self, field: FieldId) -> Result<Option<ColumnView<'_>>> {
        let Some(column) = self.columns.iter().find(|column| column.field.id == field) else {
            return Ok(None);
        };
        let view = column.view();
        let damaged = || Error::damaged(format!("{} is damaged in the column of field {field}", self.path));
        view.map(Some).ok_or_else(damaged)
    }

    /// Compares the whole file with the checksums of its blocks.
    pub fn check_blocks(&self, checksums: &[u32]) -> Result<()> {
        check_blocks(&self.path, &self.map, checksums)
    }

    /// Bytes on the heap.
    pub fn memory_bytes(&self) -> usize {
        self.columns.iter().map(StoredColumn::memory_bytes).sum()
    }
}

/// The footer; unverified but safe to look at.
fn footer(map: &[u8]) -> Option<Footer<'_>> {
    let (rest, end) = map.split_last_chunk::<6>()?;
    let (rest, len) = rest.split_last_chunk::<4>()?;
    let len = usize::try_from(i32::from_le_bytes(*len)).ok()?;
    let footer = rest.get(rest.len().checked_sub(len)?..)?;
    (end == END).then(|| root_as_footer(footer).ok())?
}

fn parts(footer: &Footer<'_>, len: usize) -> Option<Parts> {
    let batches = footer.recordBatches().filter(|batches| batches.len() == 1)?;
    let block = batches.get(0);
    let start = usize::try_from(block.offset()).ok()?;
    let body = start.checked_add(usize::try_from(block.metaDataLength()).ok()?)?;
    let end = body.checked_add(usize::try_from(block.bodyLength()).ok()?)?;
    let message = start.checked_add(8)?..body;
    (message.start <= body && end <= len && body.is_multiple_of(ALIGNMENT))
        .then_some(Parts { message, body: body..end })
}

fn check_format(path: &str, footer: &Footer<'_>) -> Result<()> {
    let schema = footer.schema().and_then(|schema| try_fb_to_schema(schema).ok());
    match schema.as_ref().and_then(schema::format) {
        Some(FORMAT) => Ok(()),
        Some(other) => Err(Error::damaged(format!(
            "{path} has format {other}, this version reads {FORMAT}: use the version that wrote it"
        ))),
        None => Err(Error::damaged(format!("{path} was not written by Elanus"))),
    }
}

fn read_columns(map: &Mapped, footer: &Footer<'_>, parts: &Parts) -> Option<(usize, Vec<StoredColumn>)> {
    let schema = try_fb_to_schema(footer.schema()?).ok()?;
    let start = map.get(parts.message.start.checked_sub(8)?..parts.message.start)?;
    start.starts_with(&CONTINUATION).then_some(())?;
    let message = root_as_message(map.get(parts.message.clone())?).ok()?;
    let batch = message.header_as_record_batch()?;
    let rows = usize::try_from(batch.length()).ok()?;
    let body = map.slice(parts.body.clone())?;
    let nodes = batch.nodes()?.iter().copied().collect();
    let buffers = batch.buffers()?.iter().copied().collect();
    let mut reader = Reader { body: &body, nodes, buffers, node: 0, buffer: 0 };
    let columns = schema.fields().iter().map(|field| reader.column(StoredField::read(field)?, rows));
    Some((rows, columns.collect::<Option<_>>()?))
}
