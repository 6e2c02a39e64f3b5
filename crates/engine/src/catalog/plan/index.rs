//! Indexes as the user asks for them; building them is somebody else's work.

use crate::catalog::CatalogRecord;
use crate::db::NewIndex;
use crate::validate::index::{IndexAction, new_index};
use crate::validate::{Limits, invalid};
use elanus_types::{Catalog, CollectionRef, IndexMeta, LoadState, Result, Timestamp};

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
