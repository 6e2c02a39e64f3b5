use super::*;
use crate::testing::TempDir;

#[test]
fn a_second_process_is_told_who_has_the_folder() {
    let root = TempDir::new();
    let disk = LocalDisk::open(root.path()).expect("folder");
    let lock = disk.lock().expect("free");
    let error = disk.lock().expect_err("taken");
    assert!(error.message().contains("is in use by another elanus"), "{error}");
    assert!(error.message().contains(&format!("process {}", std::process::id())), "{error}");
    drop(lock);
    assert!(disk.lock().is_ok());
}

#[test]
fn paths_cannot_leave_the_root() {
    let root = TempDir::new();
    let disk = LocalDisk::open(root.path()).expect("folder");
    for path in ["../x", "/etc/x", "a//b", "a/./b", "a\\b", "c:x", "a/"] {
        assert!(disk.create(path).is_err(), "{path}");
    }
}
