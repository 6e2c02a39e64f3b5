//! What the log holds: one record per request. Byte layout in docs/formats/log-records.md.

mod codec;
mod record;

pub use record::{Record, RowsPart, WriteRecord};
