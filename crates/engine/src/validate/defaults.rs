//! Defaults of fields whose text is not what is stored: moments and shapes.

use super::invalid;
use elanus_geotime::geometry;
use elanus_geotime::time::{self, Zone};
use elanus_types::{DataType, FieldSchema, Result, Value};

/// A default as rows store it; a moment without an offset is one of `zone`.
pub fn stored(field: &FieldSchema, default: &Value, zone: &Zone) -> Result<Value> {
    let wrong = |error: String| invalid(format!("default value of field {}: {error}", field.name));
    match (field.data_type, default) {
        (DataType::Timestamptz, Value::Str(text)) => {
            time::parse(text, zone).map(Value::Int).map_err(|error| wrong(error.to_string()))
        }
        (DataType::Geometry, Value::Str(text)) => {
            geometry::from_wkt(text).map(Value::Bytes).map_err(|error| wrong(error.to_string()))
        }
        _ => Ok(default.clone()),
    }
}

/// Replaces the default of a field that is about to be kept by its stored form.
pub fn keep_stored(field: &mut FieldSchema, zone: &Zone) -> Result<()> {
    if let Some(default) = &field.default {
        field.default = Some(stored(field, default, zone)?);
    }
    Ok(())
}
