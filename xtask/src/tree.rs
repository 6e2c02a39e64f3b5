//! Checks of the tree: which crate may use which, and how long a file may be.
//!
//! Rules are data at the top of their section; the tests below run them over this very workspace.

mod arrows;
mod files;

use std::path::Path;

/// The repository's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Fails with every complaint on a line of its own.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn crates_use_only_crates_above_them() {
    none(&arrows::complaints(&arrows::workspace()));
}

#[test]
fn files_stay_short() {
    none(&files::complaints(&files::sources(root())));
}
