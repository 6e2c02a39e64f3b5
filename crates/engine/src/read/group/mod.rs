//! Group-by of a search: the best hits of every combination of some fields' values.
//!
//! A first search goes a little deeper than as many hits as the groups may hold. Where that is not enough, because a few
//! groups have most of the nearest rows, groups that are full are taken out of the search, and it is repeated deeper: every
//! round fills a group or has seen all rows, so that no number of rows in one group hides the others.

mod fields;
mod fused;

pub use fields::GroupFields;
pub use fused::Fusion;

use super::batches::each_batch;
use super::interner::Interner;
use super::merge::{Found, Nearest, best_first};
use super::order::views;
use super::output::Place;
use super::search::Prepared;
use super::snapshot::Snapshot;
use crate::local::World;
use bytes::Bytes;
use elanus_kernels::Bitmap;
use elanus_segment::{Segment, SegmentId};
use elanus_types::{Error, Result};
use std::collections::HashMap;

/// The hits of one group, best first.
pub type Group = Vec<Found>;

/// A search for groups.
pub struct Grouping<'a> {
    /// The database.
    pub world: &'a World,
    /// What is searched.
    pub snapshot: &'a Snapshot,
    /// How.
    pub prepared: &'a Prepared,
    /// By what hits are grouped.
    pub fields: &'a GroupFields,
    /// Most groups to find.
    pub groups: usize,
    /// Most hits of each.
    pub size: usize,
    /// Whether to look on when there are groups enough but some could hold more.
    pub strict: bool,
}

/// Which rows a deeper search leaves out.
enum Without<'a> {
    /// Those of full groups, by number.
    Full(&'a [bool]),
    /// All but those of groups that have room.
    AllBut(&'a [bool]),
}

/// Hits and their groups' numbers, nearest first.
struct Numbered {
    hits: Vec<Found>,
    numbers: Vec<u32>,
}

/// Groups in order of their best hits.
struct Selected {
    groups: Vec<Group>,
    numbers: Vec<u32>,
}

impl Grouping<'_> {
    /// How deep the first search goes.
    pub fn depth(groups: usize, size: usize, rows: usize) -> usize {
        groups.saturating_mul(size).saturating_mul(2).clamp(1, rows.max(1))
    }

    /// The groups of every query, in order of their best hits.
    pub fn find(&self) -> Result<Vec<Vec<Group>>> {
        let k = Self::depth(self.groups, self.size, self.snapshot.rows());
        let lists =
            self.world.find(self.snapshot, &self.prepared.deeper(k, self.prepared.queries.clone()))?;
        let mut known = Interner::new();
        let queries = self.prepared.queries.iter().zip(lists);
        queries.map(|(query, nearest)| self.find_one(query, nearest, k, &mut known)).collect()
    }

    /// The groups of one query, whose `k` best hits are known.
    fn find_one(
        &self,
        query: &Bytes,
        nearest: Nearest,
        mut k: usize,
        known: &mut Interner,
    ) -> Result<Vec<Group>> {
        let rows = self.snapshot.rows();
        let mut all = nearest.all;
        let mut selected = self.select(self.numbered(nearest.hits, known)?, known.len());
        while !all && !self.is_enough(&selected) {
            k = k.saturating_mul(4).min(rows);
            let excluded = self.excluded(&selected, known)?;
            let deeper = Prepared { excluded, ..self.prepared.deeper(k, vec![query.clone()]) };
            let Some(nearest) = self.world.find(self.snapshot, &deeper)?.pop() else { break };
            all = nearest.all || k >= rows;
            let hits = best_first(selected.groups.concat().into_iter().chain(nearest.hits).collect());
            selected = self.select(self.numbered(hits, known)?, known.len());
        }
        Ok(selected.groups)
    }

    fn is_enough(&self, selected: &Selected) -> bool {
        let full = || selected.groups.iter().all(|group| group.len() >= self.size);
        selected.groups.len() >= self.groups && (!self.strict || full())
    }

    /// The first groups in order of their best hits, each with its best hits.
    fn select(&self, all: Numbered, known: usize) -> Selected {
        let mut selected = Selected { groups: Vec::new(), numbers: Vec::new() };
        let mut place_of: Vec<Option<usize>> = vec![None; known];
        for (hit, number) in all.hits.into_iter().zip(all.numbers) {
            let Some(place) = place_of.get_mut(number as usize) else { continue };
            let place = *place.get_or_insert_with(|| {
                selected.groups.push(Vec::new());
                selected.numbers.push(number);
                selected.groups.len() - 1
            });
            if place < self.groups
                && let Some(group) = selected.groups.get_mut(place)
                && group.len() < self.size
            {
                group.push(hit);
            }
        }
        selected.groups.truncate(self.groups);
        selected.numbers.truncate(self.groups);
        selected
    }

    /// Numbers the groups of hits. The values of each segment are taken at once.
    fn numbered(&self, hits: Vec<Found>, known: &mut Interner) -> Result<Numbered> {
        let places: Vec<Place> = hits.iter().map(|hit| hit.place).collect();
        let columns = self.fields.values(&self.snapshot.segments, &places)?;
        let columns = views(&columns);
        let numbers = (0..hits.len()).map(|row| known.number(&columns, row)).collect();
        Ok(Numbered { hits, numbers })
    }

    /// The rows that cannot change what is selected.
    fn excluded(&self, selected: &Selected, known: &Interner) -> Result<HashMap<SegmentId, Bitmap>> {
        let mut marked = vec![false; known.len()];
        let filling = selected.groups.len() >= self.groups;
        for (group, number) in selected.groups.iter().zip(&selected.numbers) {
            if let Some(marked) = marked.get_mut(*number as usize) {
                *marked = (group.len() >= self.size) != filling;
            }
        }
        let without = if filling { Without::AllBut(&marked) } else { Without::Full(&marked) };
        let maps = self.world.each_segment(self.snapshot, |segment| {
            Ok((segment.id(), self.excluded_in(segment, &without, known)?))
        })?;
        Ok(maps.into_iter().collect())
    }

    fn excluded_in(&self, segment: &dyn Segment, without: &Without<'_>, known: &Interner) -> Result<Bitmap> {
        let rows = self.snapshot.matching(segment, self.prepared.predicate.as_deref())?;
        let mut excluded = Bitmap::zeros(rows.len());
        let mut scratch = Vec::new();
        each_batch(self.world, segment, &rows, &self.fields.ids(), |rows, columns| {
            let columns = self.fields.cast(columns);
            let columns = views(&columns);
            for (i, row) in rows.iter().enumerate() {
                let number = known.find(&mut scratch, &columns, i);
                let is = |marked: &[bool]| number.is_some_and(|n| marked.get(n as usize) == Some(&true));
                let out = match without {
                    Without::Full(marked) => is(marked),
                    Without::AllBut(marked) => !is(marked),
                };
                if out {
                    excluded.set(*row as usize);
                }
            }
            Ok(())
        })?;
        Ok(excluded)
    }
}

/// Refuses what grouping cannot go with.
pub fn check_range(prepared: &Prepared) -> Result<()> {
    match prepared.range {
        None => Ok(()),
        Some(_) => Err(Error::invalid("Not allowed to do range-search when doing search-group-by")),
    }
}
