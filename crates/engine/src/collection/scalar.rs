//! Building and describing scalar indexes.

use super::Collection;
use crate::local::World;
use elanus_filter::index::IndexSpec;
use elanus_segment::{ScalarRequest, SegmentId};
use elanus_types::{CollectionMeta, DataType, Error, FieldId, IndexMeta, Result};

/// The scalar indexes that segments should have: those the user asked for, and columns of frequent places for every JSON
/// field, which has its own number, negated, in the place of an index's.
pub fn wanted(meta: &CollectionMeta) -> Vec<(FieldId, i64)> {
    let asked = meta.indexes.iter().filter(|index| spec(meta, index).is_some_and(|spec| !spec.is_shredded()));
    let asked = asked.map(|index| (index.field, index.id));
    let documents = meta.schema.fields.iter().filter(|field| field.data_type == DataType::Json);
    asked.chain(documents.map(|field| (field.id, -field.id))).collect()
}

/// What an index of the catalog is, where it is a scalar index that is built.
fn spec(meta: &CollectionMeta, index: &IndexMeta) -> Option<IndexSpec> {
    let field = meta.schema.field_by_id(index.field).filter(|field| !field.data_type.is_vector())?;
    IndexSpec::from_params(field, &index.index_type, &index.params).ok()
}

/// The number under which segments keep what serves an index.
pub fn number(meta: &CollectionMeta, index: &IndexMeta) -> i64 {
    match spec(meta, index) {
        Some(spec) if spec.is_shredded() => -index.field,
        _ => index.id,
    }
}

impl Collection {
    /// Builds a scalar index of a segment, attaches it and commits it.
    pub fn build_scalar(
        &self,
        world: &World,
        meta: &CollectionMeta,
        segment: SegmentId,
        number: i64,
    ) -> Result<()> {
        let _job = self.jobs.lock();
        let gone = || Error::internal(format!("segment {segment} went before its index was built"));
        let sealed = self.sealed(segment).ok_or_else(gone)?;
        let writing = self.writing.begin(world.segment_id());
        let request = request(meta, number, writing.number)?;
        let built = sealed.build_scalar(self.disk.as_ref(), &self.dir, &request).and_then(|file| {
            let commit = self.commit.lock();
            // An index dropped meanwhile leaves a file that no manifest names; the next commit removes it.
            let catalog = world.catalog();
            let still = catalog.collections.get(&self.id).map(|meta| wanted(meta)).unwrap_or_default();
            if still.iter().any(|(_, index)| *index == number) {
                sealed.attach_scalar(self.disk.as_ref(), &self.dir, file)?;
            }
            Ok(commit)
        });
        match built {
            Ok(mut commit) => self.commit_manifest(world, &mut commit),
            Err(error) => {
                if !world.closing.is_cancelled() {
                    self.failures.lock().insert((segment, number), error.to_string());
                }
                Err(error)
            }
        }
    }

    /// What serves a scalar index: kind, different values and size in the largest segment that has it; empty = nothing yet.
    pub fn resolved_scalar(&self, meta: &CollectionMeta, index: &IndexMeta) -> String {
        let number = number(meta, index);
        let set = self.view().set;
        let files: Vec<_> = set.sealed.iter().map(|segment| segment.files()).collect();
        let built: Vec<_> = files
            .iter()
            .flat_map(|files| {
                files.scalars.iter().filter(|file| file.index == number).map(|file| (files.rows, file))
            })
            .collect();
        let Some((_, largest)) = built.iter().max_by_key(|(rows, _)| *rows) else { return String::new() };
        let bytes: u64 = built.iter().map(|(_, file)| file.file.bytes).sum();
        let seconds: f32 = built.iter().map(|(_, file)| file.seconds).sum();
        let what = if number < 0 { "places" } else { "different values" };
        format!(
            "{}: {} {what}, {bytes} bytes in {} of {} segments, built in {seconds:.2} s",
            largest.kind,
            largest.distinct,
            built.len(),
            files.len()
        )
    }
}

fn request(meta: &CollectionMeta, number: i64, file: i64) -> Result<ScalarRequest> {
    if number < 0 {
        let spec = IndexSpec::shredded();
        return Ok(ScalarRequest { field: -number, index: number, spec, number: file });
    }
    let index = meta.indexes.iter().find(|index| index.id == number);
    let found = index.and_then(|index| Some((index, spec(meta, index)?)));
    let gone = || Error::internal(format!("index {number} went before it was built"));
    let (index, spec) = found.ok_or_else(gone)?;
    Ok(ScalarRequest { field: index.field, index: number, spec, number: file })
}
