//! Shapes in the plane, stored as WKB and written as WKT.
//!
//! Coordinates are finite; lines have no or two points and more; rings are closed and have four points at least, so
//! that two shapes can always be related. Whether rings cross themselves is nobody's business until
//! [`is_valid`] is asked. Third and fourth ordinates (Z, M) are kept and never looked at.

mod bounds;
mod distance;
mod planar;
mod relation;
mod shape;
mod validity;
mod wkb;
mod wkt;

pub use bounds::Bounds;
pub use distance::Near;
pub use relation::{Probe, Relation, Searcher};
pub use validity::is_valid;

/// Why a text is no shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid WKT: {0}")]
pub struct WktError(String);

/// Reads WKT and answers WKB.
pub fn from_wkt(text: &str) -> Result<Vec<u8>, WktError> {
    wkt::parse(text).map(|shape| wkb::write(&shape))
}

/// The WKT of a shape; `None` when the bytes are none.
pub fn to_wkt(bytes: &[u8]) -> Option<String> {
    wkb::read(bytes).map(|shape| wkt::write(&shape))
}

#[cfg(test)]
mod tests;
