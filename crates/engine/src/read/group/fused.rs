//! Groups of a hybrid search.

use super::{Group, GroupFields};
use crate::read::interner::Interner;
use crate::read::merge::Found;
use crate::read::order::views;
use crate::read::output::Place;
use elanus_segment::Segment;
use elanus_types::search::GroupScorer;
use elanus_types::{ColumnView, Result};
use std::cmp::Ordering;
use std::sync::Arc;

/// How fused hits become groups.
pub struct Fusion<'a> {
    /// By what hits are grouped.
    pub fields: &'a GroupFields,
    /// Most hits of each group.
    pub size: usize,
    /// The score of a group.
    pub scorer: GroupScorer,
}

impl Fusion<'_> {
    /// The groups of hits that come best first; `descending` = larger scores are better.
    pub fn groups(
        &self,
        segments: &[Arc<dyn Segment>],
        hits: Vec<Found>,
        descending: bool,
    ) -> Result<Vec<Group>> {
        let places: Vec<Place> = hits.iter().map(|hit| hit.place).collect();
        let columns = self.fields.values(segments, &places)?;
        Ok(self.of(hits, &views(&columns), descending))
    }

    fn of(&self, hits: Vec<Found>, columns: &[ColumnView<'_>], descending: bool) -> Vec<Group> {
        let mut known = Interner::new();
        let mut groups: Vec<Group> = Vec::new();
        for (row, hit) in hits.into_iter().enumerate() {
            let number = known.number(columns, row) as usize;
            groups.resize_with(known.len(), Vec::new);
            if let Some(group) = groups.get_mut(number).filter(|group| group.len() < self.size) {
                group.push(hit);
            }
        }
        let mut scored: Vec<(f32, Group)> =
            groups.into_iter().map(|group| (self.score(&group), group)).collect();
        // Stable: groups of equal scores stay in the order of their best hits.
        scored.sort_by(|a, b| {
            let order: Ordering = a.0.total_cmp(&b.0);
            if descending { order.reverse() } else { order }
        });
        scored.into_iter().map(|(_, group)| group).collect()
    }

    fn score(&self, group: &[Found]) -> f32 {
        let sum = || group.iter().map(|hit| hit.key).sum::<f32>();
        match self.scorer {
            GroupScorer::Max => group.first().map_or(0.0, |best| best.key),
            GroupScorer::Sum => sum(),
            GroupScorer::Avg => sum() / group.len().max(1) as f32,
        }
    }
}
