//! Rows in memory stay within their budget, over all collections.

use crate::calls::{UPSERT, clock, count, create, insert, open, options, status, write};
use crate::disk::GateDisk;
use elanus_engine::{LocalDb, Options};
use elanus_storage::{Disk, SimDisk};
use elanus_types::{ErrorKind, Result};
use std::sync::Arc;

const BUDGET: usize = 400_000;
/// A text that makes a row of about 50 kB.
const TEXT: usize = 10_000;

fn small() -> Options {
    Options { growing_memory: BUDGET, ..options() }
}

fn fill(db: &LocalDb, name: &str, key: i64) -> Result<()> {
    write(db, name, None, UPSERT, &[key], &"text ".repeat(TEXT))
}

/// Bytes that all collections hold in memory, and whether each has files.
fn held(db: &LocalDb, names: &[&str]) -> Result<(u64, Vec<bool>)> {
    let (mut bytes, mut sealed) = (0, Vec::new());
    for name in names {
        let segments = status(db, name)?.segments;
        bytes += segments.iter().filter(|segment| !segment.sealed).map(|s| s.memory_bytes).sum::<u64>();
        sealed.push(segments.iter().any(|segment| segment.sealed));
    }
    Ok((bytes, sealed))
}

#[test]
fn the_largest_collections_are_sealed_when_all_together_are_too_large() -> Result<()> {
    let (disk, clock): (Arc<dyn Disk>, _) = (Arc::new(SimDisk::new(1)), clock());
    let names = ["a", "b", "c", "d"];
    {
        let db = open(&disk, &clock, small())?;
        for name in names {
            create(&db, name, &[])?;
            fill(&db, name, 0)?;
        }
        for key in 1..5 {
            fill(&db, "b", key)?;
        }
        assert_eq!(held(&db, &names)?.1, [false, true, false, false], "only the largest had to go");
        for key in 10..30 {
            fill(&db, names[key as usize % 4], key)?;
            let (bytes, _) = held(&db, &names)?;
            assert!(bytes <= BUDGET as u64, "{bytes} bytes after row {key}");
        }
        let most = 100_000 / TEXT as i64;
        write(&db, "a", None, UPSERT, &(100..100 + most).collect::<Vec<_>>(), &"text ".repeat(TEXT))?;
        assert_eq!(count(&db, "a")?, 1 + 5 + most, "a write larger than the budget passes alone");
    }
    // What the log brings back is kept within the budget, too.
    let db = open(&disk, &clock, small())?;
    assert!(held(&db, &names)?.0 <= BUDGET as u64);
    assert_eq!((count(&db, "a")?, count(&db, "b")?, count(&db, "d")?), (16, 10, 6));
    Ok(())
}

#[test]
fn writes_are_refused_while_no_room_can_be_made() -> Result<()> {
    let (gate, clock) = (GateDisk::new(), clock());
    let disk: Arc<dyn Disk> = gate.clone();
    let db = open(&disk, &clock, small())?;
    create(&db, "a", &[])?;
    create(&db, "b", &[])?;
    insert(&db, "a", &[0])?;
    insert(&db, "b", &[1])?;
    gate.fail_below("collections/", ErrorKind::DiskFull);
    let refused = (0..20).map(|key| fill(&db, "a", key)).take_while(Result::is_ok).count() as i64;
    assert!((2..20).contains(&refused), "row {refused} is refused");
    let error = insert(&db, "b", &[2]).and_then(|()| fill(&db, "a", 99)).expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::DiskFull);
    assert!(error.message().contains("to make room in memory"), "{error:?}");
    assert_eq!(count(&db, "a")?, refused, "reads go on");
    gate.open_gate();
    fill(&db, "a", 99)?;
    assert_eq!(count(&db, "a")?, refused + 1);
    Ok(())
}
