//! Load and release.
//!
//! A collection that was never loaded serves its first search by itself; only a release by the user makes
//! searches fail. Loading some partitions of a collection that is not loaded releases the others.

use super::partition::without_key;
use crate::catalog::CatalogRecord;
use crate::validate::{field_not_found, invalid};
use elanus_types::{
    Catalog, CollectionMeta, CollectionRef, Error, ErrorKind, FieldSchema, LoadState, PartitionId, Result,
};
use std::collections::BTreeSet;

pub fn load(
    catalog: &Catalog,
    target: &CollectionRef,
    partitions: &[String],
    fields: &[String],
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(target)?;
    check_fields(meta, fields)?;
    check_indexes(meta, fields)?;
    let mut released = BTreeSet::new();
    if !partitions.is_empty() {
        without_key(meta, "load partitions")?;
        let named = ids(meta, partitions)?;
        let all_served = meta.load == LoadState::Loaded;
        let waiting = meta.partitions.iter().filter(|partition| partition.released || !all_served);
        released = waiting.map(|partition| partition.id).filter(|id| !named.contains(id)).collect();
    }
    Ok(changed(meta, LoadState::Loaded, fields, &released))
}

pub fn release(
    catalog: &Catalog,
    target: &CollectionRef,
    partitions: &[String],
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(target)?;
    if partitions.is_empty() {
        return Ok(changed(meta, LoadState::Released, &[], &BTreeSet::new()));
    }
    without_key(meta, "release partitions")?;
    let mut released = ids(meta, partitions)?;
    if meta.load == LoadState::Released {
        return Ok(None);
    }
    released.extend(meta.partitions.iter().filter(|partition| partition.released).map(|p| p.id));
    if released.len() == meta.partitions.len() {
        return Ok(changed(meta, LoadState::Released, &[], &BTreeSet::new()));
    }
    Ok(changed(meta, meta.load, &meta.load_fields, &released))
}

/// The record that brings about a load state; `None` when it is there already.
fn changed(
    meta: &CollectionMeta,
    load: LoadState,
    fields: &[String],
    released: &BTreeSet<PartitionId>,
) -> Option<CatalogRecord> {
    let present: BTreeSet<PartitionId> =
        meta.partitions.iter().filter(|partition| partition.released).map(|partition| partition.id).collect();
    if meta.load == load && meta.load_fields == fields && present == *released {
        return None;
    }
    Some(CatalogRecord::SetLoad {
        collection: meta.id,
        load,
        fields: fields.to_vec(),
        released: released.iter().copied().collect(),
    })
}

fn ids(meta: &CollectionMeta, names: &[String]) -> Result<BTreeSet<PartitionId>> {
    let id = |name: &String| match meta.partition(name) {
        Some(partition) => Ok(partition.id),
        None => {
            Err(Error::new(ErrorKind::PartitionNotFound, format!("partition not found[partition={name}]")))
        }
    };
    names.iter().map(id).collect()
}

/// A list of fields must hold whatever rows cannot do without.
fn check_fields(meta: &CollectionMeta, fields: &[String]) -> Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let known = |name: &str| meta.schema.field(name).is_some() || meta.schema.structure(name).is_some();
    if let Some(unknown) = fields.iter().find(|name| !known(name)) {
        return Err(field_not_found(unknown));
    }
    let list = fields.join(" ");
    let needed = [
        ("primary key", meta.schema.primary()),
        ("partition key", meta.schema.partition_key()),
        ("clustering key", meta.schema.fields.iter().find(|field| field.clustering_key)),
    ];
    for (role, field) in needed {
        if let Some(field) = field.filter(|field| !fields.contains(&field.name)) {
            return Err(invalid(format!(
                "load field list [{list}] does not contain {role} field {}",
                field.name
            )));
        }
    }
    if !meta.schema.vectors().any(|field| is_listed(meta, fields, field)) {
        return Err(invalid(format!("load field list [{list}] does not contain vector field")));
    }
    Ok(())
}

/// Whether a field is listed, by itself or with the struct array that it is a part of.
fn is_listed(meta: &CollectionMeta, fields: &[String], field: &FieldSchema) -> bool {
    let structure = meta.schema.structure_of(field.id);
    fields.contains(&field.name) || structure.is_some_and(|structure| fields.contains(&structure.name))
}

fn check_indexes(meta: &CollectionMeta, fields: &[String]) -> Result<()> {
    if meta.indexes.is_empty() {
        let message = format!("index not found[collection={}]", meta.name);
        return Err(Error::new(ErrorKind::IndexNotFound, message));
    }
    let wanted = meta.schema.vectors().filter(|field| fields.is_empty() || is_listed(meta, fields, field));
    let bare: Vec<&str> =
        wanted.filter(|field| meta.index_on(field.id).is_none()).map(|field| field.name.as_str()).collect();
    if bare.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "there is no vector index on field: [{}], please create index firstly",
        bare.join(" ")
    )))
}
