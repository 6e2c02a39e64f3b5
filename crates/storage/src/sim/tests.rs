use super::*;
use crate::disk::Disk;
use std::collections::BTreeSet;

/// What a file may be after a crash, over many seeds.
fn outcomes(prepare: impl Fn(&SimDisk)) -> BTreeSet<Option<Vec<u8>>> {
    let outcome = |seed| {
        let disk = SimDisk::new(seed);
        prepare(&disk);
        disk.crash().read("file").ok()
    };
    (0..400).map(outcome).collect()
}

fn write(disk: &SimDisk, bytes: &[u8], sync: bool) {
    let mut file = disk.create("file").expect("create");
    file.append(&[bytes]).expect("append");
    if sync {
        file.sync().expect("sync");
    }
}

#[test]
fn only_what_was_synced_with_its_name_is_sure_to_last() {
    let bytes = vec![7_u8; 2_000];
    let sure = outcomes(|disk| {
        write(disk, &bytes, true);
        disk.sync_dir("").expect("sync");
    });
    assert_eq!(sure, BTreeSet::from([Some(bytes.clone())]));

    let nameless = outcomes(|disk| write(disk, &bytes, true));
    assert_eq!(nameless, BTreeSet::from([None, Some(bytes.clone())]));

    let unsynced = outcomes(|disk| {
        write(disk, &bytes, false);
        disk.sync_dir("").expect("sync");
    });
    for expected in [Vec::new(), bytes.clone(), vec![0; 2_000], vec![7; 512]] {
        assert!(unsynced.contains(&Some(expected.clone())), "{} bytes never seen", expected.len());
    }
    let torn = |file: &Option<Vec<u8>>| {
        file.as_ref().is_some_and(|file| file.len() == 2_000 && file[..512] == bytes[..512] && file[512] == 0)
    };
    assert!(unsynced.iter().any(torn));
}

#[test]
fn a_failed_sync_loses_bytes_even_if_the_next_one_succeeds() {
    let lost = outcomes(|disk| {
        let mut file = disk.create("file").expect("create");
        disk.sync_dir("").expect("sync");
        file.append(&[b"kept"]).expect("append");
        file.sync().expect("sync");
        disk.fail_next(Operation::Sync, ErrorKind::Io);
        file.append(&[b"lost"]).expect("append");
        file.sync().expect_err("planned");
        assert_eq!(disk.read("file").expect("from the cache"), b"keptlost");
        file.append(&[b"more"]).expect("append");
        file.sync().expect("lies");
    });
    assert!(lost.contains(&Some(b"kept\0\0\0\0more".to_vec())));
    assert!(lost.iter().flatten().all(|file| file.starts_with(b"kept") && file.ends_with(b"more")));
}

#[test]
fn a_removed_name_may_come_back_until_its_folder_is_synced() {
    for sync in [false, true] {
        let left = outcomes(|disk| {
            write(disk, b"old", true);
            disk.sync_dir("").expect("sync");
            disk.remove("file").expect("remove");
            if sync {
                disk.sync_dir("").expect("sync");
            }
        });
        assert!(left.contains(&None));
        assert_eq!(left.contains(&Some(b"old".to_vec())), !sync);
    }
}

#[test]
fn a_full_disk_takes_what_fits_and_has_space_again_later() {
    let disk = SimDisk::new(1);
    disk.set_capacity(10);
    let mut file = disk.create("file").expect("create");
    let error = file.append(&[b"12345", b"6789012"]).expect_err("full");
    assert_eq!(error.kind(), ErrorKind::DiskFull);
    assert_eq!(disk.read("file").expect("read"), b"1234567890");
    assert_eq!(disk.create("other").map(|_| ()).map_err(|error| error.kind()), Err(ErrorKind::DiskFull));
    drop(file);
    disk.remove("file").expect("removing needs no space");
    disk.sync_dir("").expect("sync");
    assert_eq!(disk.used(), 0);
    assert!(disk.create("other").is_ok());
}

#[test]
fn stops_at_the_operation_asked_for() {
    let disk = SimDisk::new(1);
    disk.stop_after(2);
    let mut file = disk.create("file").expect("first");
    file.append(&[b"x"]).expect("second");
    assert!(!disk.stopped());
    file.append(&[b"y"]).expect_err("third");
    assert!(disk.stopped() && disk.read("file").is_err());
    assert_eq!(disk.operations(), 3);
    assert!(!disk.crash().stopped());
}

#[test]
fn fails_one_operation_and_flips_bits() {
    let disk = SimDisk::new(1);
    disk.fail_after(1, ErrorKind::DiskFull);
    let mut file = disk.create("file").expect("not this one");
    let error = file.append(&[b""]).expect_err("planned");
    assert_eq!(error.kind(), ErrorKind::DiskFull);
    disk.fail_next(Operation::List, ErrorKind::Io);
    let error = disk.list("").expect_err("planned");
    assert_eq!((error.kind(), error.message()), (ErrorKind::Io, "List \"\": simulated failure"));
    disk.list("").expect("once only");
    disk.flip("file", 0, 1).expect_err("empty");
}

#[test]
fn the_same_seed_gives_the_same_disk() {
    let run = |seed| {
        let mut disk = SimDisk::new(seed);
        for round in 0..20 {
            let mut file = disk.create(&format!("{round}")).expect("create");
            file.append(&[&[round as u8; 3_000]]).expect("append");
            disk = disk.crash();
        }
        let files = disk.files();
        let bytes: Vec<_> = files.iter().map(|(path, _)| disk.read(path).expect("read")).collect();
        (files, bytes)
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}
