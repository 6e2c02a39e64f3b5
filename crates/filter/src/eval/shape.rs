//! Questions about shapes. Bytes that are no shape have none of the properties asked for.

use super::Wanted;
use super::scalar::texts;
use crate::plan::ShapeTest;
use elanus_geotime::geometry;
use elanus_kernels::Bitmap;
use elanus_types::ColumnRef;

/// The wanted rows whose shape passes.
pub(super) fn test(data: &ColumnRef<'_>, asked: &ShapeTest, wanted: Wanted<'_>) -> Bitmap {
    match asked {
        ShapeTest::Related(probe) => {
            let mut searcher = probe.searcher();
            texts(data, wanted, |shape| searcher.holds(shape))
        }
        ShapeTest::Near(near) => texts(data, wanted, |shape| near.holds(shape)),
        ShapeTest::Valid => texts(data, wanted, geometry::is_valid),
    }
}
