//! Aliases: second names that point at one collection of the same database.

use crate::catalog::CatalogRecord;
use crate::validate::{Limits, names};
use elanus_types::{Catalog, CollectionMeta, CollectionRef, Error, ErrorKind, Result};

/// The collection an alias is to point at; aliases of aliases do not exist.
fn real_collection<'a>(catalog: &'a Catalog, target: &CollectionRef) -> Result<&'a CollectionMeta> {
    catalog.database(&target.database)?;
    match catalog.find(&target.database, &target.name) {
        Some(meta) => Ok(meta),
        None => Err(Error::collection_not_found(&target.database, &target.name)),
    }
}

fn not_a_collection(catalog: &Catalog, database: &str, alias: &str) -> Result<()> {
    if catalog.find(database, alias).is_none() {
        return Ok(());
    }
    let message = format!("alias and collection name conflict[database={database}][alias={alias}]");
    Err(Error::new(ErrorKind::AliasCollectionNameConflict, message))
}

fn set(target: &CollectionRef, alias: &str, meta: &CollectionMeta) -> CatalogRecord {
    CatalogRecord::SetAlias {
        database: target.database.clone(),
        alias: alias.to_owned(),
        collection: meta.id,
    }
}

pub fn create(
    catalog: &Catalog,
    target: &CollectionRef,
    alias: &str,
    limits: &Limits,
) -> Result<Option<CatalogRecord>> {
    names::alias(alias, limits)?;
    let database = &target.database;
    catalog.database(database)?;
    not_a_collection(catalog, database, alias)?;
    let meta = real_collection(catalog, target)?;
    match catalog.alias(database, alias) {
        Some(present) if present.id == meta.id => Ok(None),
        Some(present) => Err(Error::new(
            ErrorKind::AliasExists,
            format!(
                "{alias} is alias to another collection: {}: alias already exist[database={database}][alias={alias}]",
                present.name
            ),
        )),
        None => Ok(Some(set(target, alias, meta))),
    }
}

pub fn alter(
    catalog: &Catalog,
    target: &CollectionRef,
    alias: &str,
    limits: &Limits,
) -> Result<Option<CatalogRecord>> {
    names::alias(alias, limits)?;
    let database = &target.database;
    catalog.database(database)?;
    not_a_collection(catalog, database, alias)?;
    let meta = real_collection(catalog, target)?;
    match catalog.alias(database, alias) {
        Some(present) if present.id == meta.id => Ok(None),
        Some(_) => Ok(Some(set(target, alias, meta))),
        None => Err(Error::new(
            ErrorKind::AliasNotFound,
            format!("alias not found[database={database}][alias={alias}]"),
        )),
    }
}

pub fn remove(catalog: &Catalog, database: &str, alias: &str) -> Result<Option<CatalogRecord>> {
    catalog.database(database)?;
    let there = catalog.alias(database, alias).is_some();
    Ok(there.then(|| CatalogRecord::DropAlias { database: database.to_owned(), alias: alias.to_owned() }))
}
