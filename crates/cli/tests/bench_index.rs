//! `elanus bench index` as its users run it.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("elanus-cli-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Rows of four bytes each as .bvecs.
fn saved(name: &str, rows: u32) -> String {
    let path = folder().join(name);
    let row =
        |row: u32| [vec![4, 0, 0, 0], (row.wrapping_mul(2_654_435_761)).to_le_bytes().to_vec()].concat();
    std::fs::write(&path, (0..rows).flat_map(row).collect::<Vec<_>>()).expect("writes");
    path.display().to_string()
}

fn bench(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elanus"));
    command
        .args(["bench", "index", "--metric", "l2", "--seconds", "0"])
        .args(arguments)
        .output()
        .expect("runs")
}

#[test]
fn a_sweep_prints_a_table_and_writes_json_and_svg() {
    let (base, queries) = (saved("base.bvecs", 2_000), saved("queries.bvecs", 20));
    let (json, svg) = (folder().join("out.json"), folder().join("out.svg"));
    let (json, svg) = (json.display().to_string(), svg.display().to_string());
    let files = ["--base", &base, "--queries", &queries, "--json", &json, "--svg", &svg];
    let kinds =
        ["--kinds", "AUTOINDEX,HNSW:M=8,efConstruction=40;IVF_FLAT:nlist=16", "--threads", "1", "-k", "5"];
    let output = bench(&[files.as_slice(), &kinds, &["--targets", ".9,.97"]].concat());
    let (table, lines) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{lines}");
    assert!(table.contains("base.bvecs: 2000 x 4 f32") && table.contains("nprobe  recall"), "{table}");
    assert!(lines.contains("HNSW M=8 efConstruction=40: built in"), "{lines}");
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(&json).expect("written")).expect("JSON");
    let labels: Vec<_> =
        report["kinds"].as_array().expect("kinds").iter().map(|kind| &kind["label"]).collect();
    assert_eq!(labels, ["AUTOINDEX", "HNSW M=8 efConstruction=40", "IVF_FLAT nlist=16"]);
    let targets = report["kinds"][1]["curves"][0]["targets"].as_array().expect("targets");
    let aimed: Vec<_> = targets.iter().map(|point| &point["recall_target"]).collect();
    assert_eq!(aimed, [0.9, 0.97]);
    assert!(table.contains("\n   target  recall") && table.contains("\n     0.97  "), "{table}");
    assert!(std::fs::read_to_string(&svg).expect("written").ends_with("</svg>\n"));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let (base, queries) = (saved("some.bvecs", 200), saved("asked.bvecs", 5));
    let cut = folder().join("cut.npy").display().to_string();
    std::fs::write(&cut, b"\x93NUMPY\x02\x00\xff\xff\xff\xffxx").expect("writes");
    for (arguments, text) in [
        (["--base", &cut, "--queries", &queries], "error: ".to_owned() + &cut + ": not an .npy file"),
        (["--base", "none.npy", "--queries", &queries], "none.npy".to_owned()),
        (
            ["--base", &base, "--queries", &base.replace(".bvecs", ".txt")],
            "expected vectors in a file".to_owned(),
        ),
    ] {
        let output = bench(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(&text), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
    let output = bench(&["--base", &base, "--queries", &queries, "--targets", ".9,2"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("'recall_target' (2.000000) should be in range")
    );
    let output = bench(&["--base", &base, "--queries", &queries, "--kinds", "FLAT", "--targets", ""]);
    assert!(output.status.success(), "no target is legal: {}", String::from_utf8_lossy(&output.stderr));
    let output = bench(&["--base", &base, "--queries", &queries, "--kinds", "HNSW:m"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected KIND:NAME=VALUE"));
}
