//! Metrics, SIMD distances, quantizer codes, top-k and bit sets.
//!
//! The only home of intrinsics. Nothing here allocates per call on a hot path, and nothing
//! knows about schemas, files or threads.

pub mod bitmap;
pub mod metric;

pub use bitmap::Bitmap;
pub use metric::Metric;
