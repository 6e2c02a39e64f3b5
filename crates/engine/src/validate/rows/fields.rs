//! Which sent column belongs to which field.

use super::presence::Presence;
use super::{array, json, moment, scalar, shape, sparse, text, vector, vectors};
use crate::validate::{Limits, invalid, properties};
use elanus_geotime::time::Zone;
use elanus_types::input::{InputData, InputField};
use elanus_types::schema::DYNAMIC_FIELD_NAME;
use elanus_types::write::InsertRequest;
use elanus_types::{
    CollectionMeta, CollectionSchema, Column, DataType, Error, ErrorKind, FieldSchema, Result,
};

/// The columns of a request, each matched with a field of the schema.
pub(crate) struct Sent<'a> {
    pub rows: usize,
    pub upsert: bool,
    schema: &'a CollectionSchema,
    columns: Vec<(&'a FieldSchema, &'a InputField)>,
    /// Of moments that state no offset.
    zone: Zone,
}

impl<'a> Sent<'a> {
    /// Checks what does not need the values: schema version, row count, names.
    pub fn of(meta: &'a CollectionMeta, request: &'a InsertRequest) -> Result<Self> {
        if request.schema_timestamp != 0 && request.schema_timestamp != meta.updated.0 {
            let message = format!("collection schema mismatch[collection={}]", meta.name);
            return Err(Error::new(ErrorKind::SchemaMismatch, message));
        }
        if request.rows == 0 {
            return Err(Error::expected("num_rows should be greater than 0", "invalid num_rows", 0));
        }
        let mut columns: Vec<(&FieldSchema, &InputField)> = Vec::with_capacity(request.fields.len());
        for input in &request.fields {
            let field = field_of(&meta.schema, input, request.fields.len())?;
            if columns.iter().any(|(known, _)| known.id == field.id) {
                return Err(invalid(format!("duplicated field {} found", field.name)));
            }
            columns.push((field, input));
        }
        let upsert = request.mode != elanus_types::write::InsertMode::Insert;
        let zone = properties::zone(&meta.properties);
        Ok(Self { rows: request.rows, upsert, schema: &meta.schema, columns, zone })
    }

    /// What was sent for a field.
    pub fn input(&self, field: &FieldSchema) -> Option<&'a InputField> {
        self.columns.iter().find(|(known, _)| known.id == field.id).map(|(_, input)| *input)
    }

    /// The stored column of a field, or nothing when the request does not bring it.
    pub fn column(&self, field: &FieldSchema, limits: &Limits) -> Result<Option<Column>> {
        let Some(input) = self.input(field) else { return Ok(None) };
        check_type(field, &input.data)?;
        let length = payload_rows(field, &input.data)?;
        let presence = Presence::of(field, &input.valid, length, self.rows)?;
        if presence.none_present() {
            return presence.expand(field, Column::empty(field)).map(Some);
        }
        let values = match (field.data_type, &input.data) {
            (DataType::VarChar, InputData::Text(texts)) => text::varchar(field, texts, &presence)?,
            (DataType::Timestamptz, InputData::Text(texts)) => {
                moment::column(field, texts, &presence, &self.zone)?
            }
            (DataType::Geometry, InputData::Wkt(texts)) => shape::column(field, texts, &presence)?,
            (DataType::Json, InputData::Json(texts)) => {
                json::column(field, self.schema, texts, &presence, limits)?
            }
            (DataType::SparseFloatVector, InputData::Sparse(vectors)) => {
                sparse::column(field, vectors, &presence)?
            }
            (DataType::Array, InputData::Array(lists)) => array::column(field, lists, &presence)?,
            (DataType::ArrayOfVector, InputData::Vectors(lists)) => vectors::column(field, lists, &presence)?,
            (_, InputData::Vector { data_type, data, .. }) => {
                vector::column(field, *data_type, data, &presence)?
            }
            (_, data) => scalar::column(field, data, &presence)?,
        };
        presence.expand(field, Column::new(values)).map(Some)
    }
}

/// The field an input column is for.
fn field_of<'a>(schema: &'a CollectionSchema, input: &InputField, sent: usize) -> Result<&'a FieldSchema> {
    if input.dynamic || input.name == DYNAMIC_FIELD_NAME {
        return schema.dynamic().ok_or_else(|| {
            invalid(format!(
                "without dynamic schema enabled, the field name cannot be set to {DYNAMIC_FIELD_NAME}"
            ))
        });
    }
    schema.field(&input.name).ok_or_else(|| {
        let message = format!("more fieldData has pass in, the schema has no field {}", input.name);
        Error::expected(message, schema.visible().count(), sent)
    })
}

/// Whether the payload is of the kind the field's type travels as.
fn check_type(field: &FieldSchema, data: &InputData) -> Result<()> {
    let fits = match data {
        InputData::Empty => true,
        InputData::Sparse(_) => field.data_type == DataType::SparseFloatVector,
        InputData::Json(_) => field.data_type == DataType::Json,
        InputData::Array(_) => field.data_type == DataType::Array,
        InputData::Vectors(_) => field.data_type == DataType::ArrayOfVector,
        InputData::Vector { data_type, .. } => vector::carries(field.data_type, *data_type),
        scalar => scalar::carries(scalar, field.data_type),
    };
    if fits { Ok(()) } else { Err(type_mismatch(&field.name, field.data_type, data)) }
}

/// The error of a payload whose kind is not the field's.
pub(super) fn type_mismatch(name: &str, wanted: DataType, data: &InputData) -> Error {
    let message = format!("{wanted} field '{name}' is illegal, array type mismatch");
    Error::expected(message, format!("need {wanted} array"), format!("got {}", kind(data)))
}

fn kind(data: &InputData) -> &'static str {
    match data {
        InputData::Empty => "nil",
        InputData::Bool(_) => "Bool",
        InputData::Int(_) => "Int32",
        InputData::Long(_) => "Int64",
        InputData::Float(_) => "Float",
        InputData::Double(_) => "Double",
        InputData::Text(_) => "VarChar",
        InputData::Wkt(_) => "Geometry",
        InputData::Json(_) => "JSON",
        InputData::Array(_) => "Array",
        InputData::Vector { data_type, .. } => data_type.name(),
        InputData::Vectors(_) => "ArrayOfVector",
        InputData::Sparse(_) => "SparseFloatVector",
        InputData::Unsupported(name) => name,
    }
}

/// Rows in a payload; for dense vectors after a check of their dimensions.
fn payload_rows(field: &FieldSchema, data: &InputData) -> Result<usize> {
    match data {
        InputData::Text(rows) | InputData::Wkt(rows) | InputData::Json(rows) | InputData::Sparse(rows) => {
            Ok(rows.len())
        }
        InputData::Array(rows) | InputData::Vectors(rows) => Ok(rows.len()),
        InputData::Vector { data_type, dim, data } => vector::rows(field, *data_type, *dim, data),
        scalar => Ok(scalar::len(scalar)),
    }
}
