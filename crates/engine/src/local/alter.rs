//! Changes of the catalog: one log record each, durable before anybody sees them.

use super::{World, checkpoint};
use crate::catalog::{self, CatalogRecord};
use crate::collection::COLLECTIONS_DIR;
use crate::db::CatalogChange;
use crate::log::Record;
use elanus_storage::disk::join;
use elanus_types::{CollectionId, ErrorKind, Result, Timestamp};
use std::sync::atomic::Ordering;

impl World {
    /// Validates, logs and publishes a change.
    pub fn alter(&self, change: &CatalogChange) -> Result<()> {
        let _ddl = self.ddl.lock();
        let before = self.catalog();
        let now = self.oracle.next();
        let Some(record) = catalog::plan(&before, change, &self.options.limits, now)? else {
            return Ok(());
        };
        self.even_if_full(change, || self.log_change(now, &record))?;
        self.after(change);
        Ok(())
    }

    fn log_change(&self, timestamp: Timestamp, change: &CatalogRecord) -> Result<()> {
        let ticket = self.enqueue(&Record::Catalog { timestamp, change: Box::new(change.clone()) })?;
        self.log.wait(&ticket)?;
        checkpoint::publish(self, catalog::apply(&self.catalog(), change));
        self.catalog_changed();
        Ok(())
    }

    /// What a change sets in motion besides the catalog.
    fn after(&self, change: &CatalogChange) {
        match change {
            CatalogChange::CreateIndex(index) => self.hurry(&index.target),
            CatalogChange::Load { target, .. } => self.hurry(target),
            CatalogChange::DropCollection(_) => self.remove_dropped_folders(),
            _ => {}
        }
    }

    /// Lets maintenance of a collection begin at once instead of waiting for quiet.
    fn hurry(&self, target: &elanus_types::CollectionRef) {
        if let Ok((_, collection)) = self.resolve(target) {
            collection.urgent.store(true, Ordering::Relaxed);
        }
    }

    /// Numbers of all collections that have a folder.
    pub fn collection_folders(&self) -> Result<Vec<CollectionId>> {
        let folders = match self.disk.list(COLLECTIONS_DIR) {
            // No collection was ever opened.
            Err(error) if error.kind() == ErrorKind::Io => return Ok(Vec::new()),
            folders => folders?,
        };
        Ok(folders.iter().filter_map(|name| name.strip_suffix('/')?.parse().ok()).collect())
    }

    /// Removes the files of collections that are not in the catalog. Their numbers are never used again.
    pub fn remove_dropped_folders(&self) {
        let catalog = self.catalog();
        let folders = match self.collection_folders() {
            Ok(folders) => folders,
            Err(error) => return tracing::warn!(%error, "cannot list collection folders"),
        };
        for id in folders.into_iter().filter(|id| !catalog.collections.contains_key(id)) {
            let dir = join(COLLECTIONS_DIR, &id.to_string());
            if let Err(error) = self.disk.remove_dir_all(&dir) {
                tracing::warn!(%error, dir, "cannot remove the files of a dropped collection, will try at the next start");
            }
        }
    }
}
