//! What exists, as a pure state machine.
//!
//! [`plan`] judges a change against the present picture and answers the record that makes it so; [`apply`]
//! makes the next picture from a record. Numbers and times are inside the record, so applying the same
//! records to the same picture always gives the same result: this is how a log replays.

mod apply;
mod plan;
mod record;

pub use apply::apply;
pub use plan::plan;
pub use record::CatalogRecord;

use elanus_types::catalog::{DEFAULT_DATABASE, Properties};
use elanus_types::{Catalog, DatabaseMeta, Timestamp};
use std::collections::BTreeMap;

/// The first number given to anything but the default database.
const FIRST_ID: i64 = 100;

/// The picture before the first record: the default database and nothing else.
pub fn initial() -> Catalog {
    let default = DatabaseMeta {
        id: 1,
        name: DEFAULT_DATABASE.to_owned(),
        properties: Properties::new(),
        created: Timestamp::ZERO,
    };
    Catalog {
        databases: BTreeMap::from([(default.name.clone(), default)]),
        collections: BTreeMap::new(),
        aliases: BTreeMap::new(),
        next_id: FIRST_ID,
    }
}

#[cfg(test)]
mod tests;
