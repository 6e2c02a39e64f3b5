//! Databases.

use crate::catalog::CatalogRecord;
use crate::validate::{Limits, invalid, names, properties};
use elanus_types::catalog::{DEFAULT_DATABASE, Properties};
use elanus_types::{Catalog, DatabaseMeta, Error, ErrorKind, Result, Timestamp};

/// Not idempotent: an existing name is an error, as in Milvus.
pub fn create(
    catalog: &Catalog,
    name: &str,
    properties: &Properties,
    limits: &Limits,
    now: Timestamp,
) -> Result<CatalogRecord> {
    names::database(name, limits)?;
    check_values(properties)?;
    if catalog.databases.contains_key(name) {
        return Err(invalid(format!("database already exist: {name}")));
    }
    if catalog.databases.len() >= limits.databases {
        let message = format!("exceeded the limit number of database[limit={}]", limits.databases);
        return Err(Error::new(ErrorKind::TooManyDatabases, message));
    }
    Ok(CatalogRecord::CreateDatabase(DatabaseMeta {
        id: catalog.next_id,
        name: name.to_owned(),
        properties: properties.clone(),
        created: now,
    }))
}

pub fn remove(catalog: &Catalog, name: &str) -> Result<Option<CatalogRecord>> {
    if name == DEFAULT_DATABASE {
        return Err(invalid("can not drop default database"));
    }
    if !catalog.databases.contains_key(name) {
        return Ok(None);
    }
    if catalog.collections_in(name).next().is_some() {
        return Err(invalid(format!(
            "database:{name} not empty, must drop all collections before drop database"
        )));
    }
    Ok(Some(CatalogRecord::DropDatabase { name: name.to_owned() }))
}

pub fn alter(
    catalog: &Catalog,
    name: &str,
    set: &Properties,
    remove: &[String],
) -> Result<Option<CatalogRecord>> {
    let database = catalog.database(name)?;
    let after = properties::merged(&database.properties, set, remove)?;
    check_values(set)?;
    let changed = after != database.properties;
    Ok(changed.then(|| CatalogRecord::AlterDatabase { name: name.to_owned(), properties: after }))
}

fn check_values(set: &Properties) -> Result<()> {
    properties::check_zone(set)?;
    match set.get(properties::MAX_COLLECTIONS) {
        Some(text) if properties::max_collections(set).is_none() => Err(invalid(format!(
            "invalid {} value: {text}, expected a whole number",
            properties::MAX_COLLECTIONS
        ))),
        _ => Ok(()),
    }
}
