//! A write that cannot be applied, as a bug would have it.

use crate::calls::{self, count, create, keys, options, partition, status, target, write};
use elanus_engine::{Db, LocalDb};
use elanus_runtime::{Clock, ManualClock};
use elanus_storage::{Disk, SimDisk};
use elanus_types::{ErrorKind, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that panics when it is asked for the time once too often.
struct Fragile {
    inner: Arc<ManualClock>,
    left: AtomicI64,
}

impl Clock for Fragile {
    fn now_millis(&self) -> u64 {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            panic!("the clock fell");
        }
        self.inner.now_millis()
    }
}

#[test]
fn a_write_applied_in_part_closes_its_collection_alone_until_the_next_start() -> Result<()> {
    let mut closed = 0;
    for calls in 0..8 {
        let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
        let clock = Arc::new(Fragile { inner: calls::clock(), left: AtomicI64::new(i64::MAX) });
        let db = LocalDb::open_on(Arc::clone(&disk), Arc::clone(&clock) as Arc<dyn Clock>, options())?;
        for name in ["a", "b"] {
            create(&db, name, &[])?;
            partition(&db, name, "p")?;
            write(&db, name, None, calls::UPSERT, &[1, 2], "old")?;
        }
        // Moves row 1: the old row goes first, then a segment for the new one is made, which asks for the time.
        clock.left.store(calls, Ordering::SeqCst);
        let moved = write(&db, "a", Some("p"), calls::UPSERT, &[1, 3], "new");
        clock.left.store(i64::MAX, Ordering::SeqCst);
        if let Err(error) = keys(&db, "a", None, "") {
            closed += 1;
            assert_eq!(error.kind(), ErrorKind::Internal);
            assert!(error.message().contains("restart the server"), "{error:?}");
            assert!(moved.is_err());
            for outcome in [
                write(&db, "a", None, calls::UPSERT, &[9], "new"),
                calls::delete(&db, "a", "id == 2").map(|_| ()),
                calls::search(&db, "a", 1, 1).map(|_| ()),
                calls::run(db.flush(&target("a"))).map(|_| ()),
            ] {
                let error = outcome.expect_err("closed");
                assert!(error.message().contains("restart the server"), "{error:?}");
            }
            assert!(status(&db, "a")?.damaged.is_some());
        }
        write(&db, "b", None, calls::UPSERT, &[4], "new")?;
        db.maintain()?;
        assert_eq!(keys(&db, "b", None, "")?, [1, 2, 4], "others go on");
        drop(db);
        let db = calls::open(&disk, &clock.inner, options())?;
        let rows = (keys(&db, "a", None, "")?, keys(&db, "a", Some("p"), "")?);
        let whole = (vec![1, 2, 3], vec![1, 3]);
        let nothing = (vec![1, 2], vec![]);
        assert!(rows == whole || (rows == nothing && moved.is_err()), "{calls}: {moved:?} {rows:?}");
        assert_eq!(count(&db, "b")?, 3);
    }
    assert!(closed > 0, "no panic fell into the application of a record");
    Ok(())
}
