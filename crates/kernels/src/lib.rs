//! Metrics, SIMD distances, quantizer codes, top-k and bit sets.
//!
//! The only home of intrinsics. Nothing here allocates per call on a hot path, and nothing
//! knows about schemas, files or threads.

pub mod bitmap;
pub mod code;
pub mod convert;
pub mod distance;
pub mod element;
pub mod metric;
mod prefetch;
pub mod sparse;
pub mod topk;

pub use bitmap::Bitmap;
pub use code::CodeDot;
pub use distance::Distance;
pub use element::Element;
pub use metric::Metric;
pub use prefetch::prefetch;
pub use topk::{Hit, TopK};
