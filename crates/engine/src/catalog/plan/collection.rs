//! Collections.

use crate::catalog::CatalogRecord;
use crate::db::NewCollection;
use crate::validate::properties::{self, TIMEZONE};
use crate::validate::{Limits, defaults, invalid, names, schema};
use elanus_types::catalog::{DEFAULT_PARTITION, Properties};
use elanus_types::{
    Catalog, CollectionMeta, CollectionRef, CollectionSchema, Error, ErrorKind, FieldSchema, LoadState,
    PartitionMeta, Result, Timestamp,
};
use std::sync::Arc;

pub fn create(
    catalog: &Catalog,
    spec: &NewCollection,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<CatalogRecord>> {
    let CollectionRef { database, name } = &spec.target;
    catalog.database(database)?;
    let (mut schema, next_field_id) = schema::new_collection(spec, limits)?;
    let properties = first_properties(catalog, spec);
    let zone = properties::zone(&properties);
    schema.fields.iter_mut().try_for_each(|field| defaults::keep_stored(field, &zone))?;
    let partitions = schema::partition_count(spec, limits)?;
    if catalog.alias(database, name).is_some() {
        return Err(Error::new(
            ErrorKind::AliasCollectionNameConflict,
            format!(
                "collection name [{name}] conflicts with an existing alias, please choose a unique name: alias and collection name conflict[database={database}][alias={name}]"
            ),
        ));
    }
    let meta = CollectionMeta {
        id: catalog.next_id,
        name: name.clone(),
        database: database.clone(),
        partitions: first_partitions(&schema, partitions, catalog.next_id + 1, now),
        schema: Arc::new(schema),
        indexes: Vec::new(),
        properties,
        shards: spec.shards.max(1),
        consistency_level: first_level(spec),
        created: now,
        updated: now,
        load: LoadState::NotLoaded,
        load_fields: Vec::new(),
        next_field_id,
    };
    if let Some(existing) = catalog.find(database, name) {
        return if same(existing, &meta) {
            Ok(None)
        } else {
            Err(invalid(format!("create duplicate collection with different parameters, collection: {name}")))
        };
    }
    room_for_one_more(catalog, database, limits)?;
    if catalog.collections.len() >= limits.collections {
        return Err(too_many(limits.collections));
    }
    Ok(Some(CatalogRecord::CreateCollection(Box::new(meta))))
}

/// `_default`, or `_default_0`… with a partition key.
fn first_partitions(
    schema: &CollectionSchema,
    count: usize,
    first_id: i64,
    now: Timestamp,
) -> Vec<PartitionMeta> {
    let keyed = schema.partition_key().is_some();
    let name = |i| if keyed { format!("{DEFAULT_PARTITION}_{i}") } else { DEFAULT_PARTITION.to_owned() };
    let ids = (first_id..).take(count).enumerate();
    ids.map(|(i, id)| PartitionMeta { id, name: name(i), created: now, released: false }).collect()
}

/// The properties asked for, and the time zone of the database: changing that later must not change what the rows of
/// its collections mean.
fn first_properties(catalog: &Catalog, spec: &NewCollection) -> Properties {
    let CollectionRef { database, name } = &spec.target;
    let mut all = spec.properties.clone();
    let of_database = catalog.databases.get(database).and_then(|database| database.properties.get(TIMEZONE));
    // A repetition of the call that created a collection compares with what it was given then.
    let existing = catalog.find(database, name).map(|meta| meta.properties.get(TIMEZONE));
    if let Some(zone) = existing.unwrap_or(of_database) {
        all.entry(TIMEZONE.to_owned()).or_insert_with(|| zone.clone());
    }
    all
}

fn first_level(spec: &NewCollection) -> i32 {
    let property = spec.properties.get(properties::CONSISTENCY);
    property.and_then(|text| properties::consistency_level(text)).unwrap_or(spec.consistency_level)
}

/// Whether creating `wanted` where `existing` stands is a repetition.
fn same(existing: &CollectionMeta, wanted: &CollectionMeta) -> bool {
    existing.schema.description == wanted.schema.description
        && existing.schema.fields == wanted.schema.fields
        && existing.schema.structs == wanted.schema.structs
        && existing.shards == wanted.shards
        && existing.consistency_level == wanted.consistency_level
        && existing.properties == wanted.properties
        && (wanted.schema.partition_key().is_none() || existing.partitions.len() == wanted.partitions.len())
}

fn room_for_one_more(catalog: &Catalog, database: &str, limits: &Limits) -> Result<()> {
    let own = properties::max_collections(&catalog.database(database)?.properties);
    let most = own.unwrap_or(limits.collections_per_database);
    if catalog.collections_in(database).count() >= most { Err(too_many(most)) } else { Ok(()) }
}

fn too_many(limit: usize) -> Error {
    let message = format!("exceeded the limit number of collections[limit={limit}]");
    Error::new(ErrorKind::TooManyCollections, message)
}

pub fn remove(catalog: &Catalog, target: &CollectionRef) -> Result<Option<CatalogRecord>> {
    let CollectionRef { database, name } = target;
    if catalog.alias(database, name).is_some() {
        return Err(invalid(format!("cannot drop the collection via alias = {name}")));
    }
    let Some(meta) = catalog.find(database, name) else { return Ok(None) };
    let aliases = catalog.aliases_of(meta.id);
    if !aliases.is_empty() {
        return Err(invalid(format!(
            "unable to drop the collection [{name}] because it has associated aliases [{}], please remove all aliases before dropping the collection",
            aliases.join(" ")
        )));
    }
    Ok(Some(CatalogRecord::DropCollection { collection: meta.id }))
}

pub fn rename(
    catalog: &Catalog,
    target: &CollectionRef,
    to: &CollectionRef,
    limits: &Limits,
) -> Result<CatalogRecord> {
    names::collection(&to.name, limits)?;
    if target == to {
        return Err(invalid("collection name or database name should be different"));
    }
    catalog.database(&target.database)?;
    catalog.database(&to.database)?;
    if catalog.alias(&target.database, &target.name).is_some() {
        return Err(invalid(format!("unsupported use an alias to rename collection, alias:{}", target.name)));
    }
    let Some(meta) = catalog.find(&target.database, &target.name) else {
        return Err(Error::collection_not_found(&target.database, &target.name));
    };
    if catalog.resolve(to).is_ok() {
        return Err(invalid(format!(
            "duplicated new collection name {}:{} with other collection name or alias",
            to.database, to.name
        )));
    }
    if target.database != to.database {
        if !catalog.aliases_of(meta.id).is_empty() {
            return Err(invalid(
                "fail to rename db name, must drop all aliases of this collection before rename",
            ));
        }
        room_for_one_more(catalog, &to.database, limits)?;
    }
    Ok(CatalogRecord::RenameCollection {
        collection: meta.id,
        database: to.database.clone(),
        name: to.name.clone(),
    })
}

pub fn alter(
    catalog: &Catalog,
    target: &CollectionRef,
    set: &Properties,
    remove: &[String],
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(target)?;
    let properties = properties::altered(meta, set, remove)?;
    let mut schema = meta.schema.clone();
    let mut next_field_id = meta.next_field_id;
    if properties::is_on(set, properties::DYNAMIC) && schema.dynamic().is_none() {
        Arc::make_mut(&mut schema).fields.push(schema::dynamic_field(next_field_id));
        next_field_id += 1;
    }
    if let Some(text) = set.get(properties::DESCRIPTION).filter(|text| **text != meta.schema.description) {
        if text.len() > limits.description_length {
            return Err(invalid(format!(
                "the description of collection {} has {} bytes, at most {} are allowed",
                meta.name,
                text.len(),
                limits.description_length
            )));
        }
        Arc::make_mut(&mut schema).description = text.clone();
    }
    let level = set.get(properties::CONSISTENCY).and_then(|text| properties::consistency_level(text));
    let consistency_level = level.unwrap_or(meta.consistency_level);
    let reshaped = schema != meta.schema;
    if reshaped {
        Arc::make_mut(&mut schema).version += 1;
    }
    let unchanged = !reshaped && properties == meta.properties && consistency_level == meta.consistency_level;
    Ok((!unchanged).then(|| CatalogRecord::AlterCollection {
        collection: meta.id,
        properties,
        consistency_level,
        schema,
        next_field_id,
        updated: if reshaped { now } else { meta.updated },
    }))
}

/// Adds a field before the dynamic one, which stays the last.
pub fn add_field(
    catalog: &Catalog,
    target: &CollectionRef,
    field: &FieldSchema,
    limits: &Limits,
    now: Timestamp,
) -> Result<CatalogRecord> {
    let meta = catalog.resolve(target)?;
    schema::check_added(meta, field, limits)?;
    let mut schema = CollectionSchema::clone(&meta.schema);
    let place = schema.fields.iter().position(|field| field.dynamic).unwrap_or(schema.fields.len());
    let mut field = FieldSchema { id: meta.next_field_id, ..field.clone() };
    defaults::keep_stored(&mut field, &properties::zone(&meta.properties))?;
    schema.fields.insert(place, field);
    schema.version += 1;
    Ok(CatalogRecord::AlterCollection {
        collection: meta.id,
        properties: meta.properties.clone(),
        consistency_level: meta.consistency_level,
        schema: Arc::new(schema),
        next_field_id: meta.next_field_id + 1,
        updated: now,
    })
}

/// Gives every partition another number: whatever belongs to the old ones, in files, memory or log, is gone.
pub fn truncate(catalog: &Catalog, target: &CollectionRef) -> Result<CatalogRecord> {
    let meta = catalog.resolve(target)?;
    let renumbered = |(id, partition): (i64, &PartitionMeta)| PartitionMeta { id, ..partition.clone() };
    let partitions = (catalog.next_id..).zip(&meta.partitions).map(renumbered).collect();
    Ok(CatalogRecord::Truncate { collection: meta.id, partitions })
}
