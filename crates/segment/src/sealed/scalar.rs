//! Scalar indexes of a sealed segment: building, opening, finding.

use super::Sealed;
use super::files::{FileEntry, ScalarFile};
use super::index::MAGIC;
use crate::absent;
use elanus_filter::FieldIndex;
use elanus_filter::index::{IndexSpec, build_index, open_index};
use elanus_storage::disk::join;
use elanus_storage::{Container, Disk, write_container};
use elanus_types::{Error, FieldId, Result};
use std::sync::Arc;
use std::time::Instant;

/// Which scalar index to build.
#[derive(Clone, Debug)]
pub struct ScalarRequest {
    /// The field, which the segment must store.
    pub field: FieldId,
    /// See [`ScalarFile::index`].
    pub index: i64,
    /// What it is.
    pub spec: IndexSpec,
    /// Part of the file's name; never used before.
    pub number: i64,
}

/// A scalar index in use.
pub(super) struct OpenScalar {
    pub(super) file: ScalarFile,
    index: Arc<dyn FieldIndex>,
}

impl Sealed {
    /// Builds a scalar index and writes its file, which lasts when this returns. Filters do not use it before
    /// [`Sealed::attach_scalar`].
    pub fn build_scalar(&self, disk: &dyn Disk, dir: &str, request: &ScalarRequest) -> Result<ScalarFile> {
        let begin = Instant::now();
        let field = absent::field(&self.schema, request.field)?;
        self.verify_field(field.id)?;
        let Some(column) = self.stored(field.id)? else {
            let name = &field.name;
            return Err(Error::internal(format!("segment {} has no column of field {name}", self.files.id)));
        };
        let body = build_index(&request.spec, &column)?;
        let folder = self.files.folder(dir);
        let name = format!("scalar-{}-{}.bin", request.field, request.number);
        let path = join(&folder, &name);
        let file = write_container(disk, &path, MAGIC, &[&body])?;
        disk.sync_dir(&folder)?;
        let bytes = file.bytes;
        let index = self.open_body(disk, &path, bytes)?;
        Ok(ScalarFile {
            file: FileEntry::new(name, file, 0),
            field: request.field,
            index: request.index,
            kind: index.name().to_owned(),
            distinct: index.distinct() as u64,
            seconds: begin.elapsed().as_secs_f32(),
        })
    }

    /// Uses an index from now on, in the place of another of the same number. A file that is damaged or does not belong to
    /// this segment is an error, and everything stays as it was.
    pub fn attach_scalar(&self, disk: &dyn Disk, dir: &str, file: ScalarFile) -> Result<()> {
        let path = join(&self.files.folder(dir), &file.file.name);
        let index = self.open_body(disk, &path, file.file.bytes)?;
        let mut scalars = self.scalars.write();
        scalars.retain(|other| other.file.index != file.index);
        scalars.push(OpenScalar { file, index });
        Ok(())
    }

    /// Stops using an index.
    pub fn detach_scalar(&self, index: i64) {
        self.scalars.write().retain(|scalar| scalar.file.index != index);
    }

    fn open_body(&self, disk: &dyn Disk, path: &str, bytes: u64) -> Result<Arc<dyn FieldIndex>> {
        let [body] = Container::open(disk, path, MAGIC, bytes)?.parts()?;
        open_index(Arc::new(body), self.files.rows).map_err(|error| error.context(path))
    }

    /// The indexes of a field.
    pub(super) fn scalar_indexes(&self, field: FieldId) -> Vec<Arc<dyn FieldIndex>> {
        let scalars = self.scalars.read();
        scalars
            .iter()
            .filter(|scalar| scalar.file.field == field)
            .map(|scalar| Arc::clone(&scalar.index))
            .collect()
    }
}
