//! Collection schemas: fields, their types and rules.

use crate::{DataType, Value};
use serde::{Deserialize, Serialize};

/// Number of a field inside its collection; 0 and 1 are the row id and the timestamp, user fields start at 100.
pub type FieldId = i64;

/// The hidden column of commit timestamps.
pub const TIMESTAMP_FIELD: FieldId = 1;
/// The first id of a user's field.
pub const FIRST_FIELD: FieldId = 100;
/// The name of the hidden JSON field that holds dynamic keys.
pub const DYNAMIC_FIELD_NAME: &str = "$meta";

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSchema {
    /// Number, never reused.
    pub id: FieldId,
    /// Name, unique in the collection.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Type.
    pub data_type: DataType,
    /// Type of the elements of an ARRAY or of a list of vectors.
    #[serde(default)]
    pub element_type: Option<DataType>,
    /// The collection's key.
    #[serde(default)]
    pub primary_key: bool,
    /// Keys are assigned by the database.
    #[serde(default)]
    pub auto_id: bool,
    /// Rows are spread over partitions by this field.
    #[serde(default)]
    pub partition_key: bool,
    /// Rows are clustered by this field.
    #[serde(default)]
    pub clustering_key: bool,
    /// NULL is legal.
    #[serde(default)]
    pub nullable: bool,
    /// Stored where a row brings no value.
    #[serde(default)]
    pub default: Option<Value>,
    /// The hidden field of dynamic keys (`$meta`).
    #[serde(default)]
    pub dynamic: bool,
    /// Dimensions of a dense vector, alone or in a list (bits for a binary one); 0 for anything else.
    #[serde(default)]
    pub dim: usize,
    /// Largest length of a VARCHAR (or of an array's texts) in bytes; 0 for anything else.
    #[serde(default)]
    pub max_length: usize,
    /// Largest number of elements of an ARRAY or a list of vectors; 0 for anything else.
    #[serde(default)]
    pub max_capacity: usize,
    /// All type parameters as the client gave them, for describing.
    #[serde(default)]
    pub type_params: Vec<(String, String)>,
}

impl FieldSchema {
    /// A field of `data_type` with every option off.
    pub fn new(id: FieldId, name: impl Into<String>, data_type: DataType) -> Self {
        Self {
            id,
            name: name.into(),
            description: String::new(),
            data_type,
            element_type: None,
            primary_key: false,
            auto_id: false,
            partition_key: false,
            clustering_key: false,
            nullable: false,
            default: None,
            dynamic: false,
            dim: 0,
            max_length: 0,
            max_capacity: 0,
            type_params: Vec::new(),
        }
    }

    /// Bytes per row of a dense vector field.
    pub fn vector_width(&self) -> Option<usize> {
        self.data_type.vector_width(self.dim)
    }

    /// The type of one dense vector: the field's own, or that of the vectors in its lists.
    pub fn vector_type(&self) -> DataType {
        match (self.data_type, self.element_type) {
            (DataType::ArrayOfVector, Some(element)) => element,
            (data_type, _) => data_type,
        }
    }

    /// Bytes of one dense vector: of a row, or of each in a row's list.
    pub fn element_width(&self) -> Option<usize> {
        self.vector_type().vector_width(self.dim)
    }

    /// For a field `s[sub]` of a struct array, the names `s` and `sub`.
    pub fn part(&self) -> Option<(&str, &str)> {
        self.name.strip_suffix(']')?.split_once('[')
    }
}

/// A struct array: fields that hold the parts of its structs, as lists of one length in every row.
///
/// The parts are fields of their own in the schema, named `struct[part]`. Other fields have no bracket in their names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StructSchema {
    /// Number, from the same row of numbers as those of fields.
    pub id: FieldId,
    /// Name, unique among fields and structs.
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// NULL is legal, for the structs of a row as a whole.
    #[serde(default)]
    pub nullable: bool,
    /// Largest number of structs in a row.
    pub max_capacity: usize,
    /// Type parameters of the whole as the client gave them, for describing.
    #[serde(default)]
    pub type_params: Vec<(String, String)>,
    /// Numbers of its parts, in the user's order; never empty.
    pub fields: Vec<FieldId>,
}

/// The schema of a collection, one version of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CollectionSchema {
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// User fields in the user's order, then the parts of struct arrays; `$meta`, when there is one, last.
    pub fields: Vec<FieldSchema>,
    /// Struct arrays in the user's order.
    #[serde(default)]
    pub structs: Vec<StructSchema>,
    /// Counts schema changes.
    #[serde(default)]
    pub version: u32,
}

impl CollectionSchema {
    /// The field with this name, `$meta` included.
    pub fn field(&self, name: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with this number.
    pub fn field_by_id(&self, id: FieldId) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The primary key field; every stored schema has one.
    pub fn primary(&self) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.primary_key)
    }

    /// The partition key field.
    pub fn partition_key(&self) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.partition_key)
    }

    /// The hidden field of dynamic keys.
    pub fn dynamic(&self) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.dynamic)
    }

    /// Vector fields in schema order.
    pub fn vectors(&self) -> impl Iterator<Item = &FieldSchema> {
        self.fields.iter().filter(|field| field.data_type.is_vector())
    }

    /// The struct array with this name.
    pub fn structure(&self, name: &str) -> Option<&StructSchema> {
        self.structs.iter().find(|structure| structure.name == name)
    }

    /// The struct array a field is a part of.
    pub fn structure_of(&self, field: FieldId) -> Option<&StructSchema> {
        self.structs.iter().find(|structure| structure.fields.contains(&field))
    }

    /// The parts of a struct array.
    pub fn parts<'a>(&'a self, structure: &'a StructSchema) -> impl Iterator<Item = &'a FieldSchema> {
        structure.fields.iter().filter_map(|id| self.field_by_id(*id))
    }

    /// Fields a user sees, parts of struct arrays among them: all but `$meta`.
    pub fn visible(&self) -> impl Iterator<Item = &FieldSchema> {
        self.fields.iter().filter(|field| !field.dynamic)
    }
}
