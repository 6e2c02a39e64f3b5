//! Partitions. With a partition key they belong to the database: nobody creates or drops them by name.

use crate::catalog::CatalogRecord;
use crate::validate::{Limits, invalid, names};
use elanus_types::catalog::DEFAULT_PARTITION;
use elanus_types::{Catalog, CollectionMeta, CollectionRef, LoadState, PartitionMeta, Result, Timestamp};

/// Refuses an action on named partitions where a partition key rules.
pub(super) fn without_key(meta: &CollectionMeta, action: &str) -> Result<()> {
    if meta.schema.partition_key().is_none() {
        return Ok(());
    }
    Err(invalid(format!("disable {action} if partition key mode is used")))
}

pub fn create(
    catalog: &Catalog,
    target: &CollectionRef,
    name: &str,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<CatalogRecord>> {
    names::partition(name, limits)?;
    let meta = catalog.resolve(target)?;
    without_key(meta, "create partition")?;
    if meta.partition(name).is_some() {
        return Ok(None);
    }
    if meta.partitions.len() >= limits.partitions {
        return Err(invalid(format!(
            "partition number ({}) exceeds max configuration ({}), collection: {}",
            meta.partitions.len(),
            limits.partitions,
            meta.name
        )));
    }
    let partition =
        PartitionMeta { id: catalog.next_id, name: name.to_owned(), created: now, released: false };
    Ok(Some(CatalogRecord::CreatePartition { collection: meta.id, partition }))
}

pub fn remove(
    catalog: &Catalog,
    target: &CollectionRef,
    name: &str,
    limits: &Limits,
) -> Result<Option<CatalogRecord>> {
    names::partition(name, limits)?;
    let meta = catalog.resolve(target)?;
    without_key(meta, "drop partition")?;
    if name == DEFAULT_PARTITION {
        return Err(invalid("default partition cannot be deleted"));
    }
    let Some(partition) = meta.partition(name) else { return Ok(None) };
    if meta.load == LoadState::Loaded && !partition.released {
        return Err(invalid("partition cannot be dropped, partition is loaded, please release it first"));
    }
    Ok(Some(CatalogRecord::DropPartition { collection: meta.id, partition: partition.id }))
}
