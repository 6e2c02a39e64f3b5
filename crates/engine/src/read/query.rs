//! Rows by filter, in primary key order or another one.

use super::dedup;
use super::elements::{self, Elements};
use super::order::Order;
use super::output::{OutputPlan, Place};
use super::snapshot::{Snapshot, Wanted};
use super::sorted::Sorted;
use crate::local::World;
use elanus_filter::Predicate;
use elanus_geotime::time::Zone;
use elanus_types::query::{OutputField, QueryRequest, QueryResult};
use elanus_types::{Error, Result};
use std::sync::Arc;

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
        if let Some(plan) = super::aggregate::Plan::new(&meta.schema, request)? {
            return self.aggregate(request, &wanted, meta, predicate.as_ref(), &plan, &zone);
        }
        self.options.limits.check_query(request, predicate.is_none())?;
        let order = Order::new(&meta.schema, &request.order_by)?;
        check_order(request)?;
        let mut plan = OutputPlan::new(&meta.schema, &request.output_fields)?;
        plan.require(super::target::primary(&meta)?);
        let snapshot = wanted.pin(self, meta, predicate.as_ref())?;
        let (places, elements) = self.page(&snapshot, predicate.as_ref(), request, &order)?;
        self.options.limits.check_size(plan.size(&snapshot.segments, &places), "query")?;
        let fields = plan.fetch(&snapshot.segments, &places)?;
        self.options.limits.check_output(&fields, "query")?;
        Ok(QueryResult { elements, ..result(&snapshot, fields, plan.names, &zone)? })
    }

    /// Runs `work` on every segment on the pool.
    pub(super) fn each_segment<T: Send>(
        &self,
        snapshot: &Snapshot,
        work: impl Fn(&dyn elanus_segment::Segment) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        self.each_numbered(snapshot, |_, segment| work(segment))
    }

    /// The same where the segment's number matters.
    pub(super) fn each_numbered<T: Send>(
        &self,
        snapshot: &Snapshot,
        work: impl Fn(usize, &dyn elanus_segment::Segment) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        match snapshot.segments.as_slice() {
            [] => Ok(Vec::new()),
            // One segment needs no hand-over to another thread.
            [only] => Ok(vec![work(0, only.as_ref())?]),
            many => {
                let numbered: Vec<_> = many.iter().enumerate().collect();
                let work = |(number, segment): &(usize, &Arc<dyn elanus_segment::Segment>)| {
                    work(*number, segment.as_ref())
                };
                self.pool.map(&numbered, work).into_iter().collect()
            }
        }
    }

    /// The rows to return; with an `element_filter` also which elements of each.
    fn page(
        &self,
        snapshot: &Snapshot,
        predicate: Option<&Predicate>,
        request: &QueryRequest,
        order: &Order,
    ) -> Result<(Vec<Place>, Option<Elements>)> {
        let skip = request.limit.map_or(0, |_| request.offset);
        match predicate.filter(|predicate| predicate.element_field().is_some()) {
            None => {
                let most = request.limit.map_or(usize::MAX, |limit| limit.saturating_add(skip));
                let places = self.places(snapshot, predicate, order, most)?;
                Ok((places.into_iter().skip(skip).collect(), None))
            }
            Some(_) if !order.is_empty() => Err(Error::invalid(
                "order_by_fields orders rows and element_filter chooses elements, use match_any to order the rows that have one",
            )),
            Some(filter) => {
                let all = self.places(snapshot, predicate, order, usize::MAX)?;
                let (places, elements) = elements::page(snapshot, filter, all, request)?;
                Ok((places, Some(elements)))
            }
        }
    }

    /// Where the first rows that pass lie, in order.
    fn places(
        &self,
        snapshot: &Snapshot,
        predicate: Option<&Predicate>,
        order: &Order,
        most: usize,
    ) -> Result<Vec<Place>> {
        let primary = super::target::primary(&snapshot.meta)?.id;
        if !order.is_empty() {
            let matching = self.each_segment(snapshot, |segment| snapshot.matching(segment, predicate))?;
            return Sorted { world: self, snapshot, matching: &matching, order, primary }.first(most);
        }
        let segments = &snapshot.segments;
        let found = self.each_numbered(snapshot, |number, segment| {
            let rows = snapshot.matching(segment, predicate)?;
            dedup::first_in_segment(self, segments, number, &rows, primary, most)
        })?;
        Ok(dedup::merge(found, segments, most))
    }
}

/// An order needs a limit, so that not all rows must be sorted; pages of an iterator have their own.
fn check_order(request: &QueryRequest) -> Result<()> {
    match () {
        () if request.order_by.is_empty() => Ok(()),
        () if request.iterator => Err(Error::invalid("order_by is not supported when using query iterator")),
        () if request.limit.is_none() => {
            Err(Error::invalid("order_by_fields needs a limit: say how many rows to return"))
        }
        () => Ok(()),
    }
}

/// An answer with these columns.
pub(super) fn result(
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
