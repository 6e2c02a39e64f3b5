//! GEOMETRY: WKT in, WKB stored.

use super::presence::Presence;
use super::text::{check_utf8, joined};
use crate::validate::invalid;
use bytes::Bytes;
use elanus_geotime::geometry;
use elanus_types::{ColumnData, FieldSchema, Result};

/// The shapes of a payload.
pub(super) fn column(field: &FieldSchema, texts: &[Bytes], presence: &Presence<'_>) -> Result<ColumnData> {
    let mut shapes = vec![Vec::new(); texts.len()];
    for (row, at) in presence.present() {
        let text = texts.get(at).map_or(&[][..], |text| text);
        check_utf8(field, row, text)?;
        let text = std::str::from_utf8(text).unwrap_or_default();
        let shape = geometry::from_wkt(text).map_err(|error| {
            invalid(format!("geometry field '{}' is illegal, row number: {row}: {error}", field.name))
        })?;
        if let Some(place) = shapes.get_mut(at) {
            *place = shape;
        }
    }
    joined(field, &shapes)
}
