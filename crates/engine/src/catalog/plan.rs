//! Judging a change and deciding what it comes to.

mod alias;
mod collection;
mod database;
mod index;
mod load;
mod partition;

use super::CatalogRecord;
use crate::db::CatalogChange;
use crate::validate::Limits;
use elanus_types::{Catalog, Result, Timestamp};

/// The record that carries out `change`; `None` when there is nothing to do (what Milvus treats as success).
///
/// `now` must be later than every timestamp in the catalog.
pub fn plan(
    catalog: &Catalog,
    change: &CatalogChange,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<CatalogRecord>> {
    match change {
        CatalogChange::CreateDatabase { name, properties } => {
            database::create(catalog, name, properties, limits, now).map(Some)
        }
        CatalogChange::DropDatabase { name } => database::remove(catalog, name),
        CatalogChange::AlterDatabase { name, set, remove } => database::alter(catalog, name, set, remove),
        CatalogChange::CreateCollection(spec) => collection::create(catalog, spec, limits, now),
        CatalogChange::DropCollection(target) => collection::remove(catalog, target),
        CatalogChange::RenameCollection { target, to } => {
            collection::rename(catalog, target, to, limits).map(Some)
        }
        CatalogChange::AlterCollection { target, set, remove } => {
            collection::alter(catalog, target, set, remove, limits, now)
        }
        CatalogChange::AddField { target, field } => {
            collection::add_field(catalog, target, field, limits, now).map(Some)
        }
        CatalogChange::Truncate(target) => collection::truncate(catalog, target).map(Some),
        CatalogChange::AlterIndex { target, name, set, remove } => {
            index::alter(catalog, target, name, set, remove)
        }
        CatalogChange::CreatePartition { target, name } => {
            partition::create(catalog, target, name, limits, now)
        }
        CatalogChange::DropPartition { target, name } => partition::remove(catalog, target, name, limits),
        CatalogChange::CreateIndex(spec) => index::create(catalog, spec, limits, now),
        CatalogChange::DropIndex { target, name, field } => index::remove(catalog, target, name, field),
        CatalogChange::CreateAlias { target, alias } => alias::create(catalog, target, alias, limits),
        CatalogChange::AlterAlias { target, alias } => alias::alter(catalog, target, alias, limits),
        CatalogChange::DropAlias { database, alias } => alias::remove(catalog, database, alias),
        CatalogChange::Load { target, partitions, fields } => load::load(catalog, target, partitions, fields),
        CatalogChange::Release { target, partitions } => load::release(catalog, target, partitions),
    }
}
