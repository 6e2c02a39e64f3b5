//! Queries that count, add up and group instead of returning rows.
//!
//! Every segment is aggregated by itself, some thousand rows at a time and column by column; then the segments' groups
//! are merged, in the order of segments, so that sums of floats do not depend on which thread was faster.

mod plan;
mod state;

pub use plan::Plan;

use super::batches::each_batch;
use super::interner::{Interner, to_value};
use super::order::views;
use super::query::result;
use super::scalar::Scalar;
use super::snapshot::{Snapshot, Wanted};
use crate::local::World;
use crate::validate::Limits;
use elanus_filter::Predicate;
use elanus_geotime::time::Zone;
use elanus_segment::Segment;
use elanus_types::query::{OutputField, QueryRequest, QueryResult};
use elanus_types::{CollectionMeta, Column, ColumnBuilder, ColumnView, Error, FieldId, Result};
use plan::{Function, Output};
use state::State;
use std::cmp::Ordering;
use std::sync::Arc;

impl World {
    /// Runs a query that groups or aggregates.
    pub(super) fn aggregate(
        &self,
        request: &QueryRequest,
        wanted: &Wanted<'_>,
        meta: Arc<CollectionMeta>,
        predicate: Option<&Predicate>,
        plan: &Plan,
        zone: &Zone,
    ) -> Result<QueryResult> {
        let limits = &self.options.limits;
        if plan.only_counts_rows() && (request.limit.is_some() || request.offset > 0) {
            return Err(Error::invalid("count entities with pagination is not allowed"));
        }
        if predicate.is_some_and(|predicate| predicate.element_field().is_some()) {
            return Err(Error::invalid(
                "aggregates are of rows and element_filter chooses elements, use match_any to choose the rows that have one",
            ));
        }
        limits.check_query(request, false)?;
        let snapshot = wanted.pin(self, meta, predicate)?;
        let groups = self.groups(&snapshot, predicate, plan)?;
        let columns = groups.finish(plan, request)?;
        limits.check_output(&columns, "query")?;
        let names = columns.iter().map(|column| column.field.name.clone()).collect();
        result(&snapshot, columns, names, zone)
    }

    fn groups(&self, snapshot: &Snapshot, predicate: Option<&Predicate>, plan: &Plan) -> Result<Groups> {
        let limits = &self.options.limits;
        let mut all = Groups::new(plan);
        let of_segment = |segment: &dyn Segment| self.groups_of(snapshot, segment, predicate, plan);
        match snapshot.segments.as_slice() {
            [only] => all.absorb(of_segment(only.as_ref())?, plan, limits)?,
            many => {
                // A few segments at a time: groups of all of them may be many more than are left in the end.
                for some in many.chunks(self.pool.threads().max(1)) {
                    for part in self.pool.map(some, |segment| of_segment(segment.as_ref())) {
                        all.absorb(part?, plan, limits)?;
                    }
                }
            }
        }
        Ok(all)
    }

    fn groups_of(
        &self,
        snapshot: &Snapshot,
        segment: &dyn Segment,
        predicate: Option<&Predicate>,
        plan: &Plan,
    ) -> Result<Groups> {
        let rows = snapshot.matching(segment, predicate)?;
        let mut groups = Groups::new(plan);
        if plan.only_counts_rows() {
            groups.count_rows(rows.count());
            return Ok(groups);
        }
        let fields = plan.fields();
        each_batch(self, segment, &rows, &fields, |rows, columns| {
            groups.update(plan, &fields, &views(&columns), rows.len())?;
            groups.check(plan, &self.options.limits)
        })?;
        Ok(groups)
    }
}

/// Groups and what is computed of each.
#[derive(Debug)]
struct Groups {
    known: Interner,
    states: Vec<State>,
    /// The group of each row of a batch.
    numbers: Vec<u32>,
}

impl Groups {
    fn new(plan: &Plan) -> Self {
        let states = plan.aggregates.iter().map(State::new).collect();
        let mut groups = Self { known: Interner::new(), states, numbers: Vec::new() };
        if plan.groups.is_empty() {
            // All rows, also none, are one group.
            groups.known.number(&[], 0);
            groups.resize();
        }
        groups
    }

    fn resize(&mut self) {
        let groups = self.known.len();
        self.states.iter_mut().for_each(|state| state.resize(groups));
    }

    fn count_rows(&mut self, rows: usize) {
        for state in &mut self.states {
            if let State::Count(counts) = state {
                counts.fill(rows as i64);
            }
        }
    }

    /// Takes in some rows; `columns` are those of `fields`.
    fn update(
        &mut self,
        plan: &Plan,
        fields: &[FieldId],
        columns: &[ColumnView<'_>],
        rows: usize,
    ) -> Result<()> {
        let column = |field: FieldId| {
            let place = fields.iter().position(|known| *known == field);
            place
                .and_then(|place| columns.get(place))
                .ok_or_else(|| Error::internal(format!("no column of field {field} came back")))
        };
        self.numbers.clear();
        if plan.groups.is_empty() {
            self.numbers.resize(rows, 0);
        } else {
            let keys: Vec<ColumnView<'_>> =
                plan.groups.iter().map(|field| column(field.id).cloned()).collect::<Result<_>>()?;
            self.numbers.extend((0..rows).map(|row| self.known.number(&keys, row)));
            self.resize();
        }
        for (aggregate, state) in plan.aggregates.iter().zip(&mut self.states) {
            let input = aggregate.input.as_ref().map(|field| column(field.id)).transpose()?;
            state.update(aggregate.function, input, &self.numbers);
        }
        Ok(())
    }

    fn absorb(&mut self, other: Groups, plan: &Plan, limits: &Limits) -> Result<()> {
        let numbers = self.known.absorb(&other.known);
        self.resize();
        let states = self.states.iter_mut().zip(other.states);
        for (aggregate, (mine, theirs)) in plan.aggregates.iter().zip(states) {
            mine.merge(aggregate.function, theirs, &numbers);
        }
        self.check(plan, limits)
    }

    fn check(&self, plan: &Plan, limits: &Limits) -> Result<()> {
        let (groups, most) = (self.known.len(), limits.query_groups);
        if groups > most {
            return Err(Error::invalid(format!(
                "group by of a query has more than {most} groups, narrow the filter or group by fewer fields"
            )));
        }
        let texts = plan.aggregates.iter().zip(&self.states);
        let ends = texts.filter(|(aggregate, _)| matches!(aggregate.function, Function::Min | Function::Max));
        limits.check_size(
            self.known.bytes() + ends.map(|(_, state)| state.text_bytes()).sum::<usize>(),
            "query",
        )
    }

    /// The answer's columns: groups in the order asked for, then by their values.
    fn finish(self, plan: &Plan, request: &QueryRequest) -> Result<Vec<OutputField>> {
        let mut aggregates = Vec::new();
        for (aggregate, state) in plan.aggregates.iter().zip(self.states) {
            let (field, column) = state.finish(aggregate)?;
            aggregates.push(OutputField { field, column });
        }
        let keys: Vec<Vec<Scalar<'_>>> =
            (0..self.known.len() as u32).map(|number| self.known.values(number)).collect();
        let mut numbers: Vec<u32> = (0..keys.len() as u32).collect();
        numbers.sort_by(|a, b| compare(plan, &aggregates, &keys, *a, *b));
        let numbers: Vec<u32> = match request.limit {
            Some(limit) => numbers.into_iter().skip(request.offset).take(limit).collect(),
            None => numbers,
        };
        plan.outputs.iter().map(|output| column(plan, *output, &aggregates, &keys, &numbers)).collect()
    }
}

fn compare(plan: &Plan, aggregates: &[OutputField], keys: &[Vec<Scalar<'_>>], a: u32, b: u32) -> Ordering {
    let none: &[Scalar<'_>] = &[];
    let key = |group: u32| keys.get(group as usize).map_or(none, Vec::as_slice);
    let (mine, theirs) = (key(a), key(b));
    let asked = plan.order.iter().map(|(output, by)| match output {
        Output::Group(place) => match (mine.get(*place), theirs.get(*place)) {
            (Some(mine), Some(theirs)) => mine.order_by(theirs, by.descending, by.nulls_first),
            _ => Ordering::Equal,
        },
        Output::Aggregate(place) => aggregates.get(*place).map_or(Ordering::Equal, |output| {
            let view = output.column.view();
            let theirs = Scalar::at(&view, b as usize);
            Scalar::at(&view, a as usize).order_by(&theirs, by.descending, by.nulls_first)
        }),
    });
    let own = mine.iter().zip(theirs).map(|(mine, theirs)| mine.order(theirs));
    asked.chain(own).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn column(
    plan: &Plan,
    output: Output,
    aggregates: &[OutputField],
    keys: &[Vec<Scalar<'_>>],
    numbers: &[u32],
) -> Result<OutputField> {
    let missing = || Error::internal("a grouped query lost a column");
    match output {
        Output::Aggregate(place) => {
            let OutputField { field, column } = aggregates.get(place).ok_or_else(missing)?;
            Ok(OutputField { field: field.clone(), column: column.view().take(numbers) })
        }
        Output::Group(place) => {
            let field = plan.groups.get(place).ok_or_else(missing)?;
            let mut column = ColumnBuilder::for_field(field);
            for number in numbers {
                let value = keys.get(*number as usize).and_then(|key| key.get(place)).ok_or_else(missing)?;
                if !column.push(&to_value(value)) {
                    return Err(Error::internal(format!(
                        "a group's value does not fit field {}",
                        field.name
                    )));
                }
            }
            let column: Column = column.finish();
            Ok(OutputField { field: field.clone(), column })
        }
    }
}
