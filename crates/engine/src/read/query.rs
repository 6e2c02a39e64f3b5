//! Rows by filter, in primary key order.

use super::dedup;
use super::elements::{self, Elements};
use super::output::{OutputPlan, Place};
use super::snapshot::{Snapshot, Wanted};
use crate::local::World;
use elanus_filter::Predicate;
use elanus_geotime::time::Zone;
use elanus_types::query::{OutputField, QueryRequest, QueryResult};
use elanus_types::{CollectionMeta, Column, ColumnData, DataType, Error, FieldSchema, Result};
use std::sync::Arc;

/// The output field that counts.
const COUNT: &str = "count(*)";

impl World {
    /// Runs a query.
    pub fn query(&self, request: &QueryRequest) -> Result<QueryResult> {
        let wanted = Wanted {
            target: &request.target,
            partitions: &request.partitions,
            collection_id: request.collection_id,
            pinned: request.iterator.then_some(request.guarantee_timestamp),
            verb: "query",
        };
        let meta = wanted.meta(self)?;
        let zone = super::zone(&meta, &request.filter)?;
        let predicate = elanus_filter::compile_in(&request.filter, &meta.schema, &zone)?;
        if request.output_fields.iter().any(|name| name.trim().eq_ignore_ascii_case(COUNT)) {
            return self.count(request, &wanted, meta, predicate.as_ref(), &zone);
        }
        self.options.limits.check_query(request, predicate.is_none())?;
        let mut plan = OutputPlan::new(&meta.schema, &request.output_fields)?;
        plan.require(super::target::primary(&meta)?);
        let snapshot = wanted.pin(self, meta, predicate.as_ref())?;
        let (places, elements) = self.page(&snapshot, predicate.as_ref(), request)?;
        self.options.limits.check_size(plan.size(&snapshot.segments, &places), "query")?;
        let fields = plan.fetch(&snapshot.segments, &places)?;
        self.options.limits.check_output(&fields, "query")?;
        Ok(QueryResult { elements, ..result(&snapshot, fields, plan.names, &zone)? })
    }

    fn count(
        &self,
        request: &QueryRequest,
        wanted: &Wanted<'_>,
        meta: Arc<CollectionMeta>,
        predicate: Option<&Predicate>,
        zone: &Zone,
    ) -> Result<QueryResult> {
        if request.limit.is_some() || request.offset > 0 {
            return Err(Error::invalid("count entities with pagination is not allowed"));
        }
        if request.output_fields.len() > 1 {
            return Err(Error::invalid("count(*) cannot be combined with other output fields"));
        }
        if predicate.is_some_and(|predicate| predicate.element_field().is_some()) {
            return Err(Error::invalid(
                "count(*) counts rows and element_filter chooses elements, use match_any to count the rows that have one",
            ));
        }
        let snapshot = wanted.pin(self, meta, predicate)?;
        let counts = self.each_segment(&snapshot, |segment| {
            snapshot.matching(segment, predicate).map(|rows| rows.count())
        })?;
        let total = counts.into_iter().sum::<usize>() as i64;
        let field = FieldSchema::new(0, COUNT, DataType::Int64);
        let fields = vec![OutputField { field, column: Column::new(ColumnData::Int64(vec![total])) }];
        result(&snapshot, fields, vec![COUNT.to_owned()], zone)
    }

    /// Runs `work` on every segment on the pool.
    pub(super) fn each_segment<T: Send>(
        &self,
        snapshot: &Snapshot,
        work: impl Fn(&dyn elanus_segment::Segment) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        match snapshot.segments.as_slice() {
            [] => Ok(Vec::new()),
            // One segment needs no hand-over to another thread.
            [only] => Ok(vec![work(only.as_ref())?]),
            many => self.pool.map(many, |segment| work(segment.as_ref())).into_iter().collect(),
        }
    }

    /// The rows to return; with an `element_filter` also which elements of each.
    fn page(
        &self,
        snapshot: &Snapshot,
        predicate: Option<&Predicate>,
        request: &QueryRequest,
    ) -> Result<(Vec<Place>, Option<Elements>)> {
        let skip = request.limit.map_or(0, |_| request.offset);
        match predicate.filter(|predicate| predicate.element_field().is_some()) {
            None => {
                let most = request.limit.map_or(usize::MAX, |limit| limit.saturating_add(skip));
                let places = self.places(snapshot, predicate, most)?;
                Ok((places.into_iter().skip(skip).collect(), None))
            }
            Some(filter) => {
                let all = self.places(snapshot, predicate, usize::MAX)?;
                let (places, elements) = elements::page(snapshot, filter, all, request)?;
                Ok((places, Some(elements)))
            }
        }
    }

    /// The first rows that pass, in the order of keys.
    fn places(&self, snapshot: &Snapshot, predicate: Option<&Predicate>, most: usize) -> Result<Vec<Place>> {
        let primary = super::target::primary(&snapshot.meta)?.id;
        let found = self.each_segment(snapshot, |segment| {
            let rows = snapshot.matching(segment, predicate)?;
            let rows: Vec<u32> = rows.iter().map(|row| row as u32).collect();
            let keys = segment.take(&rows, &[primary])?;
            let keys =
                keys.into_iter().next().ok_or_else(|| Error::internal("a segment without primary keys"))?;
            Ok((rows, keys))
        })?;
        dedup::in_key_order(&found, &snapshot.segments, most)
    }
}

fn result(
    snapshot: &Snapshot,
    fields: Vec<OutputField>,
    output_fields: Vec<String>,
    zone: &Zone,
) -> Result<QueryResult> {
    Ok(QueryResult {
        collection_name: snapshot.meta.name.clone(),
        fields,
        elements: None,
        output_fields,
        primary_field: super::target::primary(&snapshot.meta)?.name.clone(),
        session_timestamp: snapshot.read,
        timezone: zone.name().to_owned(),
    })
}
