//! Between wire messages and the engine's own structs. Nothing here judges content: that is the engine's part.

pub(crate) mod hybrid;
pub(crate) mod ids;
pub(crate) mod input;
#[allow(dead_code)]
pub(crate) mod kv;
pub(crate) mod output;
pub(crate) mod payload;
pub(crate) mod query;
#[allow(dead_code)]
pub(crate) mod schema_in;
#[allow(dead_code)]
pub(crate) mod schema_out;
pub(crate) mod search;
pub(crate) mod search_out;
#[allow(dead_code)]
pub(crate) mod value;
pub(crate) mod write;

#[cfg(test)]
mod fuzz;
