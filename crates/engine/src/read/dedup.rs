//! Rows of several segments in primary key order, one per key.

use super::batches::each_batch;
use super::best::Best;
use super::keys::Keys;
use super::output::Place;
use crate::local::World;
use elanus_kernels::Bitmap;
use elanus_segment::{PrimaryKey, Segment};
use elanus_types::{FieldId, Result, Timestamp};
use std::sync::Arc;

/// A row and its key.
pub type Keyed = (PrimaryKey, Place);

/// The first `most` rows of one segment in key order, the newest of each key.
pub fn first_in_segment(
    world: &World,
    segments: &[Arc<dyn Segment>],
    number: usize,
    rows: &Bitmap,
    primary: FieldId,
    most: usize,
) -> Result<Vec<Keyed>> {
    let Some(segment) = segments.get(number) else { return Ok(Vec::new()) };
    let tidy = |kept: &mut Vec<Keyed>| newest_of_each(kept, segments);
    let mut best = Best::new(most);
    each_batch(world, segment.as_ref(), rows, &[primary], |rows, columns| {
        let keys = Keys::of(columns.first())?;
        let mut from = 0;
        while let Some(i) = keys.next_within(from, best.last().map(|(last, _)| last)) {
            let row = rows.get(i).copied().unwrap_or_default();
            best.push((keys.get(i)?, Place { segment: number as u32, row }), tidy);
            from = i + 1;
        }
        Ok(())
    })?;
    Ok(best.finish(tidy))
}

/// The first `most` of what was found in all segments.
pub fn merge(found: Vec<Vec<Keyed>>, segments: &[Arc<dyn Segment>], most: usize) -> Vec<Place> {
    let mut all = match <[_; 1]>::try_from(found) {
        Ok([only]) => only,
        Err(many) => {
            let mut all = many.concat();
            newest_of_each(&mut all, segments);
            all
        }
    };
    all.truncate(most);
    all.into_iter().map(|(_, place)| place).collect()
}

/// Sorts by key. Of rows with one key, which only `duplicate_pk = keep` makes, the newest stays.
fn newest_of_each(rows: &mut Vec<Keyed>, segments: &[Arc<dyn Segment>]) {
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same && age(segments, later.1) > age(segments, kept.1) {
            kept.1 = later.1;
        }
        same
    });
}

/// Orders rows of one key by when they came: within one request by their place.
pub fn age(segments: &[Arc<dyn Segment>], place: Place) -> (Timestamp, u32, u32) {
    let segment = segments.get(place.segment as usize);
    let at = segment.map_or(Timestamp::ZERO, |segment| segment.timestamp(place.row));
    (at, place.row, place.segment)
}
