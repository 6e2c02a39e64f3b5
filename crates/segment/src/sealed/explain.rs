//! What a filter does on a sealed segment.

use super::{Sealed, statistics};
use crate::{Segment, keyed};
use elanus_filter::Predicate;
use elanus_types::explain::{FilterExplain, FilterStep};
use elanus_types::{Result, Timestamp};
use std::time::Instant;

impl Sealed {
    /// Evaluates a filter as every read does, and tells how it went.
    pub(super) fn explained(&self, predicate: &Predicate, read: Timestamp) -> Result<FilterExplain> {
        let visible = self.visible(read);
        let seen = visible.as_ref().map_or(self.files.rows, |rows| rows.count());
        let told = FilterExplain { visible: seen, ..FilterExplain::default() };
        if statistics::rule_out(&self.files.statistics, predicate) {
            let pruned = "no value lies within the smallest and largest of the segment".to_owned();
            return Ok(FilterExplain { pruned, ..told });
        }
        let begin = Instant::now();
        let (mut rows, steps) = match keyed::rows(self, predicate, self.files.rows) {
            Some(rows) => {
                let found = rows.count();
                let step = FilterStep {
                    condition: "a list of primary keys".to_owned(),
                    method: "key look-up".to_owned(),
                    asked: self.files.rows,
                    estimated: found,
                    rows: found,
                    micros: begin.elapsed().as_secs_f64() * 1e6,
                };
                (rows, vec![step])
            }
            None => {
                predicate.fields().into_iter().try_for_each(|field| self.stored(field).map(drop))?;
                predicate.explain(self, &self.schema)
            }
        };
        if let Some(visible) = &visible {
            rows.and(visible);
        }
        predicate.sample(&mut rows);
        Ok(FilterExplain { passed: rows.count(), steps, ..told })
    }
}
