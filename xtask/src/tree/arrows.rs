//! Dependencies between crates.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crates from the ground up: each may use only those before it.
const ORDER: &[&str] = &[
    "kernels", "types", "geotime", "runtime", "storage", "ann", "filter", "text", "segment", "engine",
    "transfer", "proto", "cluster", "server", "bench", "cli", "python", "fuzzing",
];

/// Crates that use no other crate of the workspace.
const ALONE: &[&str] = &["kernels", "geotime", "proto", "xtask"];

/// Third parties that only some crates may use, each by prefix of its name.
const HEAVY: &[(&str, &[&str])] = &[
    ("arrow-", &["storage", "segment", "transfer"]),
    ("axum", &["server"]),
    ("clap", &["cli"]),
    ("geo", &["geotime"]),
    ("indicatif", &["cli"]),
    ("jiff", &["geotime"]),
    ("memmap2", &["storage"]),
    ("object_store", &["storage"]),
    ("prost", &["proto", "cluster", "server", "bench", "fuzzing"]),
    ("pyo3", &["python"]),
    ("rayon", &["runtime"]),
    ("tantivy", &["text"]),
    ("tokio", &["engine", "transfer", "proto", "cluster", "server", "bench", "cli", "fuzzing"]),
    ("tonic", &["proto", "cluster", "server", "bench"]),
];

/// Third parties that the tests of a crate may use besides: scenarios speak the protocol to the built binary.
const TESTS: &[(&str, &[&str])] = &[("cli", &["prost", "tonic"])];

/// The workspace as cargo sees it.
pub(super) fn workspace() -> Metadata {
    MetadataCommand::new()
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata runs")
}

/// Every arrow that points the wrong way.
pub(super) fn complaints(metadata: &Metadata) -> Vec<String> {
    metadata.workspace_packages().into_iter().flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<String> {
    let user = role(&package.name);
    if user != "xtask" && !ORDER.contains(&user) {
        return vec![format!("crate {} has no place in the order of xtask/src/tree/arrows.rs", package.name)];
    }
    let arrows = package.dependencies.iter().filter(|used| {
        let for_tests = TESTS.iter().find(|(name, _)| *name == user).map_or(&[][..], |(_, used)| used);
        used.kind != DependencyKind::Development || !for_tests.contains(&used.name.as_str())
    });
    arrows.filter_map(|used| of_arrow(user, &used.name)).collect()
}

fn of_arrow(user: &str, used: &str) -> Option<String> {
    if let Some(target) = used.strip_prefix("elanus-") {
        let upward = place(target).is_some_and(|target| place(user).is_some_and(|user| target < user));
        return (ALONE.contains(&user) || !upward).then(|| format!("{user} must not use {target}"));
    }
    let (_, allowed) = HEAVY.iter().find(|(prefix, _)| used.starts_with(prefix))?;
    (!allowed.contains(&user)).then(|| format!("{user} must not use {used}: only {} may", allowed.join(", ")))
}

fn role(package: &str) -> &str {
    package.strip_prefix("elanus-").unwrap_or(package)
}

fn place(role: &str) -> Option<usize> {
    ORDER.iter().position(|name| *name == role)
}

#[test]
fn wrong_arrows_are_named() {
    assert_eq!(of_arrow("types", "elanus-kernels"), None);
    assert_eq!(of_arrow("kernels", "elanus-types").as_deref(), Some("kernels must not use types"));
    assert_eq!(of_arrow("proto", "elanus-types").as_deref(), Some("proto must not use types"));
    assert_eq!(of_arrow("segment", "serde"), None);
    assert!(of_arrow("segment", "tokio").is_some_and(|text| text.starts_with("segment must not use tokio")));
    assert!(of_arrow("storage", "elanus-utils").is_some());
}
