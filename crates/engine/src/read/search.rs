//! Nearest neighbours on one vector field.

use super::group::{Group, GroupFields, Grouping};
use super::lists;
use super::merge::{Found, Nearest, best_first};
use super::minhash;
use super::order::hit_order;
use super::output::{OutputPlan, Place};
use super::snapshot::{Snapshot, Wanted};
use super::target;
use crate::local::World;
use crate::validate::properties::ISOLATION;
use crate::validate::{properties, range};
use bytes::Bytes;
use elanus_ann::SearchParams;
use elanus_filter::Predicate;
use elanus_geotime::time::Zone;
use elanus_kernels::{Bitmap, Hit, Metric};
use elanus_runtime::Pool;
use elanus_segment::{Against, KeyRange, Segment, SegmentId, SegmentSearch, SegmentStats};
use elanus_types::search::{GroupBy, SearchIterator, SearchRequest, SearchResult};
use elanus_types::{CollectionMeta, Column, ColumnBuilder, Error, FieldId, FieldSchema, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes of a hit on the wire: a key and a score.
const HIT_BYTES: usize = 12;

/// A search, checked and resolved, before it touches a segment.
pub(super) struct Prepared {
    pub field: FieldId,
    pub metric: Metric,
    pub against: Against,
    pub queries: Vec<Bytes>,
    pub predicate: Option<Arc<Predicate>>,
    pub params: SearchParams,
    pub range: Option<KeyRange>,
    /// Hits to find per query, offset included.
    pub k: usize,
    pub ignore_growing: bool,
    /// Indexes may be measured by these queries: they are not the same one again and again, as pages of an iterator are.
    pub teaches: bool,
    /// Of moments in the filter and in what is returned.
    pub zone: Zone,
    /// Rows of segments that may not answer, on top of everything else.
    pub excluded: HashMap<SegmentId, Bitmap>,
}

impl World {
    /// Runs a search.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResult> {
        let wanted = Wanted {
            target: &request.target,
            partitions: &request.partitions,
            collection_id: request.collection_id,
            pinned: request.iterator.then_some(request.guarantee_timestamp),
            verb: "search",
        };
        let meta = wanted.meta(self)?;
        let prepared = self.prepare(&meta, request)?;
        let plan = OutputPlan::new(&meta.schema, &request.output_fields)?;
        let group = request.group_by.as_ref();
        let group = group.map(|by| Ok((by, GroupFields::new(&meta.schema, by)?))).transpose()?;
        let order = hit_order(&meta.schema, request)?;
        let snapshot = wanted.pin(self, Arc::clone(&meta), prepared.predicate.as_deref())?;
        let rows = snapshot.rows();
        let depth = match &group {
            Some((by, _)) => Grouping::depth(prepared.k, by.size, rows),
            None => prepared.k.min(rows),
        };
        let hits = prepared.queries.len().saturating_mul(depth);
        self.options.limits.check_rows(HIT_BYTES, hits, "search")?;
        prepared.teach(&snapshot);
        let offset = request.offset.max(0) as usize;
        let limit = request.limit.max(0) as usize;
        let lists = self.groups_or_hits(&snapshot, &prepared, group.as_ref())?;
        let lists = order.sort(&snapshot.segments, lists)?;
        let lists: Vec<Vec<Found>> =
            lists.into_iter().map(|groups| page(groups, offset, limit).concat()).collect();
        let metric = prepared.metric;
        let score = |key| metric.score(key);
        let mut result =
            self.present(&snapshot, &plan, &lists, score, request.round_decimal, &prepared.zone)?;
        if let Some((_, fields)) = &group {
            let places: Vec<Place> = lists.iter().flatten().map(|hit| hit.place).collect();
            result.group_by = fields.output(&snapshot.segments, &places)?;
        }
        result.elements = prepared.nearest_elements(&snapshot, &lists)?;
        result.search_iterator = request.search_iterator.as_ref().map(|it| answer(it, &prepared, &lists));
        Ok(result)
    }

    /// What every query finds: groups, or hits as groups of one.
    pub(super) fn groups_or_hits(
        &self,
        snapshot: &Snapshot,
        prepared: &Prepared,
        group: Option<&(&GroupBy, GroupFields)>,
    ) -> Result<Vec<Vec<Group>>> {
        let Some((by, fields)) = group else {
            let lists = self.find(snapshot, prepared)?.into_iter();
            return Ok(lists
                .map(|nearest| nearest.hits.into_iter().map(|hit| vec![hit]).collect())
                .collect());
        };
        let (groups, size, strict) = (prepared.k, by.size, by.strict);
        Grouping { world: self, snapshot, prepared, fields, groups, size, strict }.find()
    }

    /// Checks a request against the collection; nothing is read yet.
    pub(super) fn prepare(&self, meta: &Arc<CollectionMeta>, request: &SearchRequest) -> Result<Prepared> {
        self.options.limits.check_search(request)?;
        let field = target::vector_field(meta, request)?;
        let (metric, against) = target::comparison(meta, field, request)?;
        let zone = super::zone(meta, &request.filter)?;
        let predicate = elanus_filter::compile_in(&request.filter, &meta.schema, &zone)?;
        lists::check_elements(meta, field, against, predicate.as_ref())?;
        if let Some(key) =
            meta.schema.partition_key().filter(|_| properties::is_on(&meta.properties, ISOLATION))
        {
            elanus_filter::check_isolation(predicate.as_ref(), key.id)?;
        }
        let queries = target::queries(self, meta, field, request)?;
        self.options.limits.check_nq(queries.len())?;
        let k = (request.limit.max(0) + request.offset.max(0)) as usize;
        let index_type = meta.index_on(field.id).map_or("AUTOINDEX", |index| index.index_type.as_str());
        let mut params = elanus_ann::search_params(index_type, &request.params, k)?;
        params.recall_target = params.recall_target.or_else(|| properties::recall_target(meta, field.id));
        let (metric, range) = match metric.slots() {
            Some(slots) => {
                minhash::check(request)?;
                let scored = Metric::MhJaccard(slots.scored());
                (if params.mh_jaccard { scored } else { metric }, Some(minhash::ALIKE))
            }
            None => (metric, range::of_request(metric, &request.params)?),
        };
        if range.is_some() && request.group_by.is_some() {
            return Err(Error::invalid("Not allowed to do range-search when doing search-group-by"));
        }
        let paged = request.iterator || request.search_iterator.is_some();
        // The next page begins where this one ends: keys must be exact.
        let range = range.or(paged.then_some(KeyRange::ALL));
        let range = after_bound(range, metric, request.search_iterator.as_ref());
        Ok(Prepared {
            field: field.id,
            metric,
            against,
            queries,
            predicate: predicate.map(Arc::new),
            params,
            range,
            k,
            ignore_growing: request.ignore_growing,
            teaches: !paged && metric.slots().is_none() && against == Against::Vectors,
            zone,
            excluded: HashMap::new(),
        })
    }

    /// The best hits of every query over all segments of a snapshot.
    pub(super) fn find(&self, snapshot: &Snapshot, prepared: &Prepared) -> Result<Vec<Nearest>> {
        let queries: Vec<&[u8]> = prepared.queries.iter().map(|query| query.as_ref()).collect();
        // Several queries share the pool in slices; one query on one segment needs no hand-over.
        let threads = self.pool.threads().max(1);
        let slice = queries.len().div_ceil(threads).max(1);
        let slices: Vec<&[&[u8]]> = queries.chunks(slice).collect();
        let found: Vec<Vec<Nearest>> = match slices.as_slice() {
            [] => Vec::new(),
            [only] => vec![self.find_alone(snapshot, prepared, only)?],
            many => {
                let lists = self.pool.map(many, |slice| self.find_slice(snapshot, prepared, slice));
                lists.into_iter().collect::<Result<_>>()?
            }
        };
        Ok(found.into_iter().flatten().collect())
    }

    /// Searches from a thread outside the pool: segments side by side, but those of which every row is compared one after the
    /// other, each by all threads, unless other reads keep these busy.
    fn find_alone(
        &self,
        snapshot: &Snapshot,
        prepared: &Prepared,
        queries: &[&[u8]],
    ) -> Result<Vec<Nearest>> {
        let idle = self.reading.load(Ordering::Relaxed) <= 1 && self.pool.threads() > 1;
        let shared = |segment: &dyn Segment| idle && segment.scans_many(prepared.field, prepared.metric);
        if !snapshot.segments.iter().any(|segment| shared(segment.as_ref())) {
            return self.find_slice(snapshot, prepared, queries);
        }
        let side_by_side = self.each_segment(snapshot, |segment| match shared(segment) {
            true => Ok(None),
            false => prepared.search(snapshot, segment, queries, None).map(Some),
        })?;
        let parts = snapshot.segments.iter().zip(side_by_side).map(|(segment, hits)| match hits {
            Some(hits) => Ok(hits),
            None => prepared.search(snapshot, segment.as_ref(), queries, Some(&self.pool)),
        });
        Ok(merge(snapshot, prepared, queries.len(), parts.collect::<Result<_>>()?))
    }

    fn find_slice(
        &self,
        snapshot: &Snapshot,
        prepared: &Prepared,
        queries: &[&[u8]],
    ) -> Result<Vec<Nearest>> {
        let search = |segment: &dyn Segment| prepared.search(snapshot, segment, queries, None);
        let per_segment = self.each_segment(snapshot, search)?;
        Ok(merge(snapshot, prepared, queries.len(), per_segment))
    }

    /// Lists of hits as a result: keys, scores, output fields.
    pub(super) fn present(
        &self,
        snapshot: &Snapshot,
        plan: &OutputPlan,
        lists: &[Vec<Found>],
        score: impl Fn(f32) -> f32,
        round_decimal: i64,
        zone: &Zone,
    ) -> Result<SearchResult> {
        let primary = target::primary(&snapshot.meta)?;
        let hits: Vec<&Found> = lists.iter().flatten().collect();
        let places: Vec<Place> = hits.iter().map(|hit| hit.place).collect();
        self.options.limits.check_size(plan.size(&snapshot.segments, &places), "search")?;
        let fields = plan.fetch(&snapshot.segments, &places)?;
        self.options.limits.check_output(&fields, "search")?;
        Ok(SearchResult {
            collection_name: snapshot.meta.name.clone(),
            topks: lists.iter().map(Vec::len).collect(),
            ids: id_column(primary, &hits)?,
            scores: hits.iter().map(|hit| round(score(hit.key), round_decimal)).collect(),
            elements: None,
            fields,
            output_fields: plan.names.clone(),
            primary_field: primary.name.clone(),
            group_by: Vec::new(),
            search_iterator: None,
            session_timestamp: snapshot.read,
            timezone: zone.name().to_owned(),
        })
    }
}

impl Prepared {
    /// Shows the queries to the collection, whose indexes are measured by some of them.
    pub(super) fn teach(&self, snapshot: &Snapshot) {
        if self.teaches {
            snapshot.collection.asked.note(self.field, self.queries.iter().map(|query| query.as_ref()));
        }
    }

    /// The same search for so many hits of some queries.
    pub(super) fn deeper(&self, k: usize, queries: Vec<Bytes>) -> Self {
        let (predicate, excluded) = (self.predicate.clone(), HashMap::new());
        Prepared { k, queries, predicate, excluded, zone: self.zone.clone(), ..*self }
    }

    /// The hits of one segment; threads of `pool` may help.
    fn search(
        &self,
        snapshot: &Snapshot,
        segment: &dyn Segment,
        queries: &[&[u8]],
        pool: Option<&Pool>,
    ) -> Result<Vec<Vec<Hit>>> {
        self.measured(snapshot, segment, queries, pool).map(|(hits, _)| hits)
    }

    /// The hits of one segment and what finding them cost.
    pub(super) fn measured(
        &self,
        snapshot: &Snapshot,
        segment: &dyn Segment,
        queries: &[&[u8]],
        pool: Option<&Pool>,
    ) -> Result<(Vec<Vec<Hit>>, SegmentStats)> {
        if self.ignore_growing && !segment.sealed() {
            return Ok((vec![Vec::new(); queries.len()], SegmentStats::default()));
        }
        let mut expired = snapshot.expiry.rows(segment);
        if let Some(more) = self.excluded.get(&segment.id()) {
            let rows = more.len().max(expired.as_ref().map_or(0, Bitmap::len));
            let excluded = expired.get_or_insert_default();
            excluded.resize(rows);
            excluded.or(more);
        }
        let search = SegmentSearch { excluded: expired.as_ref(), pool, ..self.of_segment(snapshot, queries) };
        segment.search(&search)
    }

    /// What is asked of every segment.
    pub(super) fn of_segment<'a>(
        &'a self,
        snapshot: &Snapshot,
        queries: &'a [&'a [u8]],
    ) -> SegmentSearch<'a> {
        SegmentSearch {
            field: self.field,
            metric: self.metric,
            against: self.against,
            queries,
            k: self.k,
            params: &self.params,
            predicate: self.predicate.as_deref(),
            read: snapshot.read,
            range: self.range,
            excluded: None,
            pool: None,
        }
    }
}

/// The best of what the segments found.
fn merge(
    snapshot: &Snapshot,
    prepared: &Prepared,
    queries: usize,
    per_segment: Vec<Vec<Vec<Hit>>>,
) -> Vec<Nearest> {
    let mut merged: Vec<Nearest> = vec![Nearest { hits: Vec::new(), all: true }; queries];
    for (index, (segment, lists)) in snapshot.segments.iter().zip(per_segment).enumerate() {
        for (into, hits) in merged.iter_mut().zip(lists) {
            into.all &= hits.len() < prepared.k;
            into.hits.extend(hits.into_iter().filter_map(|hit| {
                let id = segment.primary_key(hit.row)?;
                Some(Found { key: hit.key, place: Place { segment: index as u32, row: hit.row }, id })
            }));
        }
    }
    merged
        .into_iter()
        .map(|nearest| {
            let mut hits = best_first(nearest.hits);
            let all = nearest.all && hits.len() <= prepared.k;
            hits.truncate(prepared.k);
            Nearest { hits, all }
        })
        .collect()
}

/// Skips `offset` hits (or groups) and keeps `limit`.
fn page<T>(all: Vec<T>, offset: usize, limit: usize) -> Vec<T> {
    all.into_iter().skip(offset).take(limit).collect()
}

fn id_column(primary: &FieldSchema, hits: &[&Found]) -> Result<Column> {
    let mut ids = ColumnBuilder::for_field(primary);
    for hit in hits {
        if !ids.push(&hit.id.to_value()) {
            return Err(Error::internal(format!(
                "a hit's key {} does not fit field {}",
                hit.id, primary.name
            )));
        }
    }
    Ok(ids.finish())
}

fn round(score: f32, decimals: i64) -> f32 {
    // Keys of zero may carry a sign; a user sees 0, not -0.
    let score = score + 0.0;
    match u8::try_from(decimals) {
        Ok(decimals @ 0..=6) => {
            let factor = 10_f64.powi(i32::from(decimals));
            ((f64::from(score) * factor).round() / factor) as f32
        }
        _ => score,
    }
}

/// Narrows a range to what follows an iterator's last page.
fn after_bound(
    range: Option<KeyRange>,
    metric: Metric,
    iterator: Option<&SearchIterator>,
) -> Option<KeyRange> {
    let Some(bound) = iterator.and_then(|it| it.last_bound) else { return range };
    let after = KeyRange::after(metric.key(bound));
    Some(match range {
        None => after,
        Some(range) => KeyRange { low: range.low.max(after.low), ..range },
    })
}

/// The token and the new bound: the worst score of the page, or the old bound when the page is empty.
fn answer(asked: &SearchIterator, prepared: &Prepared, lists: &[Vec<Found>]) -> SearchIterator {
    let worst = lists.first().and_then(|hits| hits.last()).map(|hit| prepared.metric.score(hit.key));
    let start = if prepared.metric.larger_is_nearer() { f32::MAX } else { f32::MIN };
    SearchIterator {
        batch_size: asked.batch_size,
        token: Some(asked.token.clone().unwrap_or_else(new_token)),
        last_bound: Some(worst.or(asked.last_bound).unwrap_or(start)),
    }
}

/// A random UUID (version 4) in text.
fn new_token() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
