//! Rows of several segments in primary key order, one per key.

use super::output::Place;
use elanus_segment::Segment;
use elanus_types::{Column, ColumnRef, Error, Result, Timestamp};
use std::sync::Arc;

/// A key borrowed from a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Int(i64),
    Text(&'a [u8]),
}

/// The first `most` places in key order. Of rows with one key, which only `duplicate_pk = keep` makes, the newest stays:
/// within one request the last.
pub fn in_key_order(
    found: &[(Vec<u32>, Column)],
    segments: &[Arc<dyn Segment>],
    most: usize,
) -> Result<Vec<Place>> {
    let total = found.iter().map(|(rows, _)| rows.len()).sum();
    let mut all: Vec<(Key<'_>, Place)> = Vec::with_capacity(total);
    for (segment, (rows, keys)) in found.iter().enumerate() {
        let view = keys.view();
        for (i, row) in rows.iter().enumerate() {
            let key = match &view.data {
                ColumnRef::Int64(values) => values.get(i).map(|value| Key::Int(*value)),
                other => other.bytes(i).map(Key::Text),
            };
            let key = key.ok_or_else(|| Error::internal("a row without primary key"))?;
            all.push((key, Place { segment: segment as u32, row: *row }));
        }
    }
    sort_first(&mut all, most);
    let mut out: Vec<(Key<'_>, Place)> = Vec::with_capacity(most.min(all.len()));
    for (key, place) in all {
        let full = out.len() == most;
        match out.last_mut() {
            Some((last, kept)) if *last == key => {
                if age(segments, place) > age(segments, *kept) {
                    *kept = place;
                }
            }
            _ if full => break,
            _ => out.push((key, place)),
        }
    }
    Ok(out.into_iter().map(|(_, place)| place).collect())
}

/// Sorts so that at least the first `most` distinct keys lead in order.
fn sort_first(all: &mut [(Key<'_>, Place)], most: usize) {
    // Duplicates may stand among the first: sort a generous head, and everything where that is not much less.
    let head = most.saturating_mul(2).saturating_add(64);
    if head < all.len() / 4 {
        let (front, ..) = all.select_nth_unstable_by(head, |a, b| a.0.cmp(&b.0));
        front.sort_by(|a, b| a.0.cmp(&b.0));
        let distinct = 1 + front.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        if distinct > most {
            return;
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
}

/// Orders rows of one key by when they came.
fn age(segments: &[Arc<dyn Segment>], place: Place) -> (Timestamp, u32) {
    let segment = segments.get(place.segment as usize);
    (segment.map_or(Timestamp::ZERO, |segment| segment.timestamp(place.row)), place.row)
}
