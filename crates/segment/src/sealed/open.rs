//! Opening a segment's files.

use super::files::{ColumnFile, SegmentFiles};
use super::keys::KeyLookup;
use super::{Body, Filed, Sealed, deletes};
use crate::DeleteList;
use elanus_storage::disk::join;
use elanus_storage::{Disk, Table};
use elanus_types::schema::TIMESTAMP_FIELD;
use elanus_types::{CollectionSchema, DataType, Error, FieldId, Result};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;

impl Sealed {
    /// Maps the files of a segment. Only the ends of files are read, and all deletes.
    ///
    /// A damaged vector index is left out, see [`Sealed::damaged_indexes`]; any other damage found is an error that
    /// names the file.
    pub fn open(
        disk: &dyn Disk,
        dir: &str,
        schema: Arc<CollectionSchema>,
        files: &SegmentFiles,
    ) -> Result<Self> {
        let folder = files.folder(dir);
        let tables = open_tables(disk, &folder, &schema, files)?;
        let keys = KeyLookup::open(disk, &join(&folder, &files.keys.name), files.keys.bytes, files.rows)?;
        let list = DeleteList::default();
        for file in &files.deletes {
            for (row, at) in deletes::read(disk, &folder, file, files.rows)? {
                list.push(row, at);
            }
        }
        let body = Body {
            filed: Mutex::new(Filed { count: list.len(), files: files.deletes.clone(), distrusted: false }),
            files: SegmentFiles {
                deletes: Vec::new(),
                indexes: Vec::new(),
                scalars: Vec::new(),
                ..files.clone()
            },
            tables,
            keys,
            deletes: list,
            left: Mutex::new(None),
            indexes: RwLock::new(Vec::new()),
            scalars: RwLock::new(Vec::new()),
            zones: Mutex::default(),
            damaged: Mutex::new(Vec::new()),
        };
        let sealed = Self::new(Arc::new(body), schema);
        for file in &files.indexes {
            if let Err(error) = sealed.attach_index(disk, dir, file.clone()) {
                tracing::warn!(folder, %error, "a vector index cannot be used, its field is searched exactly");
                sealed.damaged.lock().push((file.field, error));
            }
        }
        for file in &files.scalars {
            if let Err(error) = sealed.attach_scalar(disk, dir, file.clone()) {
                tracing::warn!(folder, %error, "a scalar index cannot be used and is built anew");
            }
        }
        Ok(sealed)
    }
}

fn open_tables(
    disk: &dyn Disk,
    folder: &str,
    schema: &CollectionSchema,
    files: &SegmentFiles,
) -> Result<Vec<Table>> {
    let mut tables = Vec::with_capacity(files.columns.len());
    for ColumnFile { file, fields } in &files.columns {
        let path = join(folder, &file.name);
        let table = Table::open(disk, &path, file.bytes, file.ends)?;
        if table.rows() != files.rows || !table.fields().map(|field| &field.id).eq(fields) {
            return Err(Error::damaged(format!("{path} does not hold the columns the manifest states")));
        }
        for stored in table.fields() {
            let fits = match schema.field_by_id(stored.id) {
                Some(field) => stored.fits(field),
                None => stored.id != TIMESTAMP_FIELD || stored.data_type == DataType::Int64,
            };
            if !fits {
                let (id, found) = (stored.id, stored.data_type);
                return Err(Error::damaged(format!(
                    "{path} holds {found} values for field {id}, not its type"
                )));
            }
        }
        tables.push(table);
    }
    let known = |id: FieldId| tables.iter().any(|table: &Table| table.fields().any(|field| field.id == id));
    let missing =
        schema.primary().map(|field| field.id).into_iter().chain([TIMESTAMP_FIELD]).find(|id| !known(*id));
    match missing {
        None => Ok(tables),
        Some(id) => Err(Error::damaged(format!("no file in {folder} holds field {id}"))),
    }
}
