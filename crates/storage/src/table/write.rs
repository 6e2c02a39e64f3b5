//! Writing a table.

use super::layout::{Bytes, Layout};
use super::{ALIGNMENT, CONTINUATION, END, MAGIC, schema};
use crate::Disk;
use crate::blocks::{BlockWriter, FinishedFile};
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteOptions, write_message};
use arrow_ipc::{Block, FooterBuilder, MessageBuilder, MessageHeader, MetadataVersion, RecordBatchArgs};
use arrow_schema::Schema;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, Error, FieldSchema, Result};
use flatbuffers::FlatBufferBuilder;

/// A column to write.
pub struct TableColumn<'a> {
    /// Its field.
    pub field: &'a FieldSchema,
    /// Its values.
    pub values: Values<'a>,
}

/// Gives the bytes of a column's pieces by their number, in order; empty after the last.
pub type Piece<'a> = Box<dyn Fn(usize) -> Result<bytes::Bytes> + 'a>;

/// The values of a column to write.
pub enum Values<'a> {
    /// All values at once.
    Whole(ColumnView<'a>),
    /// A dense vector column that comes in pieces, so that nobody holds all of it.
    Pieces {
        /// Which rows have a value; `None` = all.
        valid: Option<Bitmap>,
        /// The vectors; together as many bytes as all rows take.
        piece: Piece<'a>,
    },
    /// A column of lists of dense vectors, which come in pieces.
    Lists {
        /// Which rows have a value; `None` = all.
        valid: Option<Bitmap>,
        /// rows + 1 offsets, the first 0: where the lists begin and end among all vectors.
        offsets: Vec<i32>,
        /// The vectors; together as many bytes as the last offset asks for.
        piece: Piece<'a>,
    },
}

impl Values<'_> {
    pub(super) fn valid(&self) -> Option<&Bitmap> {
        match self {
            Values::Whole(view) => view.valid,
            Values::Pieces { valid, .. } | Values::Lists { valid, .. } => valid.as_ref(),
        }
    }
}

/// A written table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFile {
    /// Length and checksums of the blocks.
    pub file: FinishedFile,
    /// CRC-32C of what opening reads: all before and after the body.
    pub ends: u32,
}

/// Writes columns of `rows` rows to a new file and syncs it; its name lasts once the folder is synced.
pub fn write_table(
    disk: &dyn Disk,
    path: &str,
    rows: usize,
    columns: &[TableColumn<'_>],
) -> Result<TableFile> {
    let mut layout = Layout::default();
    let mut fields = Vec::with_capacity(columns.len());
    for (number, column) in columns.iter().enumerate() {
        let given = match &column.values {
            Values::Whole(view) => view.len(),
            Values::Lists { offsets, .. } => offsets.len().saturating_sub(1),
            Values::Pieces { .. } => rows,
        };
        if given != rows {
            return Err(wrong_shape(column));
        }
        let valid = column.values.valid();
        let field = schema::field(column.field, is_utf8(&column.values), valid.is_some());
        fields.push(field.ok_or_else(|| wrong_shape(column))?);
        layout.add(number, column, rows)?;
    }
    let schema = schema::schema(fields);
    let head = head(&schema, &layout, rows)?;
    let tail = tail(&schema, &head, &layout);
    let mut file = BlockWriter::create(disk, path)?;
    file.append(&[&head.bytes])?;
    write_body(&mut file, &layout, columns).map_err(|error| error.context(path))?;
    file.append(&[&tail])?;
    let ends = crc32c::crc32c_append(crc32c::crc32c(&head.bytes), &tail);
    Ok(TableFile { file: file.finish()?, ends })
}

fn write_body(file: &mut BlockWriter, layout: &Layout<'_>, columns: &[TableColumn<'_>]) -> Result<()> {
    for (buffer, bytes) in layout.buffers.iter().zip(&layout.bytes) {
        let start = file.len();
        match bytes {
            Bytes::Here(bytes) => file.append(&[bytes])?,
            Bytes::Pieces(number) => {
                if let Some(Values::Pieces { piece, .. } | Values::Lists { piece, .. }) =
                    columns.get(*number).map(|column| &column.values)
                {
                    write_pieces(file, piece)?;
                }
            }
        }
        let (written, len) = (file.len() - start, buffer.length());
        if written != len as u64 {
            return Err(Error::internal(format!("a column came as {written} bytes in place of {len}")));
        }
        file.align(ALIGNMENT)?;
    }
    Ok(())
}

fn write_pieces(file: &mut BlockWriter, piece: &Piece<'_>) -> Result<()> {
    for number in 0.. {
        let bytes = piece(number)?;
        if bytes.is_empty() {
            break;
        }
        file.append(&[&bytes])?;
    }
    Ok(())
}

/// Everything before the body.
struct Head {
    bytes: Vec<u8>,
    /// Where the message of the record batch begins.
    batch: usize,
}

fn head(schema: &Schema, layout: &Layout<'_>, rows: usize) -> Result<Head> {
    let mut bytes = MAGIC.to_vec();
    bytes.resize(ALIGNMENT, 0);
    let options = IpcWriteOptions::default();
    let mut dictionaries = DictionaryTracker::new(false);
    let message = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
        schema,
        &mut dictionaries,
        &options,
    );
    write_message(&mut bytes, message, &options)
        .map_err(|error| Error::internal(format!("cannot encode an Arrow schema: {error}")))?;
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    let batch = bytes.len();
    let message = batch_message(layout, rows);
    let len = (8 + message.len()).next_multiple_of(ALIGNMENT);
    bytes.extend_from_slice(&CONTINUATION);
    bytes.extend_from_slice(&(len as i32 - 8).to_le_bytes());
    bytes.extend_from_slice(&message);
    bytes.resize(batch + len, 0);
    Ok(Head { bytes, batch })
}

fn batch_message(layout: &Layout<'_>, rows: usize) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let nodes = builder.create_vector(&layout.nodes);
    let buffers = builder.create_vector(&layout.buffers);
    let batch = RecordBatchArgs {
        length: rows as i64,
        nodes: Some(nodes),
        buffers: Some(buffers),
        ..RecordBatchArgs::default()
    };
    let batch = arrow_ipc::RecordBatch::create(&mut builder, &batch);
    let mut message = MessageBuilder::new(&mut builder);
    message.add_version(MetadataVersion::V5);
    message.add_header_type(MessageHeader::RecordBatch);
    message.add_header(batch.as_union_value());
    message.add_bodyLength(layout.body as i64);
    let message = message.finish();
    builder.finish(message, None);
    builder.finished_data().to_vec()
}

/// The end of the stream, the footer and the closing magic.
fn tail(schema: &Schema, head: &Head, layout: &Layout<'_>) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let batch = Block::new(head.batch as i64, (head.bytes.len() - head.batch) as i32, layout.body as i64);
    let batches = builder.create_vector(&[batch]);
    let dictionaries = builder.create_vector::<Block>(&[]);
    let mut tracker = DictionaryTracker::new(false);
    let schema = IpcSchemaEncoder::new()
        .with_dictionary_tracker(&mut tracker)
        .schema_to_fb_offset(&mut builder, schema);
    let mut footer = FooterBuilder::new(&mut builder);
    footer.add_version(MetadataVersion::V5);
    footer.add_schema(schema);
    footer.add_dictionaries(dictionaries);
    footer.add_recordBatches(batches);
    let footer = footer.finish();
    builder.finish(footer, None);
    let footer = builder.finished_data();
    let mut bytes = CONTINUATION.to_vec();
    bytes.extend_from_slice(&0i32.to_le_bytes());
    bytes.extend_from_slice(footer);
    bytes.extend_from_slice(&(footer.len() as i32).to_le_bytes());
    bytes.extend_from_slice(END);
    bytes
}

/// Whether all texts of a column are what Arrow calls strings.
fn is_utf8(values: &Values<'_>) -> bool {
    match values {
        Values::Whole(view) => texts_are_utf8(&view.data),
        Values::Pieces { .. } | Values::Lists { .. } => true,
    }
}

fn texts_are_utf8(data: &ColumnRef<'_>) -> bool {
    match data {
        ColumnRef::Bytes { offsets, data } => std::str::from_utf8(data)
            .is_ok_and(|text| offsets.iter().all(|offset| text.is_char_boundary(*offset as usize))),
        ColumnRef::Array { items, .. } => texts_are_utf8(items),
        _ => true,
    }
}

pub(super) fn wrong_shape(column: &TableColumn<'_>) -> Error {
    let (name, data_type) = (&column.field.name, column.field.data_type);
    Error::internal(format!("the values given for field {name} are not a {data_type} column of all rows"))
}
