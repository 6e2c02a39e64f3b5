//! Properties of collections and databases: which values are legal, and how they change.

use crate::validate::{invalid, parse_bool};
use elanus_geotime::time::Zone;
use elanus_types::catalog::Properties;
use elanus_types::{CollectionMeta, Error, ErrorKind, FieldId, LoadState, Result};

/// Recall that searches aim at.
pub const RECALL_TARGET: &str = "recall_target";
/// Seconds after which rows vanish.
pub const TTL_SECONDS: &str = "collection.ttl.seconds";
/// Field that says when a row vanishes.
pub const TTL_FIELD: &str = "ttl_field";
/// Whether dynamic keys are stored; alter can only switch it on.
pub const DYNAMIC: &str = "dynamicfield.enabled";
/// Whether a filter must pin one partition key value.
pub const ISOLATION: &str = "partitionkey.isolation";
/// The collection's consistency level, by name or number.
pub const CONSISTENCY: &str = "consistency_level";
/// The collection's description.
pub const DESCRIPTION: &str = "collection.description";
/// Whether clients may send keys to an auto-id collection.
pub const ALLOW_INSERT_AUTO_ID: &str = "allow_insert_auto_id";
/// Time zone of moments, by IANA name.
pub const TIMEZONE: &str = "timezone";
/// Most collections of a database.
pub const MAX_COLLECTIONS: &str = "database.max.collections";

const MAX_TTL: i64 = 3_155_760_000;
const SWITCHES: &[&str] =
    &[DYNAMIC, ISOLATION, ALLOW_INSERT_AUTO_ID, "mmap.enabled", "collection.autocompaction.enabled"];
const LEVELS: [&str; 5] = ["Strong", "Session", "Bounded", "Eventually", "Customized"];

/// Checks the properties of a new collection.
pub fn check_new(properties: &Properties, has_partition_key: bool) -> Result<()> {
    values(properties)?;
    ttl_rules(properties)?;
    if is_on(properties, ISOLATION) && !has_partition_key {
        return Err(invalid(
            "partition key isolation mode is enabled but no partition key field is set. Please set the partition key first",
        ));
    }
    Ok(())
}

/// Whether a switch is set to true.
pub fn is_on(properties: &Properties, key: &str) -> bool {
    properties.get(key).and_then(|text| parse_bool(text)).unwrap_or(false)
}

/// Checks a change of a collection's properties and returns the properties after it.
pub fn altered(meta: &CollectionMeta, set: &Properties, remove: &[String]) -> Result<Properties> {
    let after = merged(&meta.properties, set, remove)?;
    let touches = |key: &str| set.contains_key(key) || remove.iter().any(|removed| removed == key);
    values(set)?;
    if touches(DYNAMIC) {
        dynamic_rules(set, remove)?;
    }
    ttl_rules(&after)?;
    if meta.load == LoadState::Loaded && (touches("mmap.enabled") || touches("lazyload.enabled")) {
        return Err(Error::new(
            ErrorKind::CollectionLoaded,
            format!(
                "can not alter mmap properties if collection loaded: collection already loaded[collection={}]",
                meta.name
            ),
        ));
    }
    if touches(ISOLATION) {
        isolation_rules(meta, &after)?;
    }
    Ok(after)
}

/// Applies `set` and `remove`, of which exactly one may be given.
pub fn merged(before: &Properties, set: &Properties, remove: &[String]) -> Result<Properties> {
    match (set.is_empty(), remove.is_empty()) {
        (true, true) => return Err(invalid("no properties or delete keys provided")),
        (false, false) => {
            return Err(invalid("can not provide properties and deletekeys at the same time"));
        }
        _ => {}
    }
    let mut after = before.clone();
    after.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
    after.retain(|key, _| !remove.contains(key));
    Ok(after)
}

/// The number of a consistency level given by name or number.
pub fn consistency_level(text: &str) -> Option<i32> {
    let by_name = LEVELS.iter().position(|level| level.eq_ignore_ascii_case(text));
    by_name
        .or_else(|| text.parse::<usize>().ok().filter(|level| *level < LEVELS.len()))
        .map(|level| level as i32)
}

/// The recall that searches of a field aim at, as its index says, or else the collection; `None` = the default.
pub fn recall_target(meta: &CollectionMeta, field: FieldId) -> Option<f32> {
    let of_index = meta.index_on(field).and_then(|index| index.params.get(RECALL_TARGET));
    elanus_ann::read_recall_target(of_index.or_else(|| meta.properties.get(RECALL_TARGET))?).ok()
}

/// Seconds after which the rows of a collection are gone; `None` = never.
pub fn ttl_seconds(properties: &Properties) -> Option<u64> {
    properties.get(TTL_SECONDS)?.trim().parse().ok().filter(|seconds| *seconds > 0)
}

/// The time zone of moments that state no offset, and in which they are shown: UTC where the collection names none.
pub fn zone(properties: &Properties) -> Zone {
    properties.get(TIMEZONE).and_then(|name| Zone::find(name).ok()).unwrap_or(Zone::UTC)
}

/// Refuses a time zone that does not exist.
pub fn check_zone(properties: &Properties) -> Result<()> {
    match properties.get(TIMEZONE).map(|name| Zone::find(name)) {
        Some(Err(error)) => Err(invalid(error)),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// The limit of collections that a database sets for itself.
pub fn max_collections(properties: &Properties) -> Option<usize> {
    properties.get(MAX_COLLECTIONS)?.trim().parse().ok()
}

fn values(properties: &Properties) -> Result<()> {
    check_zone(properties)?;
    for (key, value) in properties {
        if SWITCHES.contains(&key.as_str()) && parse_bool(value).is_none() {
            return Err(invalid(format!("invalid {key} value: {value}, expected: true, false")));
        }
        if key == RECALL_TARGET {
            elanus_ann::read_recall_target(value)?;
        }
        if key == CONSISTENCY && consistency_level(value).is_none() {
            return Err(invalid(format!(
                "invalid consistency_level: {value}, use one of {}",
                LEVELS.join(", ")
            )));
        }
    }
    Ok(())
}

fn ttl_rules(properties: &Properties) -> Result<()> {
    match (properties.get(TTL_FIELD), properties.contains_key(TTL_SECONDS)) {
        (Some(_), true) => {
            return Err(invalid("collection TTL and ttl field cannot be set at the same time"));
        }
        // A rule that never fires would be worse than a refusal.
        (Some(field), false) => {
            let message = format!("ttl_field ({field}) is not supported yet, use {TTL_SECONDS}");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        (None, _) => {}
    }
    let Some(text) = properties.get(TTL_SECONDS) else { return Ok(()) };
    match text.trim().parse::<i64>() {
        Ok(seconds) if (-1..=MAX_TTL).contains(&seconds) => Ok(()),
        _ => Err(invalid(format!("collection TTL is out of range, expect [-1, {MAX_TTL}], got {text}"))),
    }
}

fn dynamic_rules(set: &Properties, remove: &[String]) -> Result<()> {
    if set.len() + remove.len() > 1 {
        return Err(invalid("cannot alter dynamic schema with other properties at the same time"));
    }
    if !is_on(set, DYNAMIC) {
        return Err(invalid("dynamic schema cannot supported to be disabled"));
    }
    Ok(())
}

fn isolation_rules(meta: &CollectionMeta, after: &Properties) -> Result<()> {
    if is_on(after, ISOLATION) && meta.schema.partition_key().is_none() {
        return Err(invalid(
            "partition key isolation mode is enabled but no partition key field is set. Please set the partition key first",
        ));
    }
    let is_vector = |id| meta.schema.field_by_id(id).is_some_and(|field| field.data_type.is_vector());
    let changes = is_on(after, ISOLATION) != is_on(&meta.properties, ISOLATION);
    if changes && meta.indexes.iter().any(|index| is_vector(index.field)) {
        return Err(invalid(
            "can not alter partition key isolation mode if the collection already has a vector index. Please drop the index first",
        ));
    }
    Ok(())
}
