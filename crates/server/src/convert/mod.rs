//! Between wire messages and the engine's own structs. Nothing here judges content: that is the engine's part.

#[allow(dead_code)]
pub(crate) mod hybrid;
#[allow(dead_code)]
pub(crate) mod ids;
#[allow(dead_code)]
pub(crate) mod input;
#[allow(dead_code)]
pub(crate) mod kv;
#[allow(dead_code)]
pub(crate) mod output;
#[allow(dead_code)]
pub(crate) mod payload;
#[allow(dead_code)]
pub(crate) mod query;
#[allow(dead_code)]
pub(crate) mod schema_in;
#[allow(dead_code)]
pub(crate) mod schema_out;
#[allow(dead_code)]
pub(crate) mod search;
#[allow(dead_code)]
pub(crate) mod search_out;
#[allow(dead_code)]
pub(crate) mod value;
