//! Indexes as the user asks for them; building them is somebody else's work.

use crate::catalog::CatalogRecord;
use crate::db::NewIndex;
use crate::validate::index::{IndexAction, check_switch, new_index};
use crate::validate::{Limits, invalid, properties};
use elanus_types::catalog::Properties;
use elanus_types::{Catalog, CollectionRef, Error, ErrorKind, IndexMeta, LoadState, Result, Timestamp};

pub fn create(
    catalog: &Catalog,
    spec: &NewIndex,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(&spec.target)?;
    Ok(match new_index(meta, spec, limits)? {
        IndexAction::AlreadyThere => None,
        IndexAction::Create(index) => Some(CatalogRecord::CreateIndex {
            collection: meta.id,
            index: IndexMeta { id: catalog.next_id, created: now, ..*index },
        }),
    })
}

/// By index name, else by field, else every index of the collection.
pub fn remove(
    catalog: &Catalog,
    target: &CollectionRef,
    name: &str,
    field: &str,
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(target)?;
    let field_id = meta.schema.field(field).map(|field| field.id);
    let meant = |index: &&IndexMeta| match (name, field) {
        ("", "") => true,
        ("", _) => field_id == Some(index.field),
        _ => index.name == name,
    };
    let doomed: Vec<&IndexMeta> = meta.indexes.iter().filter(meant).collect();
    let on_vector = |index: &&IndexMeta| {
        meta.schema.field_by_id(index.field).is_some_and(|field| field.data_type.is_vector())
    };
    if meta.load == LoadState::Loaded && doomed.iter().any(on_vector) {
        return Err(invalid(format!("vector index cannot be dropped on loaded collection: {}", meta.id)));
    }
    let indexes: Vec<i64> = doomed.iter().map(|index| index.id).collect();
    Ok((!indexes.is_empty()).then_some(CatalogRecord::DropIndexes { collection: meta.id, indexes }))
}

/// Parameters that an index may change without being built anew.
fn is_alterable(key: &str) -> bool {
    matches!(key, "mmap.enabled" | "offset_cache.enabled" | "indexoffsetcache.enabled")
        || key.starts_with("warmup")
}

/// Changes parameters that only say how the index is served.
pub fn alter(
    catalog: &Catalog,
    target: &CollectionRef,
    name: &str,
    set: &Properties,
    remove: &[String],
) -> Result<Option<CatalogRecord>> {
    let meta = catalog.resolve(target)?;
    let Some(index) = meta.index(name) else {
        return Err(Error::new(ErrorKind::IndexNotFound, format!("index not found[indexName={name}]")));
    };
    if let Some(key) = set.keys().chain(remove).find(|key| !is_alterable(key)) {
        return Err(invalid(format!("{key} is not a configable index property")));
    }
    for (key, value) in set.iter().filter(|(key, _)| key.ends_with(".enabled")) {
        check_switch(key, value)?;
    }
    let params = properties::merged(&index.params, set, remove)?;
    if meta.load == LoadState::Loaded {
        return Err(Error::new(
            ErrorKind::CollectionLoaded,
            format!(
                "can't alter index on loaded collection, please release the collection first: collection already loaded[collection={}]",
                meta.name
            ),
        ));
    }
    if params == index.params {
        return Ok(None);
    }
    let mut index = IndexMeta { params, ..index.clone() };
    index.user_params.retain(|(key, _)| !set.contains_key(key) && !remove.contains(key));
    index.user_params.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Some(CatalogRecord::CreateIndex { collection: meta.id, index }))
}
