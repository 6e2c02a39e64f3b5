//! Scenarios: text files run over the wire against the built binary, under several configurations. Their format is
//! in tests/scenarios/README.md.

#![allow(missing_docs)]

mod calls;
mod columns;
mod compare;
mod configuration;
mod rows;
mod run;
mod schema;
mod script;
mod server;
mod session;
mod structs;
mod value;

use configuration::Configuration;
use run::{Scenario, run};
use std::path::{Path, PathBuf};

/// Only files whose names contain this are run.
const FILTER: &str = "SCENARIO";
/// Set to write what was answered into the files in place of what was expected.
const REWRITE: &str = "SCENARIO_REWRITE";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/scenarios")
        .canonicalize()
        .expect("the folder of scenarios is there")
}

/// All scenarios, in order of their names.
fn scenarios() -> Vec<Scenario> {
    let filter = std::env::var(FILTER).unwrap_or_default();
    let entries = std::fs::read_dir(folder()).expect("the folder of scenarios is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.retain(|path| path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains(&filter)));
    paths.sort();
    assert!(!paths.is_empty(), "no scenario is called like {filter:?}");
    paths.iter().map(|path| Scenario::read(path).expect("a scenario reads")).collect()
}

async fn check(configuration: Configuration) {
    let rewrite = configuration == Configuration::Default && std::env::var_os(REWRITE).is_some();
    let mut scenarios = scenarios();
    let broken = run(&mut scenarios, configuration).await;
    let failures: Vec<String> = scenarios.iter().flat_map(|scenario| scenario.failures()).collect();
    if rewrite {
        scenarios.iter().for_each(|scenario| scenario.rewrite().expect("scenarios can be written"));
    }
    if let Err(error) = broken {
        panic!("{error}\n{}", failures.join("\n"));
    }
    let count = scenarios.iter().map(Scenario::steps).sum::<usize>();
    assert!(failures.is_empty(), "{} of {count} steps failed\n\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn default_settings() {
    check(Configuration::Default).await;
}

#[tokio::test]
async fn tiny_segments() {
    check(Configuration::TinySegments).await;
}

#[tokio::test]
async fn restart_after_each_step() {
    check(Configuration::Restarts).await;
}

#[tokio::test]
async fn what_is_not_as_expected_fails() {
    let text = "# one that is right, four that are not\n\nhas_collection nothing\n----\nfalse\n\n\
                has_collection nothing\n----\ntrue\n\nhas_collection nothing\n----\nerror 100\n\n\
                drop_index nothing x\n\nhas_collection nothing {typo: 1}\n";
    let mut scenarios = vec![Scenario::parse(Path::new("wrong.txt"), text).expect("reads")];
    run(&mut scenarios, Configuration::Default).await.expect("runs");
    let failures = scenarios[0].failures();
    let places: Vec<&str> = failures.iter().filter_map(|failure| failure.split(' ').next()).collect();
    let expected = ["wrong.txt:7:", "wrong.txt:11:", "wrong.txt:15:", "wrong.txt:17:"];
    assert_eq!(places, expected, "{}", failures.join("\n"));
    assert!(
        failures[0].contains("expected\n    true") && failures[0].contains("got\n    false"),
        "{}",
        failures[0]
    );
}

/// Otherwise that configuration would be the default one under another name.
#[tokio::test]
async fn tiny_segments_are_sealed_and_indexed() {
    let text = "create_collection x\nid int64 primary\nv float_vector(2)\n\n\
                create_index x v {type: HNSW, metric: L2, params: {M: 8, efConstruction: 40}}\n\n\
                insert x {repeat: [1, 3]}\n{id: $i, v: [$i, 0]}\n\n\
                insert x {repeat: [4, 6]}\n{id: $i, v: [$i, 0]}\n\n\
                has_collection x\n\nhas_collection x\n\nhas_collection x\n\n\
                segments x\n----\nrows 6\n\n\
                describe_index x {rows: true}\n----\nv v Finished $params 6 0 6\n";
    let mut scenarios = vec![Scenario::parse(Path::new("tiny.txt"), text).expect("reads")];
    run(&mut scenarios, Configuration::TinySegments).await.expect("runs");
    assert!(scenarios[0].failures().is_empty(), "{}", scenarios[0].failures().join("\n"));
}
