//! From one picture to the next.

use super::CatalogRecord;
use elanus_types::{Catalog, CollectionId, CollectionMeta};
use std::sync::Arc;

/// The picture after `record`.
///
/// Total: a record about something that does not exist changes nothing, and applying a record twice is the
/// same as once, so a replay may overlap a checkpoint.
pub fn apply(catalog: &Catalog, record: &CatalogRecord) -> Catalog {
    let mut next = catalog.clone();
    if let Some(id) = record.largest_id() {
        next.next_id = next.next_id.max(id.saturating_add(1));
    }
    match record {
        CatalogRecord::CreateDatabase(database) => {
            next.databases.insert(database.name.clone(), database.clone());
        }
        CatalogRecord::AlterDatabase { name, properties } => {
            if let Some(database) = next.databases.get_mut(name) {
                database.properties = properties.clone();
            }
        }
        CatalogRecord::DropDatabase { name } => {
            next.databases.remove(name);
            next.aliases.remove(name);
        }
        CatalogRecord::CreateCollection(meta) => {
            next.collections.insert(meta.id, Arc::new(meta.as_ref().clone()));
        }
        CatalogRecord::DropCollection { collection } => drop_collection(&mut next, *collection),
        CatalogRecord::SetAlias { database, alias, collection } => {
            next.aliases.entry(database.clone()).or_default().insert(alias.clone(), *collection);
        }
        CatalogRecord::DropAlias { database, alias } => drop_alias(&mut next, database, alias),
        CatalogRecord::RenameCollection { collection, .. }
        | CatalogRecord::AlterCollection { collection, .. }
        | CatalogRecord::Truncate { collection, .. }
        | CatalogRecord::CreatePartition { collection, .. }
        | CatalogRecord::DropPartition { collection, .. }
        | CatalogRecord::CreateIndex { collection, .. }
        | CatalogRecord::DropIndexes { collection, .. }
        | CatalogRecord::SetLoad { collection, .. } => {
            if let Some(meta) = next.collections.get_mut(collection) {
                change(Arc::make_mut(meta), record);
            }
        }
    }
    next
}

fn drop_collection(catalog: &mut Catalog, collection: CollectionId) {
    catalog.collections.remove(&collection);
    for aliases in catalog.aliases.values_mut() {
        aliases.retain(|_, target| *target != collection);
    }
    catalog.aliases.retain(|_, aliases| !aliases.is_empty());
}

fn drop_alias(catalog: &mut Catalog, database: &str, alias: &str) {
    if let Some(aliases) = catalog.aliases.get_mut(database) {
        aliases.remove(alias);
        if aliases.is_empty() {
            catalog.aliases.remove(database);
        }
    }
}

/// Records that change one collection.
fn change(meta: &mut CollectionMeta, record: &CatalogRecord) {
    match record {
        CatalogRecord::RenameCollection { database, name, .. } => {
            (meta.database, meta.name) = (database.clone(), name.clone());
        }
        CatalogRecord::AlterCollection {
            properties,
            consistency_level,
            schema,
            next_field_id,
            updated,
            ..
        } => {
            meta.properties = properties.clone();
            meta.consistency_level = *consistency_level;
            meta.schema = schema.clone();
            meta.next_field_id = *next_field_id;
            meta.updated = *updated;
        }
        CatalogRecord::Truncate { partitions, .. } => meta.partitions = partitions.clone(),
        CatalogRecord::CreatePartition { partition, .. } => {
            meta.partitions.retain(|other| other.id != partition.id);
            meta.partitions.push(partition.clone());
        }
        CatalogRecord::DropPartition { partition, .. } => {
            meta.partitions.retain(|other| other.id != *partition);
        }
        CatalogRecord::CreateIndex { index, .. } => {
            meta.indexes.retain(|other| other.id != index.id);
            meta.indexes.push(index.clone());
        }
        CatalogRecord::DropIndexes { indexes, .. } => {
            meta.indexes.retain(|index| !indexes.contains(&index.id));
        }
        CatalogRecord::SetLoad { load, fields, released, .. } => {
            (meta.load, meta.load_fields) = (*load, fields.clone());
            for partition in &mut meta.partitions {
                partition.released = released.contains(&partition.id);
            }
        }
        _ => {}
    }
}
