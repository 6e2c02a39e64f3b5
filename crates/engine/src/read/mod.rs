//! Reads: pin a snapshot, filter and search its segments on the pool, merge, fetch output fields late.

mod aggregate;
mod batches;
mod best;
mod dedup;
mod elements;
mod expiry;
mod explain;
mod group;
mod hybrid;
mod interner;
mod keys;
mod lists;
mod merge;
mod minhash;
mod operand;
mod order;
mod output;
mod path;
mod query;
mod scalar;
mod search;
mod snapshot;
mod sorted;
mod target;

pub use expiry::Expiry;
pub use snapshot::require_loaded;

use crate::validate::{invalid, properties};
use elanus_geotime::time::Zone;
use elanus_types::input::FilterText;
use elanus_types::{CollectionMeta, Result, Value};
use xxhash_rust::xxh3::xxh3_64;

/// The time zone of a request: its own, or else the collection's.
pub fn zone(meta: &CollectionMeta, filter: &FilterText) -> Result<Zone> {
    match filter.timezone.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Zone::find(name).map_err(invalid),
        None => Ok(properties::zone(&meta.properties)),
    }
}

/// The partition (by place) of a partition key's value. Part of the data's layout: never changes.
pub fn partition_slot(key: &Value, partitions: usize) -> usize {
    let hash = match key {
        Value::Int(value) => xxh3_64(&value.to_le_bytes()),
        Value::Str(value) => xxh3_64(value.as_bytes()),
        Value::Null
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Array(_)
        | Value::Json(_)
        | Value::Bytes(_) => 0,
    };
    (hash % partitions.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_slots_are_fixed_for_ever() {
        let slots: Vec<usize> = (0..8).map(|key| partition_slot(&Value::Int(key), 16)).collect();
        let again: Vec<usize> = (0..8).map(|key| partition_slot(&Value::Int(key), 16)).collect();
        assert_eq!(slots, again);
        assert!(slots.iter().any(|slot| *slot != slots[0]), "keys spread");
        assert_eq!(partition_slot(&Value::Str("a".into()), 0), 0);
    }
}
