//! Moments and shapes: the values of TIMESTAMPTZ and GEOMETRY fields.
//!
//! [`time`] has moments as microseconds since the Unix epoch: their text (RFC 3339), time zones by IANA name from a
//! database inside the binary, and calendar intervals. [`geometry`] has shapes as WKB: their text (WKT), how two of
//! them lie to each other, and distances. It knows nothing of columns, schemas or filters.

pub mod geometry;
pub mod time;
