//! Bits that flip in files: noticed, named, and nobody else's trouble.

use crate::calls::{
    UPSERT, clock, count, create, delete, insert, keys, open, options, search, status, target, write,
};
use elanus_engine::{CatalogChange, Db, LocalDb, NewIndex, Options, Policy};
use elanus_runtime::ManualClock;
use elanus_storage::{Disk, SimDisk};
use elanus_types::{Error, ErrorKind, Result};
use std::sync::Arc;

/// A folder with two collections in it whose rows, deletes and indexes are all in files.
struct Fixture {
    sim: SimDisk,
    disk: Arc<dyn Disk>,
    clock: Arc<ManualClock>,
    /// Folder of the collection `a`.
    folder: String,
}

const LEFT: [i64; 7] = [2, 3, 4, 5, 6, 7, 8];

fn settings() -> Options {
    Options { policy: Policy { index_min_rows: 1, ..Policy::default() }, ..options() }
}

impl Fixture {
    fn new() -> Result<Self> {
        let sim = SimDisk::new(1);
        let (disk, clock): (Arc<dyn Disk>, _) = (Arc::new(sim.clone()), clock());
        let db = open(&disk, &clock, settings())?;
        for name in ["a", "b"] {
            create(&db, name, &[])?;
            let params = [("index_type", "HNSW"), ("metric_type", "L2")];
            let params = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            crate::calls::run(db.alter(CatalogChange::CreateIndex(NewIndex {
                target: target(name),
                field: "vector".into(),
                name: String::new(),
                params,
                user_params: Vec::new(),
            })))?;
            insert(&db, name, &[1, 2, 3, 4, 5, 6, 7, 8])?;
        }
        db.maintain()?;
        for name in ["a", "b"] {
            delete(&db, name, "id == 1")?;
        }
        db.maintain()?;
        let id = db.catalog().resolve(&target("a"))?.id;
        Ok(Self { sim, disk, clock, folder: format!("collections/{id}/") })
    }

    fn open(&self) -> Result<Arc<LocalDb>> {
        open(&self.disk, &self.clock, settings())
    }

    /// Files of segments of `a`, with their lengths.
    fn files(&self) -> Vec<(String, u64)> {
        let mut files = self.sim.files();
        files.retain(|(path, _)| path.starts_with(&self.folder) && !path.contains("manifest"));
        files.retain(|(path, _)| path.trim_start_matches(&self.folder).contains('/'));
        files
    }

    fn flip(&self, path: &str, offset: u64) {
        self.sim.flip(path, offset, 1 << (offset % 8)).expect("a file to flip a bit of");
    }
}

/// What every call on `a` answers from now on.
fn refusal(db: &LocalDb) -> Error {
    let error = keys(db, "a", None, "").expect_err("closed");
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    assert!(error.message().contains("collection a ") && error.message().contains("one backup"), "{error}");
    for outcome in [
        insert(db, "a", &[9]),
        delete(db, "a", "id == 2").map(|_| ()),
        search(db, "a", 1, 1).map(|_| ()),
        crate::calls::run(db.flush(&target("a"))).map(|_| ()),
    ] {
        assert_eq!(outcome, Err(error.clone()));
    }
    assert_eq!(status(db, "a").expect("status").damaged, Some(error.to_string()));
    error
}

fn is_whole(db: &LocalDb, name: &str, at: &str) {
    assert_eq!(keys(db, name, None, ""), Ok(LEFT.to_vec()), "{name} {at}");
    let hits = search(db, name, 3, 3).expect(at);
    assert_eq!(hits.topks, [3], "{name} {at}");
}

/// Offsets all over a file: its first and last bytes and some between.
fn offsets(len: u64) -> Vec<u64> {
    let mut random = fastrand::Rng::with_seed(len);
    let mut offsets: Vec<u64> = (0..6).map(|_| random.u64(..len)).collect();
    offsets.extend([0, 9, len / 2, len - 1]);
    offsets
}

#[test]
fn a_check_finds_every_flipped_bit_and_closes_or_repairs_the_collection_alone() -> Result<()> {
    let (mut closed, mut repaired) = (0, 0);
    for (number, (path, len)) in Fixture::new()?.files().iter().enumerate() {
        for offset in offsets(*len) {
            let fixture = Fixture::new()?;
            let at = format!("{path} byte {offset}");
            assert_eq!(&fixture.files()[number], &(path.clone(), *len), "the same folder each time");
            let db = fixture.open()?;
            is_whole(&db, "a", &at);
            assert_eq!(db.scrub(), Ok(0), "{at}");
            fixture.flip(path, offset);
            assert_eq!(db.scrub(), Ok(1), "{at}");
            is_whole(&db, "b", &at);
            if path.contains("deletes") || path.contains("index") {
                repaired += 1;
                is_whole(&db, "a", &at);
                db.maintain()?;
                assert_eq!(db.scrub(), Ok(0), "{at}");
                assert_eq!(status(&db, "a")?.indexes[0].pending_rows, 0, "{at}");
                drop(db);
                is_whole(&*fixture.open()?, "a", &at);
                continue;
            }
            closed += 1;
            let error = refusal(&db);
            assert!(error.message().contains(path.as_str()), "{at}: {error}");
            db.maintain()?;
            insert(&db, "b", &[9])?;
            drop(db);
            let db = fixture.open()?;
            let again = refusal(&db);
            let name = path.rsplit('/').next().unwrap_or_default();
            assert!(again.message().contains(name), "{at}: {again}");
            assert_eq!(count(&db, "b"), Ok(8), "{at}");
            drop(db);
            fixture.flip(path, offset);
            is_whole(&*fixture.open()?, "a", "restored");
        }
    }
    assert!(closed >= 20 && repaired >= 20, "{closed} {repaired}");
    Ok(())
}

#[test]
fn damage_before_the_start_is_named_or_found_by_the_next_check() -> Result<()> {
    for (path, len) in Fixture::new()?.files() {
        for offset in offsets(len) {
            let fixture = Fixture::new()?;
            fixture.flip(&path, offset);
            let db = fixture.open()?;
            let at = format!("{path} byte {offset}");
            // Whatever is read before is not an accident.
            let _ = (keys(&db, "a", None, ""), search(&db, "a", 3, 3));
            let found = db.scrub()?;
            is_whole(&db, "b", &at);
            // Padding of a list of deletes holds nothing.
            if path.contains("index") || (path.contains("deletes") && found == 1) {
                is_whole(&db, "a", &at);
                db.maintain()?;
                assert_eq!(status(&db, "a")?.indexes[0].pending_rows, 0, "{at}");
            } else {
                let error = refusal(&db);
                assert!(found == 1 || error.message().contains("cannot be opened"), "{at}: {error}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_merge_never_copies_damaged_rows() -> Result<()> {
    for kind in ["scalars", "field"] {
        let fixture = Fixture::new()?;
        let (path, len) =
            fixture.files().into_iter().find(|(path, _)| path.contains(kind)).expect("a column");
        // The bodies of columns lie in the middle.
        fixture.flip(&path, len / 2);
        let db = fixture.open()?;
        if keys(&db, "a", None, "").is_err() {
            continue;
        }
        for name in ["a", "b"] {
            write(&db, name, None, UPSERT, &[20, 21, 22, 23, 24, 25, 26], "later")?;
        }
        assert_eq!(db.maintain().expect_err("a damaged source").kind(), ErrorKind::Damaged);
        let error = refusal(&db);
        assert!(error.message().contains(&path), "{error}");
        db.maintain()?;
        assert_eq!(count(&db, "b"), Ok(14));
        drop(db);
        let db = fixture.open()?;
        refusal(&db);
        drop(db);
        fixture.flip(&path, len / 2);
        assert_eq!(count(&*fixture.open()?, "a"), Ok(14), "nothing acknowledged is lost");
    }
    Ok(())
}

#[test]
fn a_damaged_or_missing_manifest_is_written_anew_while_the_collection_is_open() -> Result<()> {
    for missing in [false, true] {
        let fixture = Fixture::new()?;
        let db = fixture.open()?;
        is_whole(&db, "a", "before");
        let manifests = format!("{}manifest/", fixture.folder);
        let newest = fixture.sim.files().into_iter().rfind(|(path, _)| path.starts_with(&manifests));
        let (path, len) = newest.expect("a manifest");
        match missing {
            true => fixture.disk.remove(&path)?,
            false => fixture.flip(&path, len / 2),
        }
        assert_eq!((db.scrub()?, db.scrub()?), (1, 0));
        drop(db);
        is_whole(&*fixture.open()?, "a", "after");
    }
    Ok(())
}

#[test]
fn the_time_of_the_last_check_lasts() -> Result<()> {
    let fixture = Fixture::new()?;
    let db = fixture.open()?;
    assert_eq!(status(&db, "a")?.checked, 0);
    db.scrub()?;
    let checked = status(&db, "a")?.checked;
    assert!(checked >= 1_700_000_000_000);
    drop(db);
    assert_eq!(status(&*fixture.open()?, "a")?.checked, checked);
    Ok(())
}
