//! Filters that are nothing but a list of primary keys.

use crate::{PrimaryKey, Segment};
use elanus_filter::Predicate;
use elanus_kernels::Bitmap;

/// The first `count` rows whose key the filter lists; `None` when it asks for anything else.
pub(crate) fn rows(segment: &dyn Segment, predicate: &Predicate, count: usize) -> Option<Bitmap> {
    let keys = predicate.primary_keys(segment.schema().primary()?.id)?;
    let mut rows = Bitmap::zeros(count);
    for key in keys.iter().filter_map(PrimaryKey::from_value) {
        let found = segment.rows_of(&key).into_iter().filter(|row| (*row as usize) < count);
        found.for_each(|row| rows.set(row as usize));
    }
    Some(rows)
}
