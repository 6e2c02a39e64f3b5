//! Values of fields that a batch or an old file does not have.

use elanus_types::{CollectionSchema, ColumnBuilder, Error, FieldId, FieldSchema, Result, Value};

/// Appends the field's default (or null) `rows` times.
pub(crate) fn fill(column: &mut ColumnBuilder, field: &FieldSchema, rows: usize) {
    let default = field.default.as_ref().unwrap_or(&Value::Null);
    for _ in 0..rows {
        if !column.push(default) {
            column.push_null();
        }
    }
}

/// The schema of a field, or an error naming it.
pub(crate) fn field(schema: &CollectionSchema, id: FieldId) -> Result<&FieldSchema> {
    schema
        .field_by_id(id)
        .ok_or_else(|| Error::internal(format!("no field {id} in schema version {}", schema.version)))
}
