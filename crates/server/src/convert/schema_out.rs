//! Schemas as described.

use super::kv::pair;
use super::value;
use elanus_geotime::time::Zone;
use elanus_proto::schema::{self as wire};
use elanus_types::{CollectionMeta, CollectionSchema, DataType, FieldSchema, StructSchema};

/// A collection's schema as users see it: without `$meta`, which `enable_dynamic_field` stands for.
#[allow(deprecated)]
pub(crate) fn schema(meta: &CollectionMeta) -> wire::CollectionSchema {
    let schema = &meta.schema;
    let zone = elanus_engine::validate::properties::zone(&meta.properties);
    wire::CollectionSchema {
        name: meta.name.clone(),
        description: schema.description.clone(),
        auto_id: schema.primary().is_some_and(|field| field.auto_id),
        fields: schema
            .visible()
            .filter(|field| field.part().is_none())
            .map(|one| field(one, &zone))
            .collect(),
        struct_array_fields: schema.structs.iter().map(|it| structure(schema, it, &zone)).collect(),
        enable_dynamic_field: schema.dynamic().is_some(),
        version: i32::try_from(schema.version).unwrap_or(i32::MAX),
        db_name: meta.database.clone(),
        ..Default::default()
    }
}

/// A struct array with its parts by their own names.
fn structure(
    schema: &CollectionSchema,
    structure: &StructSchema,
    zone: &Zone,
) -> wire::StructArrayFieldSchema {
    let part = |part: &FieldSchema| {
        let name = part.part().map_or(part.name.as_str(), |(_, name)| name).to_owned();
        wire::FieldSchema { name, ..field(part, zone) }
    };
    wire::StructArrayFieldSchema {
        field_id: structure.id,
        name: structure.name.clone(),
        description: structure.description.clone(),
        fields: schema.parts(structure).map(part).collect(),
        type_params: structure.type_params.iter().map(|(key, value)| pair(key, value)).collect(),
        nullable: structure.nullable,
    }
}

fn field(field: &FieldSchema, zone: &Zone) -> wire::FieldSchema {
    wire::FieldSchema {
        field_id: field.id,
        name: field.name.clone(),
        is_primary_key: field.primary_key,
        description: field.description.clone(),
        data_type: field.data_type.number(),
        type_params: field.type_params.iter().map(|(key, value)| pair(key, value)).collect(),
        auto_id: field.auto_id,
        element_type: field.element_type.map_or(0, DataType::number),
        default_value: field
            .default
            .as_ref()
            .and_then(|value| value::default_out(value, field.data_type, zone)),
        is_dynamic: field.dynamic,
        is_partition_key: field.partition_key,
        is_clustering_key: field.clustering_key,
        nullable: field.nullable,
        ..Default::default()
    }
}
