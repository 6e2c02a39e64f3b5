//! Building and attaching vector indexes.

use super::Collection;
use crate::local::World;
use crate::validate::properties::RECALL_TARGET;
use elanus_runtime::Progress;
use elanus_segment::{Measured, Sealed, Segment, SegmentId};
use elanus_types::{CollectionMeta, Error, FieldId, Result};

impl Collection {
    /// Builds the index of a field of a segment, attaches it and commits it.
    pub fn build_index(
        &self,
        world: &World,
        meta: &CollectionMeta,
        segment: SegmentId,
        field: FieldId,
    ) -> Result<()> {
        let _job = self.jobs.lock();
        let sealed = self
            .sealed(segment)
            .ok_or_else(|| Error::internal(format!("segment {segment} went before its index was built")))?;
        let progress = Progress::default();
        *self.building.lock() = Some((segment, field, progress.clone()));
        let writing = self.writing.begin(world.segment_id());
        let built = self.build(world, meta, &sealed, field, writing.number, &progress);
        *self.building.lock() = None;
        let attached = built.and_then(|file| {
            let commit = self.commit.lock();
            // An index dropped meanwhile leaves a file that no manifest names; the next commit removes it.
            let catalog = world.catalog();
            if catalog.collections.get(&self.id).is_some_and(|meta| has(meta, file.index)) {
                sealed.attach_index(self.disk.as_ref(), &self.dir, file)?;
            }
            Ok(commit)
        });
        match attached {
            Ok(mut commit) => self.commit_manifest(world, &mut commit),
            Err(error) => {
                if let Some(index) = meta.index_on(field).filter(|_| !world.closing.is_cancelled()) {
                    self.failures.lock().insert((segment, index.id), error.to_string());
                }
                Err(error)
            }
        }
    }

    fn build(
        &self,
        world: &World,
        meta: &CollectionMeta,
        sealed: &Sealed,
        field: FieldId,
        number: i64,
        progress: &Progress,
    ) -> Result<elanus_segment::IndexFile> {
        let index = meta
            .index_on(field)
            .ok_or_else(|| Error::internal(format!("the index of field {field} went before it was built")))?;
        let name = index.metric.as_deref();
        let name = name.ok_or_else(|| Error::internal(format!("index {} has no metric", index.name)))?;
        let dim = meta.schema.fields.iter().find(|known| known.id == field).map_or(0, |field| field.dim);
        let metric = elanus_ann::index_metric(&index.index_type, name, &index.params, dim)?;
        let request = elanus_segment::IndexRequest {
            field,
            index: index.id,
            metric,
            index_type: &index.index_type,
            params: &index.params,
            number,
            threads: world.pool.threads(),
            memory: share(world, sealed, field),
        };
        sealed.build_index(self.disk.as_ref(), &self.dir, &request, progress, &world.closing)
    }

    /// Stops using index files whose index left the catalog; the next manifest lets go of them.
    pub fn drop_indexes(&self, meta: &CollectionMeta) {
        for segment in &self.view().set.sealed {
            let files = segment.files();
            for index in files.indexes.iter().filter(|index| !has(meta, index.index)) {
                segment.detach_index(index.field);
            }
            let wanted = super::scalar::wanted(meta);
            for scalar in
                files.scalars.iter().filter(|file| wanted.iter().all(|(_, index)| *index != file.index))
            {
                segment.detach_scalar(scalar.index);
            }
        }
        self.failures.lock().retain(|(_, index), _| *index < 0 || has(meta, *index));
    }

    /// Fields of a segment that have an index file.
    pub fn indexed_fields(&self, segment: SegmentId) -> Vec<FieldId> {
        self.sealed(segment)
            .map_or_else(Vec::new, |sealed| sealed.files().indexes.iter().map(|index| index.field).collect())
    }

    /// What the index of a field resolved to and why, of the largest segment.
    pub fn resolved(&self, field: FieldId) -> String {
        let set = self.view().set;
        let files = set.sealed.iter().map(|sealed| sealed.files()).max_by_key(|files| files.rows);
        let index = files.as_ref().and_then(|files| files.index_on(field));
        index.map_or_else(String::new, |index| format!("{}: {}", index.kind, index.reason))
    }

    /// What was measured of the index of a field for a recall target, of the segment that finds least; empty without one.
    pub fn measured(&self, field: FieldId, target: Option<f32>) -> String {
        let target = target.unwrap_or(elanus_ann::RECALL_TARGET);
        let set = self.view().set;
        let all =
            set.sealed.iter().filter_map(|segment| Some((segment.rows(), segment.measured(field, target)?)));
        measured_text(&all.collect::<Vec<_>>(), target)
    }
}

/// The part of the memory for indexes that the vectors of a field have among all that are in files.
fn share(world: &World, segment: &Sealed, field: FieldId) -> Option<u64> {
    let bytes = |segment: &Sealed, counts: &dyn Fn(FieldId) -> bool| -> u64 {
        let files = segment.files();
        let columns = files.columns.iter().filter(|column| column.fields.iter().any(|field| counts(*field)));
        columns.map(|column| column.file.bytes).sum()
    };
    let vectors = |segment: &Sealed| {
        let schema = segment.schema();
        bytes(segment, &|id| schema.vectors().any(|field| field.id == id))
    };
    let memory = world.options.index_memory()?;
    let mine = bytes(segment, &|id| id == field);
    let collections = world.open_collections();
    let all = collections.iter().map(|one| one.view().set.sealed.iter().map(|one| vectors(one)).sum::<u64>());
    let all = all.sum::<u64>().max(mine).max(1);
    u64::try_from(u128::from(memory) * u128::from(mine) / u128::from(all)).ok()
}

/// One line about segments, given as rows and what was measured.
fn measured_text(segments: &[(usize, Measured)], target: f32) -> String {
    // Of equals the largest.
    let order =
        |a: &(usize, Measured), b: &(usize, Measured)| a.1.recall.total_cmp(&b.1.recall).then(b.0.cmp(&a.0));
    let Some((_, least)) = segments.iter().min_by(|a, b| order(a, b)) else { return String::new() };
    let which = match segments.len() {
        1 => String::new(),
        count => format!(" in the segment of {count} that finds least"),
    };
    format!("measured for {RECALL_TARGET} {target}{which}: {}", least.efforts)
}

/// Whether the catalog still has an index.
fn has(meta: &CollectionMeta, index: i64) -> bool {
    meta.indexes.iter().any(|known| known.id == index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_segments_the_one_that_finds_least_is_told() {
        let measured = |rows, recall, efforts: &str| (rows, Measured { recall, efforts: efforts.to_owned() });
        assert_eq!(measured_text(&[], 0.95), "");
        assert_eq!(measured_text(&[measured(5, 1.0, "ef 4")], 0.95), "measured for recall_target 0.95: ef 4");
        let several = [measured(9, 0.99, "ef 8"), measured(5, 0.97, "ef 4"), measured(7, 0.97, "ef 6")];
        let told = "measured for recall_target 0.9 in the segment of 3 that finds least: ef 6";
        assert_eq!(measured_text(&several, 0.9), told);
    }
}
