//! Searches on the vectors of a struct array: by lists of vectors, or for the nearest element.

use super::merge::Found;
use super::search::Prepared;
use super::snapshot::Snapshot;
use super::target::one_query;
use crate::validate::index::{list_metric, same_metric};
use bytes::Bytes;
use elanus_filter::Predicate;
use elanus_kernels::Metric;
use elanus_segment::Against;
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::{CollectionMeta, DataType, Error, FieldSchema, Result};

/// How a search on a list of vectors compares: the metric of its index, which says too what is compared.
pub fn metric(
    meta: &CollectionMeta,
    field: &FieldSchema,
    request: &SearchRequest,
) -> Result<(Metric, Against)> {
    let indexed = meta.index_on(field.id).and_then(|index| index.metric.as_deref());
    let asked = request.metric.as_deref().filter(|name| !name.is_empty());
    if let (Some(indexed), Some(asked)) = (indexed, asked)
        && !same_metric(indexed, asked)
    {
        return Err(Error::expected("metric type not match", indexed, asked));
    }
    let single = matches!(request.queries, QueryVectors::Vectors { .. });
    let bits = field.vector_type() == DataType::BinaryVector;
    let default = match (single, bits) {
        (true, true) => "HAMMING",
        (true, false) => "COSINE",
        (false, true) => "MAX_SIM_HAMMING",
        (false, false) => "MAX_SIM_COSINE",
    };
    let name = indexed.or(asked).unwrap_or(default).to_ascii_uppercase();
    let lists = list_metric(&name);
    let element = || Metric::parse(&name).filter(|metric| metric.slots().is_none());
    let metric =
        lists.or_else(element).filter(|metric| bits == matches!(metric, Metric::Hamming | Metric::Jaccard));
    let Some(metric) = metric else {
        return Err(Error::invalid(format!("metric type {name} is not supported on field {}", field.name)));
    };
    let what = match (&request.queries, lists.is_some()) {
        (QueryVectors::Lists { .. } | QueryVectors::Ids(_), true) => return Ok((metric, Against::Lists)),
        (QueryVectors::Vectors { .. }, false) => return Ok((metric, Against::Elements)),
        (_, true) => "compares lists of vectors, search by embedding lists",
        (QueryVectors::Ids(_), false) => "compares single vectors, search by a vector and not by ids",
        (_, false) => "compares single vectors, search by vectors and not by embedding lists",
    };
    Err(Error::invalid(format!("metric type {name} of field {} {what}", field.name)))
}

/// Query lists (or single vectors) in the element type of the field's vectors, checked.
pub fn queries(field: &FieldSchema, data_type: DataType, sent: &[Bytes], single: bool) -> Result<Vec<Bytes>> {
    let one =
        FieldSchema { dim: field.dim, ..FieldSchema::new(field.id, field.name.clone(), field.vector_type()) };
    let list = |list: &Bytes| {
        if single {
            return one_query(&one, data_type, list);
        }
        let width = data_type.vector_width(field.dim).unwrap_or(0).max(1);
        if list.is_empty() {
            return Err(Error::invalid(format!(
                "an embedding list for field {} holds no vector",
                field.name
            )));
        }
        let vectors = list.chunks(width).map(|vector| one_query(&one, data_type, &list.slice_ref(vector)));
        let vectors = vectors.collect::<Result<Vec<Bytes>>>()?;
        Ok(match vectors.as_slice() {
            [only] => only.clone(),
            many => many.concat().into(),
        })
    };
    sent.iter().map(list).collect()
}

/// Whether the filter's `element_filter` can limit what this search finds.
pub fn check_elements(
    meta: &CollectionMeta,
    field: &FieldSchema,
    against: Against,
    predicate: Option<&Predicate>,
) -> Result<()> {
    let Some(filtered) = predicate.and_then(Predicate::element_field) else { return Ok(()) };
    let structure = |id| meta.schema.structure_of(id).map_or("", |structure| structure.name.as_str());
    if against != Against::Elements {
        return Err(Error::invalid(format!(
            "element_filter chooses among the elements that a single vector is compared with, but the search on field {} \
             compares whole rows, use match_any",
            field.name
        )));
    }
    if structure(filtered) != structure(field.id) {
        return Err(Error::invalid(format!(
            "element_filter is about struct array field {}, but the search is on field {}",
            structure(filtered),
            field.name
        )));
    }
    Ok(())
}

impl Prepared {
    /// In a search among elements: the place of each hit's nearest element, hit after hit of all queries.
    pub(super) fn nearest_elements(
        &self,
        snapshot: &Snapshot,
        lists: &[Vec<Found>],
    ) -> Result<Option<Vec<u32>>> {
        if self.against != Against::Elements {
            return Ok(None);
        }
        let queries: Vec<&[u8]> = self.queries.iter().map(|query| query.as_ref()).collect();
        let mut all = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        for (query, hits) in lists.iter().enumerate() {
            let mut places = vec![0; hits.len()];
            for (index, segment) in snapshot.segments.iter().enumerate() {
                let mine = |hit: &&Found| hit.place.segment as usize == index;
                let rows: Vec<u32> = hits.iter().filter(mine).map(|hit| hit.place.row).collect();
                if rows.is_empty() {
                    continue;
                }
                let search = self.of_segment(snapshot, &queries);
                let nearest = segment.nearest_elements(&search, query, &rows)?;
                let slots = places.iter_mut().zip(hits).filter(|(_, hit)| mine(hit));
                slots.zip(nearest).for_each(|((slot, _), place)| *slot = place);
            }
            all.extend(places);
        }
        Ok(Some(all))
    }

    /// The metric whose scores are as far apart as those of this search, for fusing: sums of cosines have no bounds.
    pub(super) fn fused_as(&self) -> Metric {
        match (self.against, self.metric) {
            (Against::Lists, Metric::Cosine) => Metric::Ip,
            (_, metric) => metric,
        }
    }
}
