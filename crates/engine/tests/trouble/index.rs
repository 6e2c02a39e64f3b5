//! An index that cannot be built is told as failed, costs no answer, and is tried again when somebody asks.

use crate::calls::{clock, create, insert, keys, open, options, run, status, target};
use crate::disk::GateDisk;
use elanus_engine::{CatalogChange, Db, IndexStatus, LocalDb, NewIndex, Options, Policy};
use elanus_storage::Disk;
use elanus_types::{ErrorKind, Result};
use std::sync::Arc;

fn index(db: &LocalDb, field: &str, params: &[(&str, &str)]) -> Result<()> {
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target("a"),
        field: field.into(),
        name: field.into(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user_params: Vec::new(),
    })))
}

fn indexes(db: &LocalDb) -> Result<Vec<IndexStatus>> {
    status(db, "a").map(|status| status.indexes)
}

#[test]
fn a_failed_build_is_told_and_tried_again_when_asked() -> Result<()> {
    let gate = GateDisk::new();
    let disk = Arc::clone(&gate) as Arc<dyn Disk>;
    let policy = Policy { index_min_rows: 1, ..Policy::default() };
    let db = open(&disk, &clock(), Options { policy, ..options() })?;
    create(&db, "a", &[])?;
    insert(&db, "a", &[1, 2, 3, 4])?;
    db.maintain()?;
    index(&db, "vector", &[("index_type", "HNSW"), ("metric_type", "L2")])?;
    index(&db, "number", &[("index_type", "STL_SORT")])?;
    gate.fail_below("collections/", ErrorKind::Io);
    for _ in 0..2 {
        assert!(db.maintain().is_err(), "one build after the other fails");
    }
    for index in indexes(&db)? {
        assert_eq!((index.total_rows, index.pending_rows, index.indexed_rows), (4, 4, 0), "{index:?}");
        assert!(index.failure.contains("on purpose"), "{index:?}");
    }
    assert_eq!(keys(&db, "a", None, "number >= 0")?.len(), 4);
    gate.open_gate();
    run(db.flush(&target("a")))?;
    db.maintain()?;
    for index in indexes(&db)? {
        assert_eq!((index.pending_rows, index.failure.as_str()), (0, ""), "{index:?}");
    }
    assert!(indexes(&db)?.iter().any(|index| index.resolved.starts_with("STL_SORT: ")));
    assert_eq!(keys(&db, "a", None, "number >= 0")?.len(), 4);
    Ok(())
}
