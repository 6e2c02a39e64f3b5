//! Length of files and where `unsafe` may live.

use std::path::{Path, PathBuf};

/// No file is longer, tests and comments included.
const LONGEST: usize = 1_000;
/// Half of the files with code are no longer than this, trailing test modules left out.
const MEDIAN: usize = 150;
/// Folders of sources.
const FOLDERS: &[&str] = &["crates", "xtask", "tests", "samples"];
/// Crates that may switch the lint against `unsafe` off.
const UNSAFE: &[&str] = &["crates/kernels/", "crates/storage/", "crates/python/", "xtask/src/tree/files.rs"];

/// One source file.
pub(super) struct Source {
    path: String,
    text: String,
}

/// Every hand-written source of the repository.
pub(super) fn sources(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect(root, &root.join(folder), &mut sources);
    }
    sources
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(root, &path, sources);
        } else if name.ends_with(".rs") || name.ends_with(".py") {
            let text = std::fs::read_to_string(&path).expect("sources are readable UTF-8");
            let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            sources.push(Source { path, text });
        }
    }
}

/// Every file that breaks a rule.
pub(super) fn complaints(sources: &[Source]) -> Vec<String> {
    let mut complaints: Vec<String> = sources.iter().filter_map(too_long).collect();
    complaints.extend(sources.iter().filter_map(wrong_unsafe));
    complaints.extend(median(sources));
    complaints
}

fn too_long(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > LONGEST).then(|| format!("{}: {lines} lines, the limit is {LONGEST}: split it", source.path))
}

fn wrong_unsafe(source: &Source) -> Option<String> {
    let switched = source.text.contains("allow(unsafe_code)") || source.text.contains("expect(unsafe_code)");
    let allowed = UNSAFE.iter().any(|prefix| source.path.starts_with(prefix));
    (switched && !allowed).then(|| format!("{}: unsafe code belongs into kernels or storage", source.path))
}

fn median(sources: &[Source]) -> Option<String> {
    let mut lengths: Vec<usize> = sources.iter().filter_map(code_lines).collect();
    lengths.sort_unstable();
    let median = *lengths.get(lengths.len() / 2)?;
    (median > MEDIAN).then(|| format!("the median file has {median} lines of code, the limit is {MEDIAN}"))
}

/// Lines before the trailing test module; `None` for files of tests.
fn code_lines(source: &Source) -> Option<usize> {
    let is_test = source.path.ends_with("tests.rs") || source.path.contains("/tests/");
    let lines = source.text.lines().take_while(|line| *line != "mod tests {").count();
    (source.path.ends_with(".rs") && !is_test).then_some(lines)
}

#[test]
fn long_files_are_named() {
    let source = |path: &str, lines: usize| Source { path: path.into(), text: "x\n".repeat(lines) };
    assert!(complaints(&[source("a.rs", 150), source("b.rs", 1000), source("c.rs", 3)]).is_empty());
    assert_eq!(complaints(&[source("a.rs", 1001)]).len(), 2);
    let switch = Source { path: "crates/cli/src/main.rs".into(), text: "#![allow(unsafe_code)]".into() };
    assert_eq!(complaints(&[switch]).len(), 1);
}
