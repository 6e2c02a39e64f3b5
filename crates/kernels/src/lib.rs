//! Metrics, SIMD distances, quantizer codes, top-k and bit sets.
//!
//! The only home of intrinsics. Nothing here allocates per call on a hot path, and nothing
//! knows about schemas, files or threads.
//!
//! Every kernel has a plain version and faster ones for the instructions that processors may have. Which [`isa::Level`] is
//! used is found out when the process starts; `ELANUS_ISA=scalar|avx2|avx512` in the environment lowers it.

pub mod bitmap;
pub mod block;
pub mod code;
pub mod convert;
pub mod distance;
pub mod element;
pub mod grid;
pub mod isa;
pub mod metric;
pub mod pq;
mod prefetch;
mod rotation;
mod slots;
pub mod sparse;
pub mod topk;

pub use bitmap::Bitmap;
pub use code::CodeDot;
pub use distance::Distance;
pub use element::Element;
pub use grid::GridDot;
pub use isa::Level;
pub use metric::Metric;
pub use prefetch::prefetch;
pub use rotation::Rotation;
pub use slots::Slots;
pub use topk::{Hit, TopK};
