//! Partitions.

mod create;
mod drop;
mod has;
mod show;
mod statistics;

pub(super) use create::create_partition;
pub(super) use drop::drop_partition;
use elanus_types::{CollectionMeta, Error, ErrorKind, PartitionMeta, Result};
pub(super) use has::has_partition;
pub(super) use show::show_partitions;
pub(super) use statistics::get_partition_statistics;

/// The partition of this name, or Milvus's error 200.
fn one<'a>(meta: &'a CollectionMeta, name: &str) -> Result<&'a PartitionMeta> {
    meta.partition(name).ok_or_else(|| {
        Error::new(ErrorKind::PartitionNotFound, format!("partition not found[partition={name}]"))
    })
}

/// The partitions of these names, each of which must exist; all when none is named.
pub(super) fn named<'a>(
    meta: &'a CollectionMeta,
    names: &'a [String],
) -> Result<impl Iterator<Item = &'a PartitionMeta>> {
    names.iter().try_for_each(|name| one(meta, name).map(drop))?;
    Ok(meta.partitions.iter().filter(|partition| names.is_empty() || names.contains(&partition.name)))
}
