//! From a collection as asked for to a schema with field numbers.

use crate::db::NewCollection;
use crate::validate::{Limits, field, invalid, names, parse_bool, properties, structure};
use elanus_types::schema::{DYNAMIC_FIELD_NAME, FIRST_FIELD};
use elanus_types::{CollectionMeta, CollectionSchema, DataType, FieldId, FieldSchema, Result, Value};
use std::collections::HashSet;

/// Checks everything about a new collection that does not depend on what exists, and numbers its fields.
///
/// Returns the schema and the next free field number.
pub fn new_collection(spec: &NewCollection, limits: &Limits) -> Result<(CollectionSchema, FieldId)> {
    let name = &spec.target.name;
    if spec.shards > limits.shards {
        return Err(invalid(format!("maximum shards's number should be limited to {}", limits.shards)));
    }
    names::collection(name, limits)?;
    if spec.description.len() > limits.description_length {
        return Err(invalid(format!(
            "the description of collection {name} has {} bytes, at most {} are allowed",
            spec.description.len(),
            limits.description_length
        )));
    }
    counts(spec, limits)?;
    distinct_names(spec)?;
    at_most_one(spec, "primary key", |field| field.primary_key)?;
    at_most_one(spec, "partition key", |field| field.partition_key)?;
    at_most_one(spec, "clustering key", |field| field.clustering_key)?;
    for declared in &spec.fields {
        structure::only_inside(declared)?;
        field::check(declared, name, limits)?;
    }
    for declared in &spec.structs {
        structure::check(declared, name, limits)?;
    }
    if !spec.fields.iter().any(|field| field.primary_key) {
        return Err(invalid("primary key is not specified"));
    }
    partition_count(spec, limits)?;
    properties::check_new(&spec.properties, spec.fields.iter().any(|field| field.partition_key))?;
    Ok(numbered(spec))
}

fn counts(spec: &NewCollection, limits: &Limits) -> Result<()> {
    let all = || spec.fields.iter().chain(spec.structs.iter().flat_map(|declared| &declared.fields));
    let vectors = all().filter(|field| field.data_type.is_vector()).count();
    let text = if all().count() > limits.fields {
        format!("maximum field's number should be limited to {}", limits.fields)
    } else if vectors == 0 {
        "schema does not contain vector field".to_owned()
    } else if vectors > limits.vector_fields {
        format!("maximum vector field's number should be limited to {}", limits.vector_fields)
    } else {
        return Ok(());
    };
    Err(invalid(text))
}

fn distinct_names(spec: &NewCollection) -> Result<()> {
    let mut seen = HashSet::new();
    let names = spec.fields.iter().map(|field| field.name.as_str());
    let mut names = names.chain(spec.structs.iter().map(|declared| declared.name.as_str()));
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(invalid(format!("duplicated field name, field name = {twice}"))),
        None => Ok(()),
    }
}

fn at_most_one(spec: &NewCollection, role: &str, has: impl Fn(&FieldSchema) -> bool) -> Result<()> {
    let mut holders = spec.fields.iter().filter(|field| has(field));
    match (holders.next(), holders.next()) {
        (Some(first), Some(second)) => Err(invalid(format!(
            "there are more than one {role}, field name = {}, {}",
            first.name, second.name
        ))),
        _ => Ok(()),
    }
}

/// How many partitions the collection begins with; 1 without a partition key.
pub fn partition_count(spec: &NewCollection, limits: &Limits) -> Result<usize> {
    if !spec.fields.iter().any(|field| field.partition_key) {
        if spec.partitions != 0 {
            return Err(invalid("num_partitions should only be specified with partition key field enabled"));
        }
        return Ok(1);
    }
    match usize::try_from(spec.partitions) {
        Ok(0) => Ok(limits.partition_key_partitions),
        Ok(count) if count <= limits.partitions => Ok(count),
        Ok(count) => Err(invalid(format!(
            "partition number ({count}) exceeds max configuration ({})",
            limits.partitions
        ))),
        Err(_) => Err(invalid("the specified partitions should be greater than 0 if partition key is used")),
    }
}

/// Checks a field that is added to a collection that exists.
pub fn check_added(meta: &CollectionMeta, added: &FieldSchema, limits: &Limits) -> Result<()> {
    let name = &added.name;
    structure::only_inside(added)?;
    field::check(added, &meta.name, limits)?;
    let declared = meta.schema.fields.iter().filter(|field| !field.dynamic).count();
    let text = if declared >= limits.fields {
        format!("The number of fields has reached the maximum value {}", limits.fields)
    } else if added.data_type.is_vector() {
        format!("not support to add vector field, field name = {name}")
    } else if added.primary_key {
        format!("not support to add pk field, field name = {name}")
    } else if added.partition_key {
        format!("not support to add partition key field, field name  = {name}")
    } else if added.clustering_key {
        format!("not support to add clustering key field, field name = {name}")
    } else if !added.nullable {
        format!("added field must be nullable, please check it, field name = {name}")
    } else if meta.schema.field(name).is_some() || meta.schema.structure(name).is_some() {
        format!("duplicate field name: {name}: field already exists, name: {name}")
    } else {
        return Ok(());
    };
    Err(invalid(text))
}

fn numbered(spec: &NewCollection) -> (CollectionSchema, FieldId) {
    let dynamic = spec.dynamic
        || spec.properties.get(properties::DYNAMIC).and_then(|text| parse_bool(text)).unwrap_or(false);
    let mut next = FIRST_FIELD;
    let mut take = || {
        next += 1;
        next - 1
    };
    let mut fields: Vec<_> =
        spec.fields.iter().map(|field| FieldSchema { id: take(), ..field.clone() }).collect();
    let mut structs = Vec::with_capacity(spec.structs.len());
    for declared in &spec.structs {
        let (structure, parts) = structure::numbered(declared, &mut take);
        structs.push(structure);
        fields.extend(parts);
    }
    if dynamic {
        fields.push(dynamic_field(take()));
    }
    (CollectionSchema { description: spec.description.clone(), fields, structs, version: 0 }, next)
}

/// The hidden field of dynamic keys; a row without any stores `{}`.
pub fn dynamic_field(id: FieldId) -> FieldSchema {
    FieldSchema {
        dynamic: true,
        nullable: true,
        default: Some(Value::Json(serde_json::Value::Object(serde_json::Map::new()))),
        ..FieldSchema::new(id, DYNAMIC_FIELD_NAME, DataType::Json)
    }
}

#[cfg(test)]
mod tests;
