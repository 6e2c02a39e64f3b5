//! The metrics text: calls, then what is true at this moment.

use super::calls::{CALLS, DURATIONS};
use super::picture::{self, Picture};
use elanus_engine::Db;
use elanus_runtime::metrics::{Family, Gauge, Metric, render};
use std::time::Duration;

/// A number per collection, with how it is taken.
type PerCollection = (&'static str, &'static str, fn(&Picture) -> f64);

const PER_COLLECTION: &[PerCollection] = &[
    ("elanus_rows", "Rows that a query sees.", |c| c.status.rows as f64),
    ("elanus_deleted_rows", "Rows kept though deleted.", |c| c.deleted() as f64),
    ("elanus_sealed_segments", "Segments in files.", |c| c.segments(true) as f64),
    ("elanus_growing_segments", "Segments in memory.", |c| c.segments(false) as f64),
    ("elanus_disk_bytes", "Size of the files of segments.", |c| c.disk_bytes() as f64),
    ("elanus_memory_bytes", "Heap of segments; mapped files do not count.", |c| c.memory_bytes() as f64),
    ("elanus_index_pending_rows", "Rows whose index is still to be built.", |c| c.pending() as f64),
    (
        "elanus_checked_timestamp_seconds",
        "When all files had been compared with their checksums; 0 is not yet.",
        |c| c.status.checked as f64 / 1000.0,
    ),
    ("elanus_collection_damaged", "1 when the collection's files are damaged.", |c| {
        f64::from(u8::from(c.status.damaged.is_some()))
    }),
];

/// All metrics; those of collections only once the database is open.
pub(super) async fn text(db: Option<&dyn Db>, uptime: Duration) -> String {
    let alone = |name, help, value: f64| {
        let family: Family<Gauge> = Family::new(name, help, &[]);
        family.with(&[]).set(value);
        family
    };
    let ready = alone("elanus_ready", "1 when requests are served.", f64::from(u8::from(db.is_some())));
    let uptime = alone("elanus_uptime_seconds", "Time since the start.", uptime.as_secs_f64());
    let resident = alone("process_resident_memory_bytes", "Resident memory.", resident_bytes() as f64);
    let collections = match db {
        Some(db) => picture::collections(db).await,
        None => Vec::new(),
    };
    let families: Vec<Family<Gauge>> = PER_COLLECTION.iter().map(|each| of(each, &collections)).collect();
    let mut all: Vec<&dyn Metric> = vec![&CALLS, &DURATIONS, &ready, &uptime, &resident];
    all.extend(elanus_engine::metrics::ALL);
    all.extend(families.iter().map(|family| family as &dyn Metric));
    render(&all)
}

fn of((name, help, take): &PerCollection, collections: &[Picture]) -> Family<Gauge> {
    let family = Family::<Gauge>::new(name, help, &["database", "collection"]);
    for collection in collections {
        let labels = [collection.meta.database.as_str(), collection.meta.name.as_str()];
        family.with(&labels).set(take(collection));
    }
    family
}

/// Resident memory of this process; 0 where the system does not tell.
pub(super) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
