//! Searches.

mod hybrid;
mod single;

pub(super) use hybrid::hybrid_search;
pub(super) use single::search;
