//! How the fields of a collection appear in an Arrow schema, and back.
//!
//! Arrow types are chosen so that other programs see what they expect; what they cannot say (a bfloat16, a JSON
//! text, the field's number) is in the metadata of each field.

use super::FORMAT;
use arrow_schema::{DataType as Arrow, Field, Schema, TimeUnit};
use elanus_types::{DataType, FieldId, FieldSchema};
use std::collections::HashMap;
use std::sync::Arc;

const FORMAT_KEY: &str = "elanus.format";
const FIELD_KEY: &str = "elanus.field";
const TYPE_KEY: &str = "elanus.type";
const ELEMENT_KEY: &str = "elanus.element";
const DIM_KEY: &str = "elanus.dim";
/// Under this name Arrow keeps types that are not its own; programs for maps know WKB by it.
const EXTENSION_KEY: &str = "ARROW:extension:name";

/// A column as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredField {
    /// The field's number.
    pub id: FieldId,
    /// Its type.
    pub data_type: DataType,
    /// Type of an array's elements.
    pub element_type: Option<DataType>,
    /// Dimensions of a dense vector, alone or in a list; 0 for anything else.
    pub dim: usize,
}

impl StoredField {
    pub(super) fn of(field: &FieldSchema) -> Self {
        let dim = if field.vector_type().is_dense_vector() { field.dim } else { 0 };
        Self { id: field.id, data_type: field.data_type, element_type: field.element_type, dim }
    }

    /// Whether a column of this description can serve a field.
    pub fn fits(&self, field: &FieldSchema) -> bool {
        *self == Self::of(field)
    }

    /// Bytes of one dense vector, alone or in a list; 0 for anything else.
    pub fn width(&self) -> usize {
        self.vector_type().vector_width(self.dim).unwrap_or(0)
    }

    /// The type of a row's vector, or of each vector in its list.
    pub(super) fn vector_type(&self) -> DataType {
        match (self.data_type, self.element_type) {
            (DataType::ArrayOfVector, Some(element)) => element,
            (data_type, _) => data_type,
        }
    }

    /// The Arrow type; texts that are not UTF-8 go as plain bytes.
    pub(super) fn arrow(&self, utf8: bool) -> Option<Arrow> {
        let list = |item: Arrow| Arrow::List(Arc::new(Field::new("item", item, false)));
        Some(match self.data_type {
            DataType::Array => list(scalar(self.element_type?, utf8)?),
            DataType::ArrayOfVector => list(self.vector(self.element_type?)?),
            vector if vector.is_dense_vector() => self.vector(vector)?,
            other => scalar(other, utf8)?,
        })
    }

    /// The Arrow type of one dense vector.
    fn vector(&self, data_type: DataType) -> Option<Arrow> {
        let dim = i32::try_from(self.dim).ok()?;
        let list = |item: Arrow| Arrow::FixedSizeList(Arc::new(Field::new("item", item, false)), dim);
        Some(match data_type {
            DataType::FloatVector => list(Arrow::Float32),
            DataType::Float16Vector => list(Arrow::Float16),
            DataType::Int8Vector => list(Arrow::Int8),
            DataType::BFloat16Vector | DataType::BinaryVector => {
                Arrow::FixedSizeBinary(i32::try_from(self.width()).ok()?)
            }
            _ => return None,
        })
    }

    fn metadata(&self) -> HashMap<String, String> {
        let mut metadata = HashMap::from([
            (FIELD_KEY.to_owned(), self.id.to_string()),
            (TYPE_KEY.to_owned(), self.data_type.name().to_owned()),
        ]);
        if let Some(element) = self.element_type {
            metadata.insert(ELEMENT_KEY.to_owned(), element.name().to_owned());
        }
        if self.data_type == DataType::Geometry {
            metadata.insert(EXTENSION_KEY.to_owned(), "geoarrow.wkb".to_owned());
        }
        if self.dim > 0 {
            metadata.insert(DIM_KEY.to_owned(), self.dim.to_string());
        }
        metadata
    }

    /// Reads a field back; `None` when it is not one of ours or contradicts itself.
    pub(super) fn read(field: &Field) -> Option<Self> {
        let metadata = field.metadata();
        let text = |key: &str| metadata.get(key).map(String::as_str);
        let element_type = match text(ELEMENT_KEY) {
            Some(name) => Some(named(name)?),
            None => None,
        };
        let stored = Self {
            id: text(FIELD_KEY)?.parse().ok()?,
            data_type: named(text(TYPE_KEY)?)?,
            element_type,
            dim: text(DIM_KEY).map_or(Some(0), |dim| dim.parse().ok())?,
        };
        let fits = |utf8| stored.arrow(utf8).as_ref() == Some(field.data_type());
        (fits(true) || fits(false)).then_some(stored)
    }
}

fn scalar(data_type: DataType, utf8: bool) -> Option<Arrow> {
    Some(match data_type {
        DataType::Bool => Arrow::Boolean,
        DataType::Int8 => Arrow::Int8,
        DataType::Int16 => Arrow::Int16,
        DataType::Int32 => Arrow::Int32,
        DataType::Int64 => Arrow::Int64,
        DataType::Float => Arrow::Float32,
        DataType::Double => Arrow::Float64,
        DataType::VarChar | DataType::Json if utf8 => Arrow::Utf8,
        DataType::VarChar | DataType::Json | DataType::Geometry | DataType::SparseFloatVector => {
            Arrow::Binary
        }
        DataType::Timestamptz => Arrow::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Array
        | DataType::BinaryVector
        | DataType::FloatVector
        | DataType::Float16Vector
        | DataType::BFloat16Vector
        | DataType::Int8Vector
        | DataType::ArrayOfVector => return None,
    })
}

fn named(name: &str) -> Option<DataType> {
    DataType::ALL.iter().copied().find(|data_type| data_type.name() == name)
}

/// An Arrow field with all that is needed to read it back.
pub(super) fn field(schema: &FieldSchema, utf8: bool, nulls: bool) -> Option<Field> {
    let stored = StoredField::of(schema);
    let field = Field::new(&schema.name, stored.arrow(utf8)?, nulls);
    Some(field.with_metadata(stored.metadata()))
}

/// The schema of a file.
pub(super) fn schema(fields: Vec<Field>) -> Schema {
    Schema::new_with_metadata(fields, HashMap::from([(FORMAT_KEY.to_owned(), FORMAT.to_owned())]))
}

/// The format version of a file's schema, as it is written there.
pub(super) fn format(schema: &Schema) -> Option<&str> {
    schema.metadata().get(FORMAT_KEY).map(String::as_str)
}
