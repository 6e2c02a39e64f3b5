//! Load and release. Loading is a matter of state only: files are mapped when first used.

mod load_collection;
mod load_partitions;
mod progress;
mod release_collection;
mod release_partitions;
mod replicas;
mod state;

use super::resource_group;
use crate::call::Call;
use elanus_types::{CollectionMeta, CollectionRef, Error, ErrorKind, LoadState, Result};
pub(super) use load_collection::load_collection;
pub(super) use load_partitions::load_partitions;
pub(super) use progress::get_loading_progress;
pub(super) use release_collection::release_collection;
pub(super) use release_partitions::release_partitions;
pub(super) use replicas::get_replicas;
pub(super) use state::get_load_state;

fn not_loaded(meta: &CollectionMeta) -> Error {
    Error::new(ErrorKind::CollectionNotLoaded, format!("collection not loaded[collection={}]", meta.id))
}

/// One node holds one replica, in its own group.
fn check_placement(replicas: i32, groups: &[String]) -> Result<()> {
    groups.iter().try_for_each(|group| resource_group::known(group))?;
    if replicas <= 1 {
        return Ok(());
    }
    let message =
        format!("replica_number [{replicas}] is invalid, one node holds one replica: leave it out or use 1");
    Err(Error::invalid(message))
}

/// A refresh has nothing to do: loaded collections serve every row at once.
fn check_refresh(call: &Call, target: &CollectionRef) -> Result<()> {
    let meta = call.collection(target)?;
    if meta.load == LoadState::Loaded { Ok(()) } else { Err(not_loaded(&meta)) }
}

fn some_partition(names: &[String]) -> Result<()> {
    if names.is_empty() { Err(Error::invalid("due to no partition specified")) } else { Ok(()) }
}
