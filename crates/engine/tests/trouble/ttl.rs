//! Rows that outlive `collection.ttl.seconds`.

use crate::calls::{
    PARTIAL, UPSERT, clock, count, create, delete, field, index, insert, integers, keys, open, options,
    query, run, search, send, status, target, write,
};
use elanus_engine::{CatalogChange, Db, DuplicateKey, LocalDb, Options};
use elanus_runtime::ManualClock;
use elanus_storage::{Disk, SimDisk};
use elanus_types::Result;
use elanus_types::input::{FilterText, InputData};
use elanus_types::query::{OrderBy, QueryRequest};
use std::sync::Arc;

const SECOND: u64 = 1000;

type Database = (Arc<dyn Disk>, Arc<ManualClock>, Arc<LocalDb>);

fn database(options: Options) -> Result<Database> {
    let (disk, clock): (Arc<dyn Disk>, _) = (Arc::new(SimDisk::new(1)), clock());
    let db = open(&disk, &clock, options)?;
    create(&db, "a", &[("collection.ttl.seconds", "60")])?;
    index(&db, "a")?;
    Ok((disk, clock, db))
}

#[test]
fn nobody_sees_a_row_after_its_time() -> Result<()> {
    for sealed in [false, true] {
        let (_, clock, db) = database(options())?;
        insert(&db, "a", &[1, 2, 3])?;
        clock.advance(40 * SECOND);
        insert(&db, "a", &[4])?;
        write(&db, "a", None, UPSERT, &[3], "again")?;
        if sealed {
            run(db.flush(&target("a")))?;
        }
        clock.advance(20 * SECOND);
        assert_eq!(keys(&db, "a", None, "")?, [1, 2, 3, 4], "not older than 60 seconds");
        clock.advance(SECOND);
        assert_eq!(keys(&db, "a", None, "")?, [3, 4], "sealed: {sealed}");
        assert_eq!(count(&db, "a")?, 2);
        assert_eq!(status(&db, "a")?.rows, 2);
        assert_eq!(integers(&search(&db, "a", 1, 4)?.ids), [3, 4]);
        assert_eq!(delete(&db, "a", "number > 0")?, 2, "expired rows are not there to be deleted");
        assert_eq!(count(&db, "a")?, 0);
    }
    Ok(())
}

#[test]
fn what_expired_is_neither_ordered_nor_added_up() -> Result<()> {
    for sealed in [false, true] {
        let (_, clock, db) = database(options())?;
        insert(&db, "a", &[1, 2, 13])?;
        let begin = query(&db, "a", None, "id >= 0", &["id"])?.session_timestamp.0;
        clock.advance(40 * SECOND);
        insert(&db, "a", &[3, 4])?;
        if sealed {
            run(db.flush(&target("a")))?;
        }
        let asked = |pinned| QueryRequest {
            filter: FilterText::new("id >= 0"),
            group_by: vec!["number".into()],
            output_fields: vec!["sum(id)".into()],
            iterator: pinned,
            guarantee_timestamp: begin,
            ..QueryRequest::new(target("a"))
        };
        let sums = |pinned| run(db.query(asked(pinned))).map(|found| integers(&found.fields[0].column));
        assert_eq!(sums(false)?, [1, 2, 16, 4], "sealed: {sealed}");
        assert_eq!(sums(true)?, [1, 2, 13], "as it was before the last insert");
        clock.advance(21 * SECOND);
        assert_eq!(sums(false)?, [3, 4]);
        let order_by = vec![OrderBy::new("number", true)];
        let ordered = QueryRequest {
            order_by,
            limit: Some(9),
            group_by: vec![],
            output_fields: vec![],
            ..asked(false)
        };
        assert_eq!(integers(&run(db.query(ordered))?.fields[0].column), [4, 3]);
    }
    Ok(())
}

#[test]
fn an_iterator_does_not_bring_back_what_was_replaced_and_expired() -> Result<()> {
    let (_, clock, db) = database(options())?;
    insert(&db, "a", &[1, 2])?;
    let begin = query(&db, "a", None, "id >= 0", &["id"])?.session_timestamp.0;
    clock.advance(SECOND);
    write(&db, "a", None, UPSERT, &[1], "again")?;
    let page = QueryRequest {
        filter: FilterText::new("id >= 0"),
        output_fields: vec!["id".to_owned()],
        limit: Some(10),
        iterator: true,
        guarantee_timestamp: begin,
        ..QueryRequest::new(target("a"))
    };
    for (after, expected) in [(0, 2), (62 * SECOND, 0)] {
        clock.advance(after);
        let found = run(db.query(page.clone()))?;
        assert_eq!(found.fields[0].column.len(), expected, "{after} ms later");
    }
    Ok(())
}

#[test]
fn an_expired_key_is_free() -> Result<()> {
    let (_, clock, db) = database(Options { duplicate_key: DuplicateKey::Reject, ..options() })?;
    insert(&db, "a", &[1])?;
    insert(&db, "a", &[1]).expect_err("it is there");
    clock.advance(61 * SECOND);
    let fields = vec![field("id", InputData::Long(vec![1])), field("number", InputData::Long(vec![9]))];
    let error = send(&db, "a", None, PARTIAL, fields, 1).expect_err("there is no vector to keep");
    assert!(error.message().contains("vector"), "{error:?}");
    insert(&db, "a", &[1])?;
    assert_eq!(count(&db, "a")?, 1);
    Ok(())
}

#[test]
fn merging_removes_expired_rows_for_good() -> Result<()> {
    let (disk, clock, db) = database(options())?;
    insert(&db, "a", &[1, 2, 3])?;
    db.maintain()?;
    clock.advance(61 * SECOND);
    insert(&db, "a", &[4])?;
    db.maintain()?;
    let stored: u64 = status(&db, "a")?.segments.iter().map(|segment| segment.rows).sum();
    assert_eq!(stored, 1, "three rows went");
    drop(db);
    let db = open(&disk, &clock, options())?;
    assert_eq!(keys(&db, "a", None, "")?, [4]);
    clock.advance(61 * SECOND);
    db.maintain()?;
    assert_eq!(status(&db, "a")?.segments.len(), 0, "a segment of expired rows goes as a whole");
    Ok(())
}

#[test]
fn without_the_property_rows_stay() -> Result<()> {
    let (_, clock, db) = database(options())?;
    insert(&db, "a", &[1])?;
    clock.advance(61 * SECOND);
    assert_eq!(count(&db, "a")?, 0);
    let remove = vec!["collection.ttl.seconds".to_owned()];
    run(db.alter(CatalogChange::AlterCollection { target: target("a"), set: Default::default(), remove }))?;
    assert_eq!(count(&db, "a")?, 1, "no merge came yet");
    Ok(())
}
