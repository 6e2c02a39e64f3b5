//! Between wire messages and the engine's own structs. Nothing here judges content: that is the engine's part.

pub(crate) mod hybrid;
pub(crate) mod ids;
pub(crate) mod index;
pub(crate) mod input;
pub(crate) mod kv;
pub(crate) mod order;
pub(crate) mod output;
pub(crate) mod payload;
pub(crate) mod query;
pub(crate) mod schema_in;
pub(crate) mod schema_out;
pub(crate) mod search;
pub(crate) mod search_out;
pub(crate) mod value;
pub(crate) mod write;

#[cfg(test)]
mod fuzz;
