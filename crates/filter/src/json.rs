//! JSON as it lies in a column: documents are scanned for the places a filter asks for, never built.
//!
//! Columns hold what validation let in. A text that is not JSON after all can make places look missing, nothing
//! worse.

mod scan;
mod text;
mod tree;
mod value;

pub(crate) use scan::elements;
pub(crate) use tree::{Span, Tree, Walk};
pub(crate) use value::{Json, is_empty, list_equals};

/// Whole numbers below this, either sign, are doubles that no other whole number shares.
pub(crate) const EXACT_DOUBLE: u64 = 1 << 53;
