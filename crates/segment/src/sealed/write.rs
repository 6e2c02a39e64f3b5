//! Writing a sealed segment from rows of other segments: for a flush, a merge, a compaction.

use super::files::{ColumnFile, FileEntry, SegmentFiles};
use super::gather::{self, Source};
use super::{deletes, keys, statistics};
use crate::{Segment, SegmentId};
use elanus_storage::disk::join;
use elanus_storage::{Disk, TableColumn, Values, write_table};
use elanus_types::catalog::PartitionId;
use elanus_types::{CollectionSchema, Column, ColumnData, DataType, Error, FieldSchema, Result, Timestamp};
use std::sync::Arc;

/// Scalar columns are held in memory until they have this many bytes, and then go to a file together.
const GROUP_BYTES: usize = 64 << 20;

/// Writes some rows of other segments, source after source in the order given, as a new segment in the folder
/// `<dir>/<id>`: with their commit timestamps and with the deletes they have so far. Every row of a source is taken
/// at most once. Fields that a source lacks get their default or null.
///
/// When it returns, all files last; nothing refers to them yet. After an error the folder is gone again, or left
/// for whoever removes what no manifest names.
pub fn write_sealed(
    disk: &dyn Disk,
    dir: &str,
    id: SegmentId,
    partition: PartitionId,
    schema: &CollectionSchema,
    sources: &[(Arc<dyn Segment>, Vec<u32>)],
) -> Result<SegmentFiles> {
    let rows = sources.iter().map(|(_, rows)| rows.len()).sum();
    if rows > u32::MAX as usize {
        return Err(Error::internal(format!("{rows} rows are too many for one segment")));
    }
    let files =
        SegmentFiles { id, partition, rows, schema_version: schema.version, ..SegmentFiles::default() };
    let folder = files.folder(dir);
    let writer = Writer { disk, folder: &folder, schema, sources };
    writer.write(files).inspect_err(|_| {
        if let Err(error) = disk.remove_dir_all(&folder) {
            tracing::warn!(folder, %error, "cannot remove an unfinished segment, will try later");
        }
    })
}

struct Writer<'a> {
    disk: &'a dyn Disk,
    folder: &'a str,
    schema: &'a CollectionSchema,
    sources: &'a [Source],
}

impl Writer<'_> {
    fn write(&self, mut files: SegmentFiles) -> Result<SegmentFiles> {
        self.sources.iter().try_for_each(|(segment, _)| segment.verify())?;
        self.disk.create_dir_all(self.folder)?;
        self.scalars(&mut files)?;
        for field in self.schema.fields.iter().filter(|field| field.vector_type().is_dense_vector()) {
            self.vectors(field, &mut files)?;
        }
        self.deletes(&mut files)?;
        self.disk.sync_dir(self.folder)?;
        Ok(files)
    }

    /// Timestamps and all columns without dense vectors, their statistics and the key look-up.
    fn scalars(&self, files: &mut SegmentFiles) -> Result<()> {
        let times = gather::timestamp_field();
        let (mut group, mut bytes) = (Vec::new(), 0);
        let others = self.schema.fields.iter().filter(|field| !field.vector_type().is_dense_vector());
        for field in [&times].into_iter().chain(others) {
            let column = gather::column(self.sources, field)?;
            match field.id == times.id {
                true => (files.min_timestamp, files.max_timestamp) = span(&column),
                false => files.statistics.push(statistics::of(field, &column.view())),
            }
            if field.primary_key {
                let name = "keys.bin".to_owned();
                let file = keys::write(self.disk, &join(self.folder, &name), &column.view())?;
                files.keys = FileEntry::new(name, file, 0);
            }
            bytes += column.view().byte_size();
            group.push((field, column));
            if bytes >= GROUP_BYTES {
                self.group(&mut group, files)?;
                bytes = 0;
            }
        }
        if group.is_empty() { Ok(()) } else { self.group(&mut group, files) }
    }

    fn group(&self, group: &mut Vec<(&FieldSchema, Column)>, files: &mut SegmentFiles) -> Result<()> {
        let fields = group.iter().map(|(field, _)| field.id).collect();
        let columns: Vec<TableColumn<'_>> = group
            .iter()
            .map(|(field, column)| TableColumn { field, values: Values::Whole(column.view()) })
            .collect();
        let name = format!("scalars{}.arrow", files.columns.len());
        let file = write_table(self.disk, &join(self.folder, &name), files.rows, &columns)?;
        drop(columns);
        group.clear();
        files.columns.push(ColumnFile { file: FileEntry::new(name, file.file, file.ends), fields });
        Ok(())
    }

    fn vectors(&self, field: &FieldSchema, files: &mut SegmentFiles) -> Result<()> {
        let piece = Box::new(gather::pieces(self.sources, field));
        let values = if field.data_type == DataType::ArrayOfVector {
            let (valid, offsets) = gather::lists(self.sources, field)?;
            Values::Lists { valid, offsets, piece }
        } else {
            Values::Pieces { valid: gather::validity(self.sources, field)?, piece }
        };
        let name = format!("field{}.arrow", field.id);
        let path = join(self.folder, &name);
        let file = write_table(self.disk, &path, files.rows, &[TableColumn { field, values }])?;
        let file = FileEntry::new(name, file.file, file.ends);
        files.columns.push(ColumnFile { file, fields: vec![field.id] });
        Ok(())
    }

    /// Deletes of the rows so far, oldest first.
    fn deletes(&self, files: &mut SegmentFiles) -> Result<()> {
        let (mut entries, mut first) = (Vec::new(), 0);
        for (segment, rows) in self.sources {
            let deletes = segment.deletes_since(0);
            if !deletes.is_empty() {
                let mut places = vec![None; segment.rows()];
                for (place, row) in (first..).zip(rows) {
                    if let Some(slot) = places.get_mut(*row as usize) {
                        *slot = Some(place);
                    }
                }
                let place = |row: u32| places.get(row as usize).copied().flatten();
                entries.extend(deletes.iter().filter_map(|(row, at)| Some((place(*row)?, *at))));
            }
            first += rows.len() as u32;
        }
        if !entries.is_empty() {
            entries.sort_by_key(|(row, at)| (*at, *row));
            files.deletes.push(deletes::write(self.disk, self.folder, files.id, &entries)?);
        }
        Ok(())
    }
}

fn span(times: &Column) -> (Timestamp, Timestamp) {
    let ColumnData::Int64(times) = &times.data else { return (Timestamp::MAX, Timestamp::ZERO) };
    let times = || times.iter().map(|at| Timestamp(*at as u64));
    (times().min().unwrap_or(Timestamp::MAX), times().max().unwrap_or(Timestamp::ZERO))
}
