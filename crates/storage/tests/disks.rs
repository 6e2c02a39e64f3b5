//! One suite for every implementation of [`Disk`], and random calls that must go alike on all of them.

use elanus_storage::disk::{AppendFile, Disk, Published, join};
use elanus_storage::{LocalDisk, SimDisk};
use elanus_types::{ErrorKind, Result};
use std::path::PathBuf;

/// A local disk in a folder that goes away with the value.
struct Local {
    disk: LocalDisk,
    root: PathBuf,
}

impl Local {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("elanus-disks-{}-{name}", std::process::id()));
        Self { disk: LocalDisk::open(&root).expect("folder"), root }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

fn write(disk: &dyn Disk, path: &str, parts: &[&[u8]]) -> Box<dyn AppendFile> {
    let mut file = disk.create(path).expect("create");
    file.append(parts).expect("append");
    file.sync().expect("sync");
    file
}

fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn keeps_the_contract(disk: &dyn Disk) {
    files(disk);
    folders(disk);
    publishing(disk);
    assert_eq!(kind(disk.create("a/../b")), Some(ErrorKind::Internal), "paths cannot leave the root");
}

fn files(disk: &dyn Disk) {
    disk.create_dir_all("f").expect("folder");
    let mut file = write(disk, "f/a", &[b"ab", b"", b"cde"]);
    assert_eq!((file.len(), file.is_empty()), (5, false));
    assert_eq!(disk.read("f/a").expect("read"), b"abcde");
    assert_eq!(kind(disk.create("f/a")), Some(ErrorKind::Io), "the name is taken");

    let early = disk.open("f/a").expect("open");
    let map = disk.map("f/a").expect("map");
    file.append(&[b"f"]).expect("append");
    assert_eq!(early.len(), 5);
    assert_eq!(early.read_at(1, 3).expect("read"), b"bcd");
    assert_eq!(kind(early.read_at(3, 3)), Some(ErrorKind::Damaged), "beyond what was there at opening");
    assert_eq!(kind(early.read_at(u64::MAX, 2)), Some(ErrorKind::Damaged));

    disk.remove("f/a").expect("remove");
    disk.remove("f/a").expect("fine when there is none");
    disk.remove("nowhere/a").expect("fine when there is none");
    assert_eq!(early.read_at(0, 5).expect("stays readable"), b"abcde");
    assert_eq!(&map[..], b"abcde", "stays readable");
    for missing in [kind(disk.open("f/a")), kind(disk.map("f/a")), kind(disk.read("f/a"))] {
        assert_eq!(missing, Some(ErrorKind::Io));
    }
    write(disk, "f/a", &[]);
    assert!(disk.read("f/a").expect("a new file").is_empty() && disk.map("f/a").expect("map").is_empty());
    assert_eq!(kind(disk.create("nowhere/a")), Some(ErrorKind::Io));
}

fn folders(disk: &dyn Disk) {
    disk.create_dir_all("d/e/f").expect("folders");
    disk.create_dir_all("d/e").expect("fine when it is there");
    disk.create_dir_all("").expect("the root is always there");
    write(disk, "d/z", &[b"z"]);
    write(disk, "d/e.x", &[b"x"]);
    assert_eq!(disk.list("d").expect("list"), ["e.x", "e/", "z"]);
    assert_eq!(disk.list("d/e/f").expect("list"), [""; 0]);
    assert!(disk.exists("d/e").expect("exists") && !disk.exists("d/x").expect("exists"));
    for missing in [
        kind(disk.list("g")),
        kind(disk.sync_dir("g")),
        kind(disk.create_dir_all("d/z/y")),
        kind(disk.create_dir_all("d/z")),
    ] {
        assert_eq!(missing, Some(ErrorKind::Io));
    }
    assert_eq!(kind(disk.remove("d")), Some(ErrorKind::Io), "not empty");
    disk.sync_dir("d").expect("sync");
    disk.remove_dir_all("d").expect("remove");
    disk.remove_dir_all("d").expect("fine when there is none");
    assert!(!disk.exists("d").expect("exists"));
}

fn publishing(disk: &dyn Disk) {
    disk.create_dir_all("p").expect("folder");
    let mut file = write(disk, "p/tmp", &[b"one"]);
    assert_eq!(disk.publish("p/tmp", "p/name"), Ok(Published::Created));
    assert_eq!(disk.publish("p/tmp", "p/name"), Ok(Published::Exists));
    file.append(&[b"!"]).expect("append");
    assert_eq!(disk.read("p/name").expect("the same file"), b"one!");
    disk.remove("p/tmp").expect("remove");
    assert_eq!(disk.read("p/name").expect("keeps its other name"), b"one!");
    assert_eq!(kind(disk.publish("p/tmp", "p/other")), Some(ErrorKind::Io), "gone");
    assert_eq!(kind(disk.publish("p/name", "nowhere/name")), Some(ErrorKind::Io));
}

#[test]
fn a_local_disk_keeps_the_contract() {
    keeps_the_contract(&Local::new("contract").disk);
}

#[test]
fn a_simulated_disk_keeps_the_contract() {
    keeps_the_contract(&SimDisk::new(0));
}

/// A random call; what it answered, as text that is the same on every disk.
fn call(disk: &dyn Disk, open: &mut Vec<Box<dyn AppendFile>>, random: &mut fastrand::Rng) -> String {
    let mut path = || {
        let parts: Vec<&str> = (0..random.usize(1..4)).map(|_| ["a", "b", "c"][random.usize(..3)]).collect();
        parts.join("/")
    };
    let (path, other) = (path(), path());
    let handle = random.usize(..4);
    match random.usize(..10) {
        0 => format!("{:?}", disk.create_dir_all(&path).map_err(|error| error.kind())),
        1 => match disk.create(&path) {
            Ok(file) => {
                open.push(file);
                "created".to_owned()
            }
            Err(error) => format!("{:?}", error.kind()),
        },
        2 | 3 => match open.get_mut(handle) {
            Some(file) => format!("{:?} {}", file.append(&[path.as_bytes()]), file.len()),
            None => String::new(),
        },
        4 => format!("{:?}", disk.read(&path).map_err(|error| error.kind()).ok()),
        // Folders have one name only; which error says so is not part of the contract.
        5 => format!("{:?}", disk.publish(&path, &other) == Ok(Published::Created)),
        6 => format!("{:?}", disk.list(&path).map_err(|error| error.kind())),
        7 => format!("{:?}", disk.remove(&path).map_err(|error| error.kind())),
        8 => format!("{:?}", disk.exists(&path).map_err(|error| error.kind())),
        _ => {
            open.truncate(handle);
            format!("{:?}", disk.remove_dir_all(&path).is_ok())
        }
    }
}

/// Everything below a folder.
fn tree(disk: &dyn Disk, dir: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for name in disk.list(dir).expect("list") {
        match name.strip_suffix('/') {
            Some(folder) => tree(disk, &join(dir, folder), found),
            None => {
                let path = join(dir, &name);
                let bytes = disk.read(&path).expect("read");
                found.push((path, bytes));
            }
        }
    }
}

#[test]
fn random_calls_go_alike_on_a_local_and_a_simulated_disk() {
    for seed in 0..40 {
        let local = Local::new(&format!("random-{seed}"));
        let run = |disk: &dyn Disk| {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut open, mut found) = (Vec::new(), Vec::new());
            let answers: Vec<_> = (0..150).map(|_| call(disk, &mut open, &mut random)).collect();
            tree(disk, "", &mut found);
            (answers, found)
        };
        let (real, simulated) = (run(&local.disk), run(&SimDisk::new(seed)));
        for (at, (left, right)) in real.0.iter().zip(&simulated.0).enumerate() {
            assert_eq!(left, right, "seed {seed}, call {at}");
        }
        assert_eq!(real.1, simulated.1, "seed {seed}");
    }
}
