//! The first rows in an order that a request chooses, one per primary key.

use super::batches::each_batch;
use super::best::Best;
use super::dedup::age;
use super::keys::Keys;
use super::order::{Order, views};
use super::output::Place;
use super::scalar::Scalar;
use super::snapshot::Snapshot;
use crate::local::World;
use elanus_kernels::Bitmap;
use elanus_segment::{PrimaryKey, Segment};
use elanus_types::{FieldId, Result, Timestamp};
use std::cmp::Ordering;

/// A row that may be among the first.
struct Candidate {
    values: Vec<Scalar<'static>>,
    key: PrimaryKey,
    age: (Timestamp, u32, u32),
    place: Place,
}

/// The first rows of a segment, and whether there are more.
struct First {
    rows: Vec<Candidate>,
    more: bool,
}

/// Finds the first rows of a snapshot in an order.
pub struct Sorted<'a> {
    /// The database.
    pub world: &'a World,
    /// Its segments.
    pub snapshot: &'a Snapshot,
    /// The rows of each segment to choose from.
    pub matching: &'a [Bitmap],
    /// The order; equal rows go by their keys.
    pub order: &'a Order,
    /// The primary key field.
    pub primary: FieldId,
}

impl Sorted<'_> {
    /// The first `most` rows.
    pub fn first(&self, most: usize) -> Result<Vec<Place>> {
        let mut depth = most;
        loop {
            let found = self.first_of_each(depth)?;
            let more = found.iter().any(|first| first.more);
            let mut rows: Vec<Candidate> = found.into_iter().flat_map(|first| first.rows).collect();
            self.sort(&mut rows);
            if more {
                // Behind these, rows that were left out may stand.
                rows.truncate(depth);
            }
            let rows = rows.into_iter().filter(|row| !self.is_replaced(row)).map(|row| row.place);
            let rows: Vec<Place> = rows.take(most).collect();
            // Only rows that newer ones of the same key replace can make this too few.
            if rows.len() == most || !more {
                return Ok(rows);
            }
            depth = depth.saturating_mul(2);
        }
    }

    fn first_of_each(&self, most: usize) -> Result<Vec<First>> {
        self.world
            .each_numbered(self.snapshot, |number, segment| self.first_in_segment(number, segment, most))
    }

    fn first_in_segment(&self, number: usize, segment: &dyn Segment, most: usize) -> Result<First> {
        let Some(rows) = self.matching.get(number) else {
            return Ok(First { rows: Vec::new(), more: false });
        };
        let mut fields = vec![self.primary];
        fields.extend(self.order.fields());
        let (mut best, mut bytes) = (Best::new(most), 0_usize);
        each_batch(self.world, segment, rows, &fields, |rows, columns| {
            let keys = Keys::of(columns.first())?;
            let columns = views(columns.get(1..).unwrap_or_default());
            for (i, row) in rows.iter().enumerate() {
                let after = |last: &Candidate| {
                    self.order
                        .order_row(&columns, i, &last.values)
                        .then_with(|| keys.order(i, &last.key))
                        .is_gt()
                };
                if best.last().is_some_and(after) {
                    continue;
                }
                let place = Place { segment: number as u32, row: *row };
                let values = self.order.values(&columns, i);
                bytes += values.iter().map(Scalar::heap).sum::<usize>();
                let age = (segment.timestamp(*row), place.row, place.segment);
                best.push(Candidate { values, key: keys.get(i)?, age, place }, |all| self.sort(all));
            }
            self.bound(&mut best, &mut bytes)
        })?;
        let more = rows.count() > most;
        Ok(First { rows: best.finish(|all| self.sort(all)), more })
    }

    /// Long texts to order by are kept in memory: no more of them than an answer may have bytes.
    fn bound(&self, best: &mut Best<Candidate>, bytes: &mut usize) -> Result<()> {
        let limits = &self.world.options.limits;
        if *bytes <= limits.output_size {
            return Ok(());
        }
        best.prune(|all| self.sort(all));
        *bytes = best.iter().flat_map(|row| &row.values).map(Scalar::heap).sum();
        limits.check_size(*bytes, "query")
    }

    fn sort(&self, rows: &mut [Candidate]) {
        rows.sort_unstable_by(|a, b| self.compare(a, b));
    }

    /// Of one key the newest first.
    fn compare(&self, a: &Candidate, b: &Candidate) -> Ordering {
        let order = self.order.order(&a.values, &b.values);
        order.then_with(|| a.key.cmp(&b.key)).then_with(|| b.age.cmp(&a.age))
    }

    /// Whether a newer row has the same key, which only `duplicate_pk = keep` makes.
    fn is_replaced(&self, row: &Candidate) -> bool {
        let segments = &self.snapshot.segments;
        segments.iter().zip(self.matching).enumerate().any(|(number, (segment, matching))| {
            segment.max_timestamp() >= row.age.0
                && segment.rows_of(&row.key).into_iter().any(|other| {
                    matching.get(other as usize)
                        && age(segments, Place { segment: number as u32, row: other }) > row.age
                })
        })
    }
}
