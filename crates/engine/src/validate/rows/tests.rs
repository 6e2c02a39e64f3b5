mod property;
mod table;

use elanus_types::input::{InputData, InputField};
use elanus_types::write::{InsertMode, InsertRequest};
use elanus_types::{
    CollectionMeta, CollectionRef, CollectionSchema, DataType, FieldSchema, LoadState, PartitionMeta,
    Timestamp,
};
use std::sync::Arc;

/// A field with type parameters that fit any test here: dimension 16, texts of 8 bytes, arrays of 3.
pub(crate) fn field(id: i64, name: &str, data_type: DataType) -> FieldSchema {
    let dim = if data_type.is_dense_vector() { 16 } else { 0 };
    let mut field =
        FieldSchema { dim, max_length: 8, max_capacity: 3, ..FieldSchema::new(id, name, data_type) };
    field.primary_key = name == "id";
    field.dynamic = name == "$meta";
    if field.dynamic {
        field = crate::validate::schema::dynamic_field(id);
    }
    field
}

pub(crate) fn array(id: i64, name: &str, element: DataType) -> FieldSchema {
    FieldSchema { element_type: Some(element), ..field(id, name, DataType::Array) }
}

pub(crate) fn meta(fields: Vec<FieldSchema>) -> CollectionMeta {
    let partition =
        |id, name: &str| PartitionMeta { id, name: name.into(), created: Timestamp(1), released: false };
    CollectionMeta {
        id: 7,
        name: "c".into(),
        database: "default".into(),
        schema: Arc::new(CollectionSchema { fields, ..CollectionSchema::default() }),
        partitions: vec![partition(8, "_default"), partition(9, "p")],
        indexes: Vec::new(),
        properties: Default::default(),
        shards: 1,
        consistency_level: 0,
        created: Timestamp(1),
        updated: Timestamp(1),
        load: LoadState::Loaded,
        load_fields: Vec::new(),
        next_field_id: 200,
    }
}

pub(crate) fn sent(name: &str, data: InputData) -> InputField {
    InputField { name: name.into(), dynamic: name == "$meta", data, valid: Vec::new() }
}

pub(crate) fn flagged(name: &str, data: InputData, valid: &[bool]) -> InputField {
    InputField { valid: valid.to_vec(), ..sent(name, data) }
}

pub(crate) fn insert(rows: usize, fields: Vec<InputField>) -> InsertRequest {
    InsertRequest {
        target: CollectionRef { database: "default".into(), name: "c".into() },
        partition: None,
        rows,
        fields,
        schema_timestamp: 0,
        mode: InsertMode::Insert,
    }
}

pub(crate) fn upsert(request: InsertRequest) -> InsertRequest {
    InsertRequest { mode: InsertMode::Upsert { partial: false, field_ops: Vec::new() }, ..request }
}
