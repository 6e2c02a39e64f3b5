//! Columns that are stored in one form and written in another: moments and shapes.

use bytes::Bytes;
use elanus_geotime::geometry;
use elanus_geotime::time::{self, Zone};
use elanus_proto::schema::{GeometryWktArray, StringArray};
use elanus_types::{Column, ColumnRef};

/// Moments as RFC 3339 in a time zone; an empty text stands for a null.
pub(super) fn moments(column: &Column, timezone: &str) -> StringArray {
    let zone = Zone::find(timezone).unwrap_or(Zone::UTC);
    let view = column.view();
    let text = |(row, moment): (usize, &i64)| match view.is_valid(row) {
        true => time::format(*moment, &zone).into(),
        false => Bytes::new(),
    };
    let ColumnRef::Int64(moments) = &view.data else { return StringArray::default() };
    StringArray { data: moments.iter().enumerate().map(text).collect() }
}

/// Shapes as WKT; an empty text stands for a null, and for bytes that are no shape.
pub(super) fn shapes(column: &Column) -> GeometryWktArray {
    let view = column.view();
    let text = |row| {
        let bytes = view.data.bytes(row).filter(|_| view.is_valid(row));
        bytes.and_then(geometry::to_wkt).unwrap_or_default().into()
    };
    GeometryWktArray { data: (0..view.len()).map(text).collect() }
}
