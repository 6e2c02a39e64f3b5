//! Rows that must be refused, stay where they are, or come page by page.

use crate::calls::{
    self, PARTIAL, UPSERT, clock, count, create, field, index, insert, integers, keys, open, options,
    partition, request, run, send, target, write,
};
use elanus_engine::{CatalogChange, Db, DuplicateKey, LocalDb, Options};
use elanus_storage::{Disk, SimDisk};
use elanus_types::input::InputData;
use elanus_types::search::{GroupBy, SearchRequest};
use elanus_types::write::InsertMode;
use elanus_types::{ErrorKind, Result};
use std::sync::Arc;

fn database(options: Options) -> Result<Arc<LocalDb>> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let db = open(&disk, &clock(), options)?;
    create(&db, "a", &[])?;
    Ok(db)
}

#[test]
fn reject_refuses_a_key_that_stands_in_one_request_twice() -> Result<()> {
    let db = database(Options { duplicate_key: DuplicateKey::Reject, ..options() })?;
    let error = insert(&db, "a", &[1, 2, 1]).expect_err("1 twice");
    assert_eq!(error.kind(), ErrorKind::InvalidParameter);
    assert!(error.message().contains("primary key 1 "), "{error:?}");
    assert_eq!(count(&db, "a")?, 0);
    insert(&db, "a", &[1, 2])?;
    insert(&db, "a", &[2, 3]).expect_err("2 exists");
    write(&db, "a", None, UPSERT, &[2, 3], "t")?;
    assert_eq!(count(&db, "a")?, 3);
    Ok(())
}

fn renumber(db: &LocalDb, partition: Option<&str>, keys: &[i64]) -> Result<()> {
    let fields = vec![
        field("id", InputData::Long(keys.to_vec())),
        field("number", InputData::Long(vec![77; keys.len()])),
    ];
    send(db, "a", partition, PARTIAL, fields, keys.len())
}

#[test]
fn a_partial_upsert_leaves_rows_in_their_partition() -> Result<()> {
    let db = database(options())?;
    partition(&db, "a", "p")?;
    partition(&db, "a", "q")?;
    write(&db, "a", Some("p"), InsertMode::Insert, &[1, 2], "t")?;
    insert(&db, "a", &[3])?;
    renumber(&db, None, &[3, 2])?;
    assert_eq!(keys(&db, "a", Some("p"), "")?, [1, 2]);
    assert_eq!(keys(&db, "a", None, "number == 77")?, [2, 3]);
    renumber(&db, Some("q"), &[1])?;
    assert_eq!(keys(&db, "a", Some("q"), "")?, [1], "the partition named counts");
    assert_eq!(count(&db, "a")?, 3);
    Ok(())
}

#[test]
fn a_partial_upsert_reads_and_so_needs_a_collection_that_is_not_released() -> Result<()> {
    let db = database(options())?;
    index(&db, "a")?;
    insert(&db, "a", &[1])?;
    run(db.alter(CatalogChange::Release { target: target("a"), partitions: Vec::new() }))?;
    let error = renumber(&db, None, &[1]).expect_err("released");
    assert_eq!(error.kind(), ErrorKind::CollectionNotLoaded);
    insert(&db, "a", &[2])
}

#[test]
fn pages_of_groups_follow_one_another() -> Result<()> {
    let db = database(options())?;
    index(&db, "a")?;
    let all: Vec<i64> = (0..100).collect();
    insert(&db, "a", &all)?;
    // `number` is the last digit: the groups in order are those of 0, 1, 2…, and their best rows 0, 10, 20…
    let page = |size, offset| -> Result<Vec<i64>> {
        let group_by = Some(GroupBy { size, strict: true, ..GroupBy::new("number") });
        let found = run(db.search(SearchRequest { group_by, offset, ..request("a", 0, 2) }))?;
        Ok(integers(&found.ids))
    };
    for (size, offset, expected) in [
        (2, 0, vec![0, 10, 1, 11]),
        (2, 2, vec![2, 12, 3, 13]),
        (2, 8, vec![8, 18, 9, 19]),
        (2, 9, vec![9, 19]),
        (1, 2, vec![2, 3]),
    ] {
        assert_eq!(page(size, offset)?, expected, "groups of {size} from {offset}");
    }
    Ok(())
}

#[test]
fn a_failed_write_does_not_hold_back_the_log() -> Result<()> {
    let (sim, clock) = (SimDisk::new(1), clock());
    let disk: Arc<dyn Disk> = Arc::new(sim.clone());
    let db = open(&disk, &clock, Options { log_file_bytes: 200_000, ..options() })?;
    for name in ["a", "b"] {
        create(&db, name, &[])?;
        insert(&db, name, &[1])?;
    }
    db.maintain()?;
    sim.fail_next(elanus_storage::sim::Operation::Sync, ErrorKind::Io);
    insert(&db, "a", &[2]).expect_err("not written");
    let log = || sim.files().iter().filter(|(path, _)| path.starts_with("wal/")).count();
    for _ in 0..80 {
        write(&db, "b", None, UPSERT, &[1], &"long ".repeat(12_000))?;
    }
    db.maintain()?;
    assert!(log() <= 2, "{} files of the log are kept", log());
    assert_eq!(calls::keys(&db, "a", None, "")?.first(), Some(&1));
    Ok(())
}
