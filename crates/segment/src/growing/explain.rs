//! What a filter does on a growing segment.

use super::Growing;
use super::read::Completed;
use crate::Segment;
use elanus_filter::Predicate;
use elanus_types::explain::{FilterExplain, FilterStep};
use elanus_types::{Result, Timestamp};

impl Growing {
    /// Evaluates a filter chunk by chunk and adds up what each condition took.
    pub(super) fn explained(&self, predicate: &Predicate, read: Timestamp) -> Result<FilterExplain> {
        let visible = self.visible(read).unwrap_or_default().count();
        let passed = self.matching(Some(predicate), read)?.count();
        let fields = predicate.fields();
        let mut steps: Vec<FilterStep> = Vec::new();
        self.each_chunk(|chunk| {
            let (_, more) = predicate.explain(&Completed::new(chunk, &self.schema, &fields), &self.schema);
            for step in more {
                match steps.iter_mut().find(|known| known.condition == step.condition) {
                    Some(known) => {
                        known.asked += step.asked;
                        known.estimated += step.estimated;
                        known.rows += step.rows;
                        known.micros += step.micros;
                    }
                    None => steps.push(step),
                }
            }
            Ok(())
        })?;
        Ok(FilterExplain { visible, passed, steps, ..FilterExplain::default() })
    }
}
