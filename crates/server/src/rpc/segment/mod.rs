//! Segments.

mod persistent;
mod query;

pub(super) use persistent::get_persistent_segment_info;
pub(super) use query::get_query_segment_info;
