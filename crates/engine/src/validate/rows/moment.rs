//! TIMESTAMPTZ: RFC 3339 in, microseconds stored.

use super::presence::Presence;
use super::text::check_utf8;
use crate::validate::invalid;
use bytes::Bytes;
use elanus_geotime::time::{self, Zone};
use elanus_types::{ColumnData, FieldSchema, Result};

/// The moments of a payload; those without an offset are local times of `zone`.
pub(super) fn column(
    field: &FieldSchema,
    texts: &[Bytes],
    presence: &Presence<'_>,
    zone: &Zone,
) -> Result<ColumnData> {
    let mut moments = vec![0; texts.len()];
    for (row, at) in presence.present() {
        let text = texts.get(at).map_or(&[][..], |text| text);
        check_utf8(field, row, text)?;
        let text = std::str::from_utf8(text).unwrap_or_default();
        let moment = time::parse(text, zone).map_err(|error| {
            invalid(format!("timestamptz field '{}' is illegal, row number: {row}: {error}", field.name))
        })?;
        if let Some(place) = moments.get_mut(at) {
            *place = moment;
        }
    }
    Ok(ColumnData::Int64(moments))
}
