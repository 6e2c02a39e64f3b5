//! The rules of a struct array of a new schema.

use crate::db::NewStruct;
use crate::validate::{Limits, field, invalid, names};
use elanus_types::{DataType, FieldId, FieldSchema, Result, StructSchema};
use std::collections::HashSet;

/// Checks a declared struct array: its name, and every part of it.
pub fn check(declared: &NewStruct, collection: &str, limits: &Limits) -> Result<()> {
    let name = &declared.name;
    names::field(name, limits)?;
    let (length, longest) = (declared.description.len(), limits.description_length);
    if length > longest {
        return Err(invalid(format!(
            "the description of field {name} has {length} bytes, at most {longest} are allowed"
        )));
    }
    let Some(first) = declared.fields.first() else {
        return Err(invalid(format!("struct array field {name} has no sub-fields")));
    };
    let mut seen = HashSet::new();
    for part in &declared.fields {
        if !seen.insert(part.name.as_str()) {
            return Err(invalid(format!("duplicated field name, field name = {name}[{}]", part.name)));
        }
        check_part(declared, part, collection, limits)?;
    }
    match declared.fields.iter().find(|part| part.max_capacity != first.max_capacity) {
        None => Ok(()),
        Some(other) => Err(invalid(format!(
            "all sub-fields of struct array field {name} must have one max_capacity, but {} has {} and {} has {}",
            first.name, first.max_capacity, other.name, other.max_capacity
        ))),
    }
}

/// Lists of vectors are no fields by themselves.
pub fn only_inside(field: &FieldSchema) -> Result<()> {
    match field.data_type {
        DataType::ArrayOfVector => Err(invalid(format!(
            "data type ArrayOfVector of field {} is only supported for fields of a struct array",
            field.name
        ))),
        _ => Ok(()),
    }
}

fn check_part(declared: &NewStruct, part: &FieldSchema, collection: &str, limits: &Limits) -> Result<()> {
    let name = format!("{}[{}]", declared.name, part.name);
    let refused = |what: &str| Err(invalid(format!("{what}, field name = {name}")));
    match part.data_type {
        DataType::Array | DataType::ArrayOfVector => {}
        other => {
            return Err(invalid(format!(
                "fields in a struct array must be Array or ArrayOfVector, but field {name} is {other}"
            )));
        }
    }
    if part.primary_key || part.auto_id {
        return refused("a field of a struct array cannot be the primary key");
    }
    if part.partition_key {
        return refused("a field of a struct array cannot be the partition key");
    }
    if part.clustering_key {
        return refused("a field of a struct array cannot be the clustering key");
    }
    if part.default.is_some() {
        return refused("a field of a struct array cannot have a default value");
    }
    if part.nullable && !declared.nullable {
        return refused("a field of a struct array cannot be nullable, but the whole struct array can");
    }
    field::check(part, collection, limits)
}

/// The struct array and its parts as stored; `take` gives the next field number.
pub fn numbered(
    declared: &NewStruct,
    take: &mut impl FnMut() -> FieldId,
) -> (StructSchema, Vec<FieldSchema>) {
    let id = take();
    let part = |part: &FieldSchema| FieldSchema {
        id: take(),
        name: format!("{}[{}]", declared.name, part.name),
        nullable: declared.nullable,
        ..part.clone()
    };
    let parts: Vec<FieldSchema> = declared.fields.iter().map(part).collect();
    let structure = StructSchema {
        id,
        name: declared.name.clone(),
        description: declared.description.clone(),
        nullable: declared.nullable,
        max_capacity: parts.first().map_or(0, |part| part.max_capacity),
        type_params: declared.type_params.clone(),
        fields: parts.iter().map(|part| part.id).collect(),
    };
    (structure, parts)
}

#[cfg(test)]
mod tests;
