//! Collections whose files cannot be opened, for a while.

use crate::calls::{UPSERT, clock, count, create, insert, keys, open, options, target, write};
use crate::disk::GateDisk;
use elanus_engine::{Db, LocalDb};
use elanus_storage::{Disk, SimDisk};
use elanus_types::{ErrorKind, Result};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Two collections whose rows are all in files. They are large, so that nothing is left in the log.
fn two_sealed(db: &LocalDb) -> Result<()> {
    for name in ["a", "b"] {
        create(db, name, &[])?;
    }
    for key in 1..=20 {
        for name in ["a", "b"] {
            write(db, name, None, UPSERT, &[(key % 3) + 1], &"long ".repeat(12_000))?;
        }
    }
    db.maintain()
}

fn folder_of(db: &LocalDb, name: &str) -> Result<String> {
    Ok(format!("collections/{}/", db.catalog().resolve(&target(name))?.id))
}

#[test]
fn trouble_that_passes_is_tried_again() -> Result<()> {
    let (gate, clock) = (GateDisk::new(), clock());
    let disk: Arc<dyn Disk> = gate.clone();
    two_sealed(&*open(&disk, &clock, options())?)?;
    let db = open(&disk, &clock, options())?;
    let folder = folder_of(&db, "a")?;
    for kind in [ErrorKind::Io, ErrorKind::DiskFull] {
        gate.fail_below(&folder, kind);
        assert_eq!(count(&db, "a").expect_err("cannot be opened").kind(), kind);
        assert_eq!(count(&db, "b")?, 3);
    }
    gate.open_gate();
    assert_eq!(count(&db, "a")?, 3);
    Ok(())
}

#[test]
fn damage_keeps_its_name() -> Result<()> {
    let (gate, clock) = (GateDisk::new(), clock());
    let disk: Arc<dyn Disk> = gate.clone();
    two_sealed(&*open(&disk, &clock, options())?)?;
    let db = open(&disk, &clock, options())?;
    gate.fail_below(&folder_of(&db, "a")?, ErrorKind::Damaged);
    assert_eq!(count(&db, "a").expect_err("damaged").kind(), ErrorKind::Damaged);
    gate.open_gate();
    let error = count(&db, "a").expect_err("still damaged");
    assert_eq!((error.kind(), count(&db, "b")?), (ErrorKind::Damaged, 3));
    assert!(error.message().contains("collection a cannot be opened"), "{error:?}");
    Ok(())
}

#[test]
fn rows_in_the_log_wait_for_a_collection_that_could_not_be_opened_at_the_start() -> Result<()> {
    let (mut late, mut pass) = (0, 0);
    for after in (0..120).step_by(3) {
        let (sim, clock) = (SimDisk::new(after), clock());
        let disk: Arc<dyn Disk> = Arc::new(sim.clone());
        {
            let db = open(&disk, &clock, options())?;
            two_sealed(&db)?;
            insert(&db, "a", &[3, 4])?;
            assert_eq!(crate::calls::delete(&db, "a", "id == 1")?, 1);
            insert(&db, "b", &[5])?;
        }
        sim.fail_after(after, ErrorKind::Io);
        let opened = open(&disk, &clock, options());
        sim.heal();
        let Ok(db) = opened else { continue };
        pass += 1;
        assert_eq!(keys(&db, "a", None, "")?, [2, 3, 4], "failure after {after}");
        assert_eq!(keys(&db, "b", None, "")?, [1, 2, 3, 5], "failure after {after}");
        insert(&db, "a", &[6])?;
        db.maintain()?;
        drop(db);
        let db = open(&disk, &clock, options())?;
        assert_eq!(keys(&db, "a", None, "")?, [2, 3, 4, 6], "failure after {after}, next start");
        late += 1;
    }
    assert!(pass > 10 && late == pass, "the failure never hit a collection's files");
    Ok(())
}

#[test]
fn one_slow_opening_holds_up_nobody_else() -> Result<()> {
    let (gate, clock) = (GateDisk::new(), clock());
    let disk: Arc<dyn Disk> = gate.clone();
    two_sealed(&*open(&disk, &clock, options())?)?;
    let db = open(&disk, &clock, options())?;
    gate.wait_below(&folder_of(&db, "a")?);
    let (sender, counts) = mpsc::channel();
    let ask = |name: &'static str| {
        let (db, sender) = (Arc::clone(&db), sender.clone());
        std::thread::spawn(move || sender.send((name, count(&db, name))))
    };
    let first = ask("a");
    // Gives the first one time to get stuck; without it the test would pass where it should fail, never the reverse.
    std::thread::sleep(Duration::from_millis(50));
    let second = ask("b");
    let answer = counts.recv_timeout(Duration::from_secs(60));
    gate.open_gate();
    assert_eq!(answer, Ok(("b", Ok(3))));
    assert_eq!(counts.recv_timeout(Duration::from_secs(60)), Ok(("a", Ok(3))));
    for thread in [first, second] {
        thread.join().expect("no panic").expect("somebody listens");
    }
    Ok(())
}
