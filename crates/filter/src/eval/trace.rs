//! What an evaluation did, for people who want to know why a filter is slow.

use super::{ColumnSource, Documents, Run, Truth, Wanted};
use crate::plan::Node;
use elanus_kernels::Bitmap;
use elanus_types::explain::FilterStep;
use elanus_types::{CollectionSchema, FieldId};
use std::collections::HashMap;
use std::time::Instant;

/// The steps so far and the names of fields.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    names: HashMap<FieldId, String>,
    steps: Vec<FilterStep>,
}

/// [`super::truth`], and what was done in the order it was done.
pub(crate) fn traced(
    node: &Node,
    source: &dyn ColumnSource,
    schema: &CollectionSchema,
) -> (Bitmap, Vec<FilterStep>) {
    let names = schema.fields.iter().map(|field| (field.id, field.name.clone())).collect();
    let trace = Some(Traced { names, steps: Vec::new() });
    let mut run = Run { source, rows: source.rows(), documents: Documents::of(node), trace };
    let truth = run.truth(node, None);
    (truth.yes, run.trace.map(|trace| trace.steps).unwrap_or_default())
}

impl Run<'_> {
    /// Runs one condition, and notes how it went when somebody wants to know.
    pub(super) fn noted(
        &mut self,
        node: &Node,
        wanted: Wanted<'_>,
        body: impl FnOnce(&mut Self) -> (Truth, &'static str),
    ) -> Truth {
        if self.trace.is_none() {
            return body(self).0;
        }
        let estimated = (self.price(node).share * self.rows as f64) as usize;
        let begin = Instant::now();
        let (truth, method) = body(self);
        let micros = begin.elapsed().as_secs_f64() * 1e6;
        let mut yes = truth.yes.clone();
        if let Some(wanted) = wanted {
            yes.and(wanted);
        }
        let (asked, rows) = (wanted.map_or(self.rows, Bitmap::count), yes.count());
        if let Some(trace) = &mut self.trace {
            let name = |field| trace.names.get(&field).cloned().unwrap_or_else(|| format!("field {field}"));
            let condition = crate::plan::show(node, &name);
            let method = method.to_owned();
            trace.steps.push(FilterStep { condition, method, asked, estimated, rows, micros });
        }
        truth
    }
}
