//! Vector indexes of a sealed segment: building, opening, searching.

use super::files::{FileEntry, IndexFile};
use super::read::vectors;
use super::{Sealed, recall};
use crate::{SegmentSearch, SegmentStats, absent};
use elanus_ann::{Bound, BuildRequest, Index, Kind, Means, Resolved, SearchParams, VectorsView, exact_hits};
use elanus_kernels::{Bitmap, Hit, Metric, TopK};
use elanus_runtime::{Cancel, Progress};
use elanus_storage::disk::join;
use elanus_storage::{Container, Disk, write_container};
use elanus_types::catalog::Properties;
use elanus_types::{Error, FieldId, FieldSchema, Result};
use std::sync::Arc;
use std::time::Instant;

/// What index files begin with.
pub(super) const MAGIC: &[u8; 8] = b"ELANUSIX";

/// Which index to build.
#[derive(Clone, Copy, Debug)]
pub struct IndexRequest<'a> {
    /// The vector field.
    pub field: FieldId,
    /// The catalog's number of the index.
    pub index: i64,
    /// How vectors are compared.
    pub metric: Metric,
    /// The type the user named.
    pub index_type: &'a str,
    /// Its parameters.
    pub params: &'a Properties,
    /// Part of the file's name; never used before.
    pub number: i64,
    /// Threads to work with.
    pub threads: usize,
    /// Bytes that the index and what it reads of the vectors may take in memory; `None` = any number.
    pub memory: Option<u64>,
}

/// What was found out about an index when it was built.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Recall against exact search of ten hits, sampled after the build.
    pub recall: f32,
    /// Efforts found sufficient and their recall, for people.
    pub efforts: String,
}

/// An index in use.
pub(super) struct OpenIndex {
    pub file: IndexFile,
    pub(super) metric: Metric,
    /// `None` = comparing every row is the index.
    pub(super) index: Option<Box<dyn Index>>,
}

/// An index in memory, before it has a file.
struct Built {
    resolved: Resolved,
    body: Vec<u8>,
    recall: f32,
}

impl Sealed {
    /// Builds an index of a vector field and writes its file, which lasts when this returns. Searches do not use it
    /// before [`Sealed::attach_index`].
    pub fn build_index(
        &self,
        disk: &dyn Disk,
        dir: &str,
        request: &IndexRequest<'_>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<IndexFile> {
        let begin = Instant::now();
        let built = self.build(request, progress, cancel)?;
        let folder = self.files.folder(dir);
        let name = format!("index-{}-{}.bin", request.field, request.number);
        let file = write_container(disk, &join(&folder, &name), MAGIC, &[&built.body])?;
        disk.sync_dir(&folder)?;
        Ok(IndexFile {
            file: FileEntry::new(name, file, 0),
            field: request.field,
            index: request.index,
            metric: request.metric.indexed().to_string(),
            kind: built.resolved.kind.name().to_owned(),
            reason: built.resolved.reason,
            recall: built.recall,
            seconds: begin.elapsed().as_secs_f32(),
            asked: None,
        })
    }

    fn build(&self, request: &IndexRequest<'_>, progress: &Progress, cancel: &Cancel) -> Result<Built> {
        let field = absent::field(&self.schema, request.field)?;
        self.verify_field(field.id)?;
        let column = self.stored(field.id)?;
        let vectors = column.as_ref().and_then(|column| vectors(field, column));
        let Some((column, vectors)) = column.as_ref().zip(vectors) else { return flat(field) };
        let means = Means { memory: request.memory, threads: request.threads };
        let resolved =
            elanus_ann::choose(request.index_type, request.params, &vectors, request.metric, means)?;
        if resolved.kind == Kind::Flat {
            return Ok(Built { resolved, body: Vec::new(), recall: 1.0 });
        }
        let (kind, metric) = (resolved.kind, request.metric);
        let build = BuildRequest::new(&resolved, metric, vectors, request.threads);
        let body: Arc<Vec<u8>> = Arc::new(elanus_ann::build(&build, progress, cancel)?);
        cancel.check()?;
        let index = elanus_ann::open(kind, metric, &vectors, Arc::<Vec<u8>>::clone(&body))?;
        let params = SearchParams { mh_jaccard: true, ..SearchParams::default() };
        let recall = recall::sample(&self.schema, field, metric.indexed(), column, |query, k, top| {
            let mut found = TopK::new(k);
            index.search(&vectors, query, k, &params, column.valid, &mut found);
            for hit in exact_hits(&vectors, metric, query, found.into_sorted()) {
                top.push(hit.key, hit.row);
            }
        })?;
        drop(index);
        let body = Arc::try_unwrap(body).unwrap_or_else(|shared| shared.to_vec());
        Ok(Built { resolved, body, recall })
    }

    /// Uses an index from now on, in the place of another of the same field. A file that is damaged or does not
    /// belong to this segment's vectors is an error, and everything stays as it was.
    pub fn attach_index(&self, disk: &dyn Disk, dir: &str, file: IndexFile) -> Result<()> {
        let path = join(&self.files.folder(dir), &file.file.name);
        let index = self.open_index(disk, &path, file)?;
        let field = index.file.field;
        let mut indexes = self.indexes.write();
        indexes.retain(|other| other.file.field != field);
        indexes.push(Arc::new(index));
        self.damaged.lock().retain(|(other, _)| *other != field);
        Ok(())
    }

    /// Stops using the index of a field, which is then searched exactly.
    pub fn detach_index(&self, field: FieldId) {
        self.indexes.write().retain(|index| index.file.field != field);
    }

    /// What was measured of the index of a field that matters for a recall target; `None` for one that is not in use or
    /// has no effort to measure. Nothing is opened for it.
    pub fn measured(&self, field: FieldId, target: f32) -> Option<Measured> {
        let indexes = self.indexes.read();
        let index = indexes.iter().find(|index| index.file.field == field)?;
        let efforts = index.index.as_ref()?.measured(target);
        (!efforts.is_empty()).then(|| Measured { recall: index.file.recall, efforts })
    }

    fn open_index(&self, disk: &dyn Disk, path: &str, file: IndexFile) -> Result<OpenIndex> {
        let unknown =
            |what: &str, name: &str| Error::damaged(format!("{path} is of the unknown {what} {name:?}"));
        let metric = Metric::parse(&file.metric).ok_or_else(|| unknown("metric", &file.metric))?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == file.kind);
        let kind = kind.ok_or_else(|| unknown("kind", &file.kind))?;
        let [body] = Container::open(disk, path, MAGIC, file.file.bytes)?.parts()?;
        if kind == Kind::Flat {
            return Ok(OpenIndex { file, metric, index: None });
        }
        let field = absent::field(&self.schema, file.field)?;
        let column = self.stored(field.id)?;
        let vectors = column.as_ref().and_then(|column| vectors(field, column));
        let vectors =
            vectors.ok_or_else(|| Error::damaged(format!("{path} belongs to vectors that are not there")))?;
        body.expect_random_reads();
        let mut index =
            elanus_ann::open(kind, metric, &vectors, Arc::new(body)).map_err(|error| error.context(path))?;
        file.asked.iter().for_each(|asked| index.adopt(asked.clone()));
        Ok(OpenIndex { file, metric, index: Some(index) })
    }

    /// The index that can answer a search, if there is one.
    pub(super) fn index_for(&self, field: FieldId, metric: Metric) -> Option<Arc<OpenIndex>> {
        let indexes = self.indexes.read();
        let index = indexes.iter().find(|index| index.file.field == field)?;
        (index.metric == metric.indexed() && index.index.is_some()).then(|| Arc::clone(index))
    }

    /// Compares the file that holds a field with its checksums.
    pub(super) fn verify_field(&self, field: FieldId) -> Result<()> {
        let mut files = self.files.columns.iter().zip(&self.tables);
        match files.find(|(file, _)| file.fields.contains(&field)) {
            Some((file, table)) => table.check_blocks(&file.file.checksums),
            None => Ok(()),
        }
    }
}

impl OpenIndex {
    /// The hits of every query.
    pub fn search(
        &self,
        vectors: &VectorsView<'_>,
        search: &SegmentSearch<'_>,
        allowed: Option<&Bitmap>,
        stats: &mut SegmentStats,
    ) -> Vec<Vec<Hit>> {
        let bound = search.range.map(|range| Bound { low: range.low, high: range.below });
        let params = SearchParams { bound, ..*search.params };
        let mut tops = vec![TopK::new(search.k); search.queries.len()];
        if let Some(index) = &self.index {
            let cost = index.search_many(vectors, search.queries, search.k, &params, allowed, &mut tops);
            stats.distances += cost.approximate + cost.exact;
            stats.hops += cost.hops;
            stats.scanned |= cost.scanned;
        }
        tops.into_iter().map(TopK::into_sorted).collect()
    }
}

/// What serves a field that has no vectors in this segment, or sparse ones.
fn flat(field: &FieldSchema) -> Result<Built> {
    let reason = format!("FLAT (field {} has no dense vectors here)", field.name);
    let resolved = Resolved {
        kind: Kind::Flat,
        hnsw: elanus_ann::HnswParams::default(),
        ivf: elanus_ann::IvfParams::default(),
        reason,
    };
    Ok(Built { resolved, body: Vec::new(), recall: 1.0 })
}
